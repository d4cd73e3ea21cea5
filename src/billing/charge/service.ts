import type { Quantity, Reference } from '@medplum/fhirtypes';
import type { BillingCode } from '../../datatypes/chart.ts';
import type { Drug } from './drug.ts';

/** One thing done in a visit that has a billing code: what a charge is made of. */
export interface Service {
  readonly source: string; // 'Procedure/1#A0425'
  readonly resource: string; // 'Procedure/1'
  readonly code: BillingCode;
  readonly at: string; // FHIR dateTime as charted: the order of the lines
  readonly start: string; // FHIR date in the practice's time zone
  readonly end?: string; // last day, where the service took several
  readonly count: number; // how many, where no amount is given
  readonly amount?: Quantity; // dose or distance; becomes units by the billing unit of the charge master
  readonly drug?: Drug; // the NDC that was charted beside the code
  readonly modifiers: readonly string[];
  readonly performers: readonly Reference[];
  readonly organization?: Reference; // another unit that did it
  readonly location?: string; // 'Location/1', where it differs from the visit's
  readonly reasons: readonly string[]; // ICD-10-CM with dot
}

export const uncodedReasons = [
  'no-map',
  'no-price',
  'no-units',
  'no-room',
  'no-ndc',
  'ndc-quantity',
] as const;
export type UncodedReason = (typeof uncodedReasons)[number];

/** What makes a piece of work one: its reason, of a night with the day. */
export const detailOf = ({ code, day }: Pick<Uncoded, 'code' | 'day'>): string =>
  day === undefined ? code : `${code} ${day}`;

/** What was charted and cannot be billed yet, or not as it should be: a coder has to look at it. */
export interface Uncoded {
  readonly resource: string;
  readonly expression: string;
  readonly code: UncodedReason;
  readonly day?: string; // of a night: each is a piece of work of its own
  readonly text: string;
}
