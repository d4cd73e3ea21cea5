import type { AuditEvent } from '@medplum/fhirtypes';
import { hashOfEvents, progressOf } from '../../operation/audit/makeEvents.ts';
import { eventsOf } from '../../operation/audit/records.ts';
import {
  beforeFirst,
  chainHash,
  hashOfLine,
  textOfLine,
  type AuditBlock,
  type AuditHead,
  type ChainStart,
  type MadeRecord,
} from '../../store/audit.ts';
import type { Store } from '../../store/store.ts';
import { resourceOf } from '../../store/version.ts';

const blocksMax = 200;

/** What a pass over the audit finds: how many records, where each chain ends, and what is wrong. */
export interface AuditFaults {
  readonly records: number;
  readonly heads: readonly AuditHead[];
  readonly faults: readonly string[];
}

interface Found {
  records: number;
  readonly heads: AuditHead[];
  readonly faults: string[];
  readonly made: MadeRecord[];
}

/**
 * Reads every chain of records and makes its hashes anew, and holds the AuditEvents against what the chains say of them.
 * `known` are ends of chains that were noted before: a chain that was cut off behind one is found out by it.
 */
export async function auditFaults(store: Store, known: readonly AuditHead[] = []): Promise<AuditFaults> {
  const found: Found = { records: 0, heads: [], faults: [], made: [] };
  const chains = (await store.audit.chains()).map(({ chain }) => chain);
  const expected = [...known];
  for (const chain of chains) expected.push(...endsNamedBy(await store.audit.blocks({ chain, seq: 0 }, 1)));
  for (const chain of chains) {
    const ends = expected.filter((end) => end.chain === chain);
    await readChain(store, found, chain, new Map(ends.map(({ seq, hash }) => [seq, hash])));
  }
  for (const chain of new Set(expected.map((end) => end.chain)))
    if (!chains.includes(chain)) found.faults.push(`audit: chain ${chain} is missing`);
  found.faults.push(...(await eventFaults(store, found.made)));
  const { records, heads, faults } = found;
  return { records, heads, faults };
}

/** The ends of other chains that the start of a chain names. */
function endsNamedBy([first]: readonly AuditBlock[]): AuditHead[] {
  const start = parsed<ChainStart>(first?.lines[0] ?? '');
  if (start?.k !== 'start') return [];
  return start.after.map(([chain, seq, hash]) => ({ chain, seq, hash }));
}

function parsed<T>(line: string): T | undefined {
  try {
    return JSON.parse(textOfLine(line)) as T;
  } catch {
    return undefined;
  }
}

async function readChain(
  { audit }: Store,
  found: Found,
  chain: string,
  expected: ReadonlyMap<number, string>,
): Promise<void> {
  let last = beforeFirst(chain);
  let next = 0;
  for (;;) {
    const blocks = (await audit.blocks({ chain, seq: next }, blocksMax)).filter(({ seq }) => seq >= next);
    for (const { seq, lines } of blocks) {
      if (seq !== next) {
        found.faults.push(`audit: chain ${chain} lacks the records from ${next} on`);
        return;
      }
      for (const line of lines) {
        const text = textOfLine(line);
        last = chainHash(last, text);
        const isAsNoted = (expected.get(next) ?? last) === last;
        if (hashOfLine(line) !== last || !isAsNoted) {
          found.faults.push(`audit: record ${next} of chain ${chain} was changed, or one before it`);
          return;
        }
        if (text.startsWith('{"k":"made"')) {
          const made = parsed<MadeRecord>(line);
          if (made) found.made.push(made);
        }
        next += 1;
      }
    }
    if (blocks.length === 0) break;
  }
  found.records += next;
  found.heads.push({ chain, seq: next - 1, hash: last });
  for (const seq of expected.keys())
    if (seq >= next) found.faults.push(`audit: chain ${chain} ends at ${next - 1}, but had a record ${seq}`);
}

/** Holds the AuditEvents that were made against what was recorded of them. */
async function eventFaults(store: Store, made: readonly MadeRecord[]): Promise<string[]> {
  const faults: string[] = [];
  const progress = await progressOf(store);
  for (const [chain, end] of Object.entries(progress)) {
    const ofChain = made.filter(({ of }) => of === chain);
    for (let at = 0; at < end;) {
      const candidates = ofChain.filter(({ from, to }) => from === at && to <= end);
      if (candidates.length === 0) {
        const next = Math.min(end, ...ofChain.filter(({ from }) => from > at).map(({ from }) => from));
        if ((await eventsBetween(store, chain, at, next)).length > 0)
          faults.push(`audit: nothing says what AuditEvents were made of chain ${chain} from ${at} on`);
        at = next;
        continue;
      }
      const checked = await Promise.all(candidates.map((one) => isAsMade(store, one)));
      const sound = candidates.find((_, i) => checked[i]);
      if (!sound)
        faults.push(`audit: an AuditEvent of chain ${chain} from record ${at} on was changed or taken out`);
      at = (sound ?? candidates[0])?.to ?? end;
    }
  }
  return faults;
}

async function eventsBetween(store: Store, chain: string, from: number, to: number): Promise<AuditEvent[]> {
  const events: AuditEvent[] = [];
  for (let at = from; at < to;) {
    const blocks = (await store.audit.blocks({ chain, seq: at }, blocksMax)).filter(({ seq }) => seq >= at);
    if (blocks.length === 0) break;
    for (const block of blocks) {
      if (block.seq >= to) return events;
      events.push(...eventsOf(block, ''));
      at = block.seq + block.lines.length;
    }
  }
  return events;
}

async function isAsMade(store: Store, { of, from, to, h }: MadeRecord): Promise<boolean> {
  const stored: AuditEvent[] = [];
  for (const { id = '' } of await eventsBetween(store, of, from, to)) {
    const version = await store.read('AuditEvent', id);
    if (!version || version.deleted || version.version !== 1) return false;
    try {
      stored.push(resourceOf(version) as AuditEvent);
    } catch {
      return false;
    }
  }
  return hashOfEvents(stored) === h;
}
