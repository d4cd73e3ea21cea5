import { isCount, statusOf } from './count.ts';
import { interchangeFault } from './fault.ts';
import type { Fault } from './fault.ts';
import { checkHeader } from './headerCheck.ts';
import type { ReadOptions } from './part.ts';
import { closeGroup, isNameable, openGroup } from './group.ts';
import type { OpenGroup } from './group.ts';
import { element } from './segment.ts';
import type { Segment } from './segment.ts';
import { addToSet, closeSet, openSet } from './set.ts';
import type { OpenSet } from './set.ts';

interface OpenInterchange {
  readonly header: Segment;
  readonly faults: Fault[];
  readonly groupNumbers: Set<string>;
  groups: number;
  segments: number;
}

/** What is open while segments come in: an interchange, a group in it, a set in that. */
export interface Envelope {
  readonly options: ReadOptions;
  interchange: OpenInterchange | undefined;
  group: OpenGroup | undefined;
  set: OpenSet | undefined;
  /** ISA13 with its sender, of the interchanges of this file. */
  readonly numbers: Set<string>;
}

export const newEnvelope = (options: ReadOptions): Envelope => ({
  options,
  interchange: undefined,
  group: undefined,
  set: undefined,
  numbers: new Set(),
});

/** As if an interchange and a group had just begun: what comes next is a set of theirs. */
export function envelopeWithin(options: ReadOptions, isa: Segment, gs: Segment): Envelope {
  const envelope = newEnvelope(options);
  envelope.interchange = { header: isa, faults: [], groupNumbers: new Set(), groups: 1, segments: 2 };
  envelope.group = openGroup(gs, false);
  return envelope;
}

/** Takes the next segment of the file, and at which byte it begins. */
export function takeSegment(envelope: Envelope, segment: Segment, offset: number): void {
  if (segment.id === 'ISA' && segment.position === 1) {
    openInterchange(envelope, segment);
    return;
  }
  const { interchange } = envelope;
  if (!interchange) return;
  interchange.segments += 1;
  switch (segment.id) {
    case 'GS':
      startGroup(envelope, interchange, segment);
      return;
    case 'ST':
      startSet(envelope, interchange, { header: segment, offset });
      return;
    case 'SE':
      endSet(envelope, interchange, segment);
      return;
    case 'GE':
      endGroup(envelope, interchange, segment);
      return;
    case 'IEA':
      endInterchange(envelope, segment);
      return;
    default:
      within(envelope, interchange, segment);
  }
}

/** Takes a fault the tokeniser found. */
export function takeFault({ options, interchange, set }: Envelope, fault: Fault): void {
  if (fault.level !== 'interchange' && set) set.faults.push(fault);
  else if (interchange && fault.position > 0) interchange.faults.push(fault);
  else options.part({ kind: 'stray', fault });
}

/** The file is over: what is still open lacks its trailer. */
export function endFile(envelope: Envelope): void {
  if (envelope.interchange) endInterchange(envelope, undefined);
}

function openInterchange(envelope: Envelope, header: Segment): void {
  if (envelope.interchange) endInterchange(envelope, undefined);
  const faults = [...checkHeader(header)];
  const number = [5, 6, 7, 8, 13].map((n) => element(header, n)).join('|');
  if (envelope.numbers.has(number))
    faults.push(interchangeFault('025', 'The same interchange control number came before in this file.'));
  envelope.numbers.add(number);
  envelope.interchange = { header, faults, groupNumbers: new Set(), groups: 0, segments: 1 };
  envelope.options.part({ kind: 'interchange', header });
}

function startGroup(envelope: Envelope, interchange: OpenInterchange, header: Segment): void {
  if (envelope.group) finishGroup(envelope, undefined);
  interchange.groups += 1;
  if (!isNameable(header)) {
    const at = { segmentId: 'GS', position: header.position };
    interchange.faults.push(interchangeFault('024', 'GS01, GS06 or GS08 cannot be read.', at));
  }
  const number = element(header, 6);
  envelope.group = openGroup(header, interchange.groupNumbers.has(number));
  interchange.groupNumbers.add(number);
  envelope.options.part({ kind: 'group', header });
}

function startSet(
  envelope: Envelope,
  interchange: OpenInterchange,
  { header, offset }: { readonly header: Segment; readonly offset: number },
): void {
  const { group, options } = envelope;
  if (envelope.set) finishSet(envelope, undefined);
  if (!group) {
    stray(interchange, header);
    return;
  }
  envelope.set = openSet({ header, offset }, group, options);
}

function endSet(envelope: Envelope, interchange: OpenInterchange, trailer: Segment): void {
  const { group, options } = envelope;
  if (!group) {
    stray(interchange, trailer);
    return;
  }
  envelope.set ??= openSet(noHeader, group, options);
  finishSet(envelope, trailer);
}

function endGroup(envelope: Envelope, interchange: OpenInterchange, trailer: Segment): void {
  if (envelope.group) finishGroup(envelope, trailer);
  else stray(interchange, trailer);
}

function within(envelope: Envelope, interchange: OpenInterchange, segment: Segment): void {
  const { set, group, options } = envelope;
  if (set) addToSet(set, segment);
  else if (segment.id === 'TA1' && !group) options.part({ kind: 'acknowledgement', segment });
  else if (group) {
    // the ST is damaged: what follows is a set all the same, up to its SE
    envelope.set = openSet(noHeader, group, options);
    addToSet(envelope.set, segment);
  } else stray(interchange, segment);
}

const noHeader = { header: undefined, offset: 0 };

const mostStray = 20;

function stray({ faults }: OpenInterchange, { position }: Segment): void {
  if (faults.length > mostStray) return;
  faults.push(
    interchangeFault('024', 'A segment stands outside a functional group; it was not read.', {
      segmentId: '',
      position,
      refuses: false,
    }),
  );
}

function finishSet(envelope: Envelope, trailer: Segment | undefined): void {
  const { set } = envelope;
  envelope.set = undefined;
  if (set) closeSet(set, trailer);
}

function finishGroup(envelope: Envelope, trailer: Segment | undefined): void {
  if (envelope.set) finishSet(envelope, undefined);
  const { group, options } = envelope;
  envelope.group = undefined;
  if (group) options.part(closeGroup(group, trailer));
}

function endInterchange(envelope: Envelope, trailer: Segment | undefined): void {
  if (envelope.group) finishGroup(envelope, undefined);
  const { interchange, options } = envelope;
  envelope.interchange = undefined;
  if (!interchange) return;
  const { header, faults, groups, segments } = interchange;
  const at = { segmentId: 'IEA', position: trailer?.position ?? segments };
  if (!trailer) {
    if (!faults.some(({ code }) => code === '023'))
      faults.push(interchangeFault('023', 'The interchange ends without an IEA.', at));
  } else {
    if (element(trailer, 2) !== element(header, 13))
      faults.push(interchangeFault('001', 'IEA02 is not the control number of the ISA.', at));
    if (!isCount(element(trailer, 1), groups))
      faults.push(interchangeFault('021', 'IEA01 is not the number of functional groups.', at));
  }
  options.part({ kind: 'interchangeEnd', header, trailer, status: statusOf(faults), faults, segments });
}
