import { endFile, envelopeWithin, newEnvelope, takeFault, takeSegment } from './envelope.ts';
import type { Fault } from './fault.ts';
import type { Guide } from './guide.ts';
import type { Loop } from './loop.ts';
import type { GroupEnd, InterchangeEnd, Part, ReadOptions, SetEnd, Unit } from './part.ts';
import type { Segment } from './segment.ts';
import { tokenizer } from './tokenize.ts';

/** Segments of one set that may be in memory at a time. */
const mostHeld = 200_000;

/** Bytes that are cut into segments before the segments are walked. */
const pieceLength = 65_536;

/**
 * Reads a file of interchanges as it comes in. Memory is bounded by one chunk and one unit, however large
 * the file. Loops above a unit go on growing after it was handed on: take what you need at once.
 */
export async function* readInterchanges(
  source: AsyncIterable<Uint8Array>,
  options: Partial<Omit<ReadOptions, 'part'>> = {},
): AsyncGenerator<Part> {
  const { push, end } = partsOf(options);
  for await (const chunk of source)
    for (let at = 0; at < chunk.length; at += pieceLength)
      for (const part of push(chunk.subarray(at, at + pieceLength))) yield part;
  for (const part of end()) yield part;
}

/** Where a set begins, as its start was read, and what it lies in. */
export interface SetPlace {
  readonly isa: Segment;
  readonly gs: Segment;
  readonly st: Segment;
  readonly offset: number;
}

/** Reads one set again: its units, then its end. `source` gives the bytes of the file from the set's offset on. */
export async function* readSet(
  source: AsyncIterable<Uint8Array>,
  { isa, gs, st, offset }: SetPlace,
): AsyncGenerator<Unit | SetEnd> {
  const { push, end } = partsOf({}, { isa, gs, position: st.position - 1, offset });
  const wanted = function* (parts: Iterable<Part>): Generator<Unit | SetEnd> {
    for (const part of parts) if (part.kind === 'unit' || part.kind === 'setEnd') yield part;
  };
  for await (const chunk of source)
    for (let at = 0; at < chunk.length; at += pieceLength)
      for (const part of wanted(push(chunk.subarray(at, at + pieceLength)))) {
        yield part;
        if (part.kind === 'setEnd') return;
      }
  yield* wanted(end());
}

/** The same for bytes that are all there. */
export function* readBytes(
  bytes: Uint8Array,
  options: Partial<Omit<ReadOptions, 'part'>> = {},
): Generator<Part> {
  const { push, end } = partsOf(options);
  for (let at = 0; at < bytes.length; at += pieceLength) yield* push(bytes.subarray(at, at + pieceLength));
  yield* end();
}

/** Reading by hand: bytes are pushed as they come, and parts are handed back as far as they are complete. */
export function partsOf(
  options: Partial<Omit<ReadOptions, 'part'>> = {},
  within?: Omit<SetPlace, 'st'> & { readonly position: number },
): {
  readonly push: (chunk: Uint8Array) => Generator<Part>;
  readonly end: () => Generator<Part>;
} {
  const found: Part[] = [];
  const tokens: (Segment | Fault)[] = [];
  const offsets: number[] = [];
  const sink = {
    segment: (segment: Segment, offset: number) => {
      tokens.push(segment);
      offsets.push(offset);
    },
    fault: (fault: Fault) => {
      tokens.push(fault);
      offsets.push(0);
    },
  };
  const how: ReadOptions = {
    whole: options.whole ?? false,
    mostHeld: options.mostHeld ?? mostHeld,
    part: (part) => found.push(part),
  };
  const cutting = tokenizer(sink, within ? { from: { ...within, delimiters: within.isa.delimiters } } : {});
  const envelope = within ? envelopeWithin(how, within.isa, within.gs) : newEnvelope(how);
  function* taken(): Generator<Part> {
    for (let n = 0; n < tokens.length; n += 1) {
      const token = tokens[n];
      if (!token) break;
      if ('elements' in token) takeSegment(envelope, token, offsets[n] ?? 0);
      else takeFault(envelope, token);
      if (found.length > 0) yield* found.splice(0);
    }
    tokens.length = 0;
    offsets.length = 0;
  }
  return {
    push: (chunk) => {
      cutting.push(chunk);
      return taken();
    },
    end: function* () {
      cutting.end();
      yield* taken();
      endFile(envelope);
      yield* found.splice(0);
    },
  };
}

/** A set that was read whole. */
export interface Transaction extends Omit<SetEnd, 'kind'> {
  readonly guide: Guide | undefined;
  readonly set: Loop;
}

export interface GroupRead extends Omit<GroupEnd, 'kind'> {
  readonly transactions: readonly Transaction[];
}

export interface InterchangeRead extends Omit<InterchangeEnd, 'kind'> {
  /** The TA1 segments that came in it. */
  readonly acknowledgements: readonly Segment[];
  readonly groups: readonly GroupRead[];
}

export interface FileRead {
  readonly interchanges: readonly InterchangeRead[];
  /** What lay outside every interchange. */
  readonly stray: readonly Fault[];
}

/** Reads a small file whole: every set as one tree of loops. */
export function readTransactions(text: string | Uint8Array): FileRead {
  const interchanges: InterchangeRead[] = [];
  const stray: Fault[] = [];
  let groups: GroupRead[] = [];
  let transactions: Transaction[] = [];
  let acknowledgements: Segment[] = [];
  const bytes = typeof text === 'string' ? Buffer.from(text, 'utf8') : text;
  for (const part of readBytes(bytes, { whole: true })) {
    switch (part.kind) {
      case 'setEnd':
        transactions.push(part);
        break;
      case 'groupEnd':
        groups.push({ ...part, transactions });
        transactions = [];
        break;
      case 'interchangeEnd':
        interchanges.push({ ...part, acknowledgements, groups });
        groups = [];
        acknowledgements = [];
        break;
      case 'acknowledgement':
        acknowledgements.push(part.segment);
        break;
      case 'stray':
        stray.push(part.fault);
        break;
      default: // starts, and units that a set read whole has not
    }
  }
  return { interchanges, stray };
}

/** Every fault of a file, in the order of their kinds: outside, interchange, group, set. */
export const faultsOf = ({ interchanges, stray }: FileRead): readonly Fault[] => [
  ...stray,
  ...interchanges.flatMap((interchange) => [
    ...interchange.faults,
    ...interchange.groups.flatMap((group) => [
      ...group.faults,
      ...group.transactions.flatMap(({ faults }) => faults),
    ]),
  ]),
];
