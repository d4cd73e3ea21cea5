import type { Extension, Task, TaskOutput } from '@medplum/fhirtypes';
import { extensionsOf } from './extension.ts';

/**
 * What was said of a claim on its way, and by which file: 999 and TA1 of a set, 277CA, 277 and 277RFAI (request for
 * additional information) of the claim, 276 of our question.
 */
export type HopEvent = 'interchange' | 'TA1' | '999' | '277CA' | '276' | '277' | '277RFAI';
const events: readonly string[] = [
  'interchange',
  'TA1',
  '999',
  '277CA',
  '276',
  '277',
  '277RFAI',
] satisfies HopEvent[];

/** Who said it. `sender`: we, of what we sent. */
export type HopWhere = 'sender' | 'clearinghouse' | 'payer';
const places: readonly string[] = ['sender', 'clearinghouse', 'payer'] satisfies HopWhere[];

export type HopStatus = 'acknowledged' | 'accepted' | 'rejected';
const statuses: readonly string[] = ['acknowledged', 'accepted', 'rejected'] satisfies HopStatus[];

/** One thing that happened to a claim on its way, with the proof of it. */
export interface Hop {
  readonly event: HopEvent;
  readonly hop: HopWhere;
  readonly status?: HopStatus; // none: it says nothing of whether the claim goes on
  readonly code: string; // A, E, R of a 999 or TA1; category:status:entity of a 277; '' of what we sent
  readonly on: string; // FHIR date that the file says
  readonly control: string; // CLM01 of the round that it is about
  readonly number: string; // of the file: ISA13, with GS06 and ST02 behind it where they are known
  readonly position?: string; // of the segment in its interchange
  readonly payerNumber?: string; // the number that the payer gave to the claim
  readonly proof: string; // Binary/1: the interchange
}

/** Where the canonicals are; handed in, for datatypes know no systems. */
export interface HopTerms {
  readonly hop: string; // the extension
  readonly event: string; // the code system
}

/** The output of a Task `submission` that says so. */
export function hopOutput(hop: Hop, terms: HopTerms): TaskOutput {
  const text = (url: string, valueString: string | undefined): Extension[] =>
    valueString === undefined || valueString === '' ? [] : [{ url, valueString }];
  return {
    extension: [
      {
        url: terms.hop,
        extension: [
          { url: 'hop', valueCode: hop.hop },
          ...(hop.status === undefined ? [] : [{ url: 'status', valueCode: hop.status }]),
          ...text('code', hop.code),
          { url: 'on', valueDate: hop.on },
          ...text('control', hop.control),
          ...text('number', hop.number),
          ...text('position', hop.position),
          ...text('payerNumber', hop.payerNumber),
        ],
      },
    ],
    type: { coding: [{ system: terms.event, code: hop.event }] },
    valueReference: { reference: hop.proof },
  };
}

/** What a Task `submission` says of the way of its claim, in the order in which it was learned. */
export const hopsOf = (task: Pick<Task, 'output'> | undefined, terms: HopTerms): Hop[] =>
  (task?.output ?? []).flatMap((output) => hopOf(output, terms) ?? []);

/** Whether an output says something of the way. */
export const isHop = (output: TaskOutput, terms: HopTerms): boolean =>
  extensionsOf(output, terms.hop).length > 0;

function hopOf(output: TaskOutput, terms: HopTerms): Hop | undefined {
  const parts = extensionsOf(output, terms.hop)[0]?.extension ?? [];
  const said = (name: string): string | undefined => {
    const part = parts.find(({ url }) => url === name);
    return part?.valueString ?? part?.valueCode ?? part?.valueDate;
  };
  const event = output.type.coding?.find((c) => c.system === terms.event)?.code;
  const hop = said('hop');
  const status = said('status');
  const position = said('position');
  const payerNumber = said('payerNumber');
  if (!isOne<HopEvent>(events, event) || !isOne<HopWhere>(places, hop)) return undefined;
  return {
    event,
    hop,
    ...(isOne<HopStatus>(statuses, status) ? { status } : {}),
    code: said('code') ?? '',
    on: said('on') ?? '',
    control: said('control') ?? '',
    number: said('number') ?? '',
    ...(position === undefined ? {} : { position }),
    ...(payerNumber === undefined ? {} : { payerNumber }),
    proof: output.valueReference?.reference ?? '',
  };
}

const isOne = <T extends string>(known: readonly string[], code: string | undefined): code is T =>
  code !== undefined && known.includes(code);

/** Whether two say the same: a file that comes twice changes nothing, and a request that comes in another file neither. */
export const isSameHop = (a: Hop, b: Hop): boolean =>
  a.event === b.event &&
  a.hop === b.hop &&
  a.code === b.code &&
  a.control === b.control &&
  (a.event === '277RFAI'
    ? a.on === b.on && a.payerNumber === b.payerNumber
    : a.number === b.number && a.position === b.position);

/** Where a claim stands by what was said of one round: a rejection at any hop beats every acceptance. */
export function standingOf(hops: readonly Hop[], control: string): HopStatus | undefined {
  const said = hops.filter((hop) => hop.control === control).map(({ status }) => status);
  return (['rejected', 'accepted', 'acknowledged'] as const).find((status) => said.includes(status));
}
