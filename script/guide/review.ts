import { isLoop, type LoopUse, type SegmentUse, type Usage, type Use } from '../../src/x12/guide.ts';
import { as, inOrder, loop, unsure } from './derive.ts';
import { loopAt, segmentAt, withElement } from './shape.ts';

/** What the tables of 278 are made of: 278 004010X094A1 both ways, and the service lines of today's claims. */
export interface ReviewParts {
  readonly request: readonly Use[];
  readonly response: readonly Use[];
  /** The line loops 2400 of 837P, 837I and 837D. */
  readonly lines: readonly LoopUse[];
}

/**
 * 278 005010X217 and X215, requests and responses: no open map has them. Their levels are those that 5010 gave them (patient
 * event EV, service SS), their segments those of 4010; all of it is unsure.
 */
export function review(parts: ReviewParts, way: 'request' | 'response', purpose: string): Use[] {
  const { request, response } = parts;
  const old = way === 'request' ? request : response;
  const organization = loopAt(old, '2000A');
  const requester = loopAt(organization.content, '2000B');
  const subscriber = loopAt(requester.content, '2000C');
  const dependent = loopAt(subscriber.content, '2000D');
  const validation = way === 'response' ? [validationOf(response)] : [];
  const event = patientEvent(parts, way, validation);
  const party = (old: LoopUse, id: string, from: string): LoopUse =>
    named(loopAt(old.content, from), id, validation);
  const patient = level(dependent, '2000D', 'S', [
    ...validation,
    withAddress(party(dependent, '2010D', '2010DA'), request),
    event,
  ]);
  const member = level(subscriber, '2000C', 'R', [
    ...validation,
    withAddress(party(subscriber, '2010C', '2010CA'), request),
    event,
    patient,
  ]);
  const asking = level(requester, '2000B', 'R', [...validation, party(requester, '2010B', '2010B'), member]);
  const content = [...validation, party(organization, '2010A', '2010A'), asking];
  const start = segmentAt(old, 'BHT');
  return [
    segmentAt(old, 'ST'),
    unsure(withElement(as(start, { codes: '0007' }), 2, { codes: purpose.split(',') })),
    ...inOrder([unsure(level(organization, '2000A', 'R', content))]).map((use) => ({ ...use, position: 3 })),
    { ...segmentAt(old, 'SE'), position: 4 },
  ];
}

const validationOf = (response: readonly Use[]): SegmentUse =>
  as(segmentAt(loopAt(response, '2000A', '2000B', '2010B').content, 'AAA'), { name: 'Request Validation' });

/** A level: its HL with what 5010 puts below it. */
function level(old: LoopUse, id: string, usage: Usage, content: readonly Use[], code?: string): LoopUse {
  const hl = segmentAt(old.content, 'HL');
  const own = code === undefined ? hl : withElement(hl, 3, { codes: [code] });
  return loop(id, old.name, usage, null, [own, ...content]);
}

/** A party's loop under its new id; the response adds AAA after the contact. */
function named(old: LoopUse, id: string, validation: readonly SegmentUse[]): LoopUse {
  const content = old.content.filter((use) => use.id !== 'AAA');
  const at = content.findIndex(({ id: segment }) => segment === 'PRV' || segment === 'DMG');
  const end = at < 0 ? content.length : at;
  return {
    ...old,
    id,
    repeat: id.length > 5 ? 14 : 1,
    content: [...content.slice(0, end), ...validation, ...content.slice(end)],
  };
}

/** 5010 has the member's address and relationship, which 4010 asked of others only. */
function withAddress(party: LoopUse, request: readonly Use[]): LoopUse {
  const address = loopAt(request, '2000A', '2000B', '2010B').content;
  const relationship = segmentAt(
    loopAt(request, '2000A', '2000B', '2000C', '2000D', '2010DA').content,
    'INS',
  );
  const place = ['N3', 'N4'].map((id) => as(segmentAt(address, id), { name: `${party.name} ${id}` }));
  const front = party.content.filter(({ id }) => id === 'NM1' || id === 'REF');
  const rest = party.content.filter(({ id }) => id !== 'NM1' && id !== 'REF' && id !== 'INS');
  return {
    ...party,
    content: [...front, ...place, ...rest, withElement(relationship, 1, { codes: ['Y', 'N'] })],
  };
}

const eventDates: readonly [string, string][] = [
  ['Accident Date', '439'],
  ['Last Menstrual Period Date', '484'],
  ['Estimated Date of Birth', 'ABC'],
  ['Onset of Current Symptoms or Illness Date', '431'],
  ['Event Date', 'AAH'],
  ['Admission Date', '435'],
  ['Discharge Date', '096'],
];
const answerDates: readonly [string, string][] = [
  ['Certification Issue Date', '102'],
  ['Certification Expiration Date', '036'],
  ['Certification Effective Date', '007'],
];

