import type { Claim } from '@medplum/fhirtypes';
import type { Known } from '../../../datatypes/known.ts';
import type { Loop } from '../../../x12/loop.ts';
import { segment, type Segment } from '../../../x12/segment.ts';
import { claimLoop } from './claimLoop.ts';
import { addressSegments, contactSegments, providerSegment, streetOf, taxSegments } from './party.ts';
import { formOf, providerOf, type ClaimForm, type Problem, type Sending } from './sending.ts';
import { payerOf, subscriberLevel } from './subscriber.ts';
import { digits, text } from './value.ts';

/** The 837 of a form: GS08 and ST03 (billing rule 9). */
export const guideOfForm: Readonly<Record<ClaimForm, string>> = {
  professional: '005010X222A1',
  institutional: '005010X223A2',
  oral: '005010X224A2',
};

/** A side of the exchange: loops 1000A and 1000B. */
export interface Side {
  readonly name: string;
  readonly number: string; // ETIN: NM109 with qualifier 46
  readonly contact?: string;
  readonly phone?: string;
}

export interface SetHeader {
  readonly reference: string; // BHT03
  readonly date: string; // FHIR date
  readonly time: string; // HHMM
  readonly submitter: Side;
  readonly receiver: Side;
}

/** A claim to be put into a set, with everything that it refers to by Type/id. */
export interface ClaimToSend {
  readonly claim: Claim;
  readonly known: Known;
  readonly number: string; // CLM01
}

export interface ClaimSet {
  /** What stands between ST and SE: `content` of a set to be written. */
  readonly set: Loop;
  /** By claim, in their order: what the 837 cannot say of it. */
  readonly problems: readonly (readonly Problem[])[];
}

/** The set of claims of one form. Neighbours of the same billing provider share its level. */
export function claimSet(header: SetHeader, form: ClaimForm, claims: readonly ClaimToSend[]): ClaimSet {
  const problems: Problem[][] = [];
  const providers: Loop[] = [];
  let before = '';
  for (const { claim, known, number } of claims) {
    const own: Problem[] = [];
    problems.push(own);
    const sending: Sending = { claim, known, number, form, problems: own };
    const level = billingLevel(sending);
    const claimLevel = subscriberLevel(sending, claimLoop(sending), payerOf(sending));
    const key = textOf(level);
    if (key !== before) providers.push({ ...level, loops: [...level.loops] });
    before = key;
    const last = providers[providers.length - 1];
    if (last) (last.loops as Loop[]).push(claimLevel);
  }
  const set: Loop = {
    id: 'ST',
    segments: [start(header)],
    loops: [
      sideLoop('1000A', '41', header.submitter),
      sideLoop('1000B', '40', header.receiver),
      ...numbered(providers),
    ],
  };
  return { set, problems };
}

/** One claim as loop 2000A with the levels below it, numbered from 1. */
export function claimLevels(
  form: ClaimForm,
  toSend: ClaimToSend,
): { readonly loop: Loop; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const sending: Sending = { ...toSend, form, problems };
  const level = billingLevel(sending);
  const below = subscriberLevel(sending, claimLoop(sending), payerOf(sending));
  const [loop = level] = numbered([{ ...level, loops: [...level.loops, below] }]);
  return { loop, problems };
}

/** One claim as an 837 of its own; undefined where no 837 carries it (pharmacy). */
export function singleClaimSet(
  header: SetHeader,
  toSend: ClaimToSend,
): (ClaimSet & { form: ClaimForm }) | undefined {
  const form = formOf(toSend.claim);
  return form && { ...claimSet(header, form, [toSend]), form };
}

const start = ({ reference, date, time }: SetHeader): Segment =>
  segment('BHT', ['0019', '00', reference, digits(date), time, 'CH']);

function sideLoop(id: string, code: string, { name, number, contact, phone }: Side): Loop {
  const reached =
    id === '1000A' ? [segment('PER', ['IC', text(contact ?? name, 60), 'TE', digits(phone ?? '')])] : [];
  return {
    id,
    segments: [segment('NM1', [code, '2', text(name, 60), '', '', '', '', '46', number]), ...reached],
    loops: [],
  };
}

/** Loop 2000A without what lies below. A bill's address that is not the street is where to pay to (billing rule 3). */
function billingLevel({ claim, known, problems }: Sending): Loop {
  const named = providerOf(known, claim.provider);
  if (!named) {
    problems.push({ expression: 'Claim.provider', text: 'the billing provider is not known', refuses: true });
    return { id: '2000A', segments: [segment('HL', ['0', '', '20', '1'])], loops: [] };
  }
  const { provider, taxonomy } = named;
  const street = streetOf(provider.address);
  const payTo = provider.address?.find((a) => a.use === 'billing' && a !== street);
  const name = provider.resourceType === 'Organization' ? provider.name : undefined;
  const billing: Loop = {
    id: '2010AA',
    segments: [
      providerSegment('85', provider),
      ...addressSegments(street),
      ...taxSegments(provider),
      ...contactSegments(name ?? '', provider.telecom),
    ],
    loops: [],
  };
  const pay: Loop[] = payTo
    ? [{ id: '2010AB', segments: [segment('NM1', ['87', '2']), ...addressSegments(payTo)], loops: [] }]
    : [];
  return {
    id: '2000A',
    segments: [
      segment('HL', ['0', '', '20', '1']),
      ...(taxonomy === undefined ? [] : [segment('PRV', ['BI', 'PXC', taxonomy])]),
    ],
    loops: [billing, ...pay],
  };
}

const textOf = ({ segments, loops }: Loop): string =>
  [...segments.map(({ id, elements }) => [id, ...elements].join('*')), ...loops.map(textOf)].join('~');

/** HL01 and HL02 counted through the set. */
function numbered(providers: readonly Loop[]): Loop[] {
  let last = 0;
  const number = (loop: Loop, parent: string): Loop => {
    const [hl, ...rest] = loop.segments;
    if (hl?.id !== 'HL') return loop;
    last += 1;
    const own = String(last);
    const elements = [own, parent, ...hl.elements.slice(2)];
    return {
      ...loop,
      segments: [{ ...hl, elements }, ...rest],
      loops: loop.loops.map((inner) => number(inner, own)),
    };
  };
  return providers.map((provider) => number(provider, ''));
}