function patientEvent(
  parts: ReviewParts,
  way: 'request' | 'response',
  validation: readonly SegmentUse[],
): LoopUse {
  const old = way === 'request' ? parts.request : parts.response;
  const provider = loopAt(old, '2000A', '2000B', '2000C', '2000D', '2000E');
  const service = loopAt(provider.content, '2000F');
  const { content } = service;
  const date = segmentAt(content, 'DTP');
  const dates = [...eventDates, ...(way === 'response' ? answerDates : [])];
  const diagnosis = segmentAt(loopAt(parts.request, '2000A', '2000B', '2000C').content, 'HI');
  const party = loopAt(provider.content, '2010E');
  const other = named(party, '2010EB', []);
  const condition = segmentAt(
    loopAt(parts.request, '2000A', '2000B', '2000C', '2000D', '2000E', '2000F').content,
    'CRC',
  );
  return level(
    provider,
    '2000E',
    'S',
    [
      as(segmentAt(content, 'TRN'), { name: 'Patient Event Tracking Number', usage: 'S' }),
      ...validation,
      segmentAt(content, 'UM'),
      ...(way === 'response' ? [segmentAt(content, 'HCR')] : []),
      as(segmentAt(content, 'REF'), {
        name: 'Previous Review Authorization Number',
        codes: 'BB',
        usage: 'S',
      }),
      as(segmentAt(content, 'REF'), { name: 'Administrative Reference Number', codes: 'NT', usage: 'S' }),
      ...dates.map(([name, codes]) => withElement(as(date, { name, codes }), 2, { codes: ['D8', 'RD8'] })),
      openLists(as(diagnosis, { name: 'Patient Diagnosis' })),
      segmentAt(content, 'HSD'),
      condition,
      ...['CL1', 'CR1', 'CR2', 'CR5', 'CR6', 'PWK', 'MSG'].map((id) => segmentAt(content, id)),
      eventParty(named(party, '2010EA', validation)),
      { ...eventParty(other), name: 'Patient Event Transport Information', usage: 'S', repeat: 5 },
      {
        ...eventParty({ ...other, id: '2010EC' }),
        name: 'Patient Event Other UMO Name',
        usage: 'S',
        repeat: 3,
      },
      serviceLevel(parts, service, validation, way),
    ],
    'EV',
  );
}

/** NM101 of the parties of an event: the guide's list is longer than that of 4010, so no list is given. */
function eventParty(party: LoopUse): LoopUse {
  return {
    ...party,
    content: party.content.map((use) => (!isLoop(use) && use.id === 'NM1' ? withoutCodes(use) : use)),
  };
}

/** The code lists of a composite's first component, left open: 5010 has ICD-10 beside them. */
function openLists(segment: SegmentUse): SegmentUse {
  return {
    ...segment,
    elements: segment.elements.map((element) => ({
      ...element,
      ...(element.components === undefined
        ? {}
        : { components: element.components.map(({ codes: _codes, ...rest }) => rest) }),
    })),
  };
}

function withoutCodes(segment: SegmentUse): SegmentUse {
  return {
    ...segment,
    elements: segment.elements.map((element, at) => {
      if (at !== 0) return element;
      const { codes: _codes, ...rest } = element;
      return rest;
    }),
  };
}

function serviceLevel(
  parts: ReviewParts,
  service: LoopUse,
  validation: readonly SegmentUse[],
  way: 'request' | 'response',
): LoopUse {
  const { content } = service;
  const lines = ['SV1', 'SV2', 'SV3', 'TOO'].flatMap((id) => {
    const found = parts.lines.flatMap(({ content: line }) => line).find((use) => use.id === id);
    return found === undefined || isLoop(found) ? [] : [as(found, { usage: 'S' })];
  });
  const dates: readonly [string, string][] = [
    ['Service Date', '472'],
    ...(way === 'response' ? answerDates : []),
  ];
  const old = loopAt(parts.request, '2000A', '2000B', '2000C', '2000D', '2000E', '2010E');
  return level(
    service,
    '2000F',
    'S',
    [
      as(segmentAt(content, 'TRN'), { usage: 'S' }),
      ...validation,
      as(segmentAt(content, 'UM'), { usage: 'S' }),
      ...(way === 'response' ? [segmentAt(content, 'HCR')] : []),
      as(segmentAt(content, 'REF'), {
        name: 'Previous Review Authorization Number',
        codes: 'BB',
        usage: 'S',
      }),
      as(segmentAt(content, 'REF'), { name: 'Administrative Reference Number', codes: 'NT', usage: 'S' }),
      ...dates.map(([name, codes]) =>
        withElement(as(segmentAt(content, 'DTP'), { name, codes }), 2, { codes: ['D8', 'RD8'] }),
      ),
      segmentAt(content, 'HI'),
      ...lines,
      ...['HSD', 'PWK', 'MSG'].map((id) => segmentAt(content, id)),
      eventParty({ ...named(old, '2010FA', validation), repeat: 10 }),
    ],
    'SS',
  );
}
