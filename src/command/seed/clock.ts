import { readFileSync } from 'node:fs';
import type { Claim, ClaimSupportingInfo } from '@medplum/fhirtypes';
import { practiceOf, type PracticeName } from './practice.ts';

/** A payment of the demo: at check-in on the Account, later on the visit's Invoice. */
export interface DatedPayment {
  readonly on: string;
  readonly amount: number;
  readonly method: string;
  readonly reference: string;
}

/** What a biller writes on a draft before it is sent, since no chart says it. */
export interface AddedToDraft {
  readonly form: string; // the type of the drafts it is for: professional, institutional …
  readonly supportingInfo?: readonly Omit<ClaimSupportingInfo, 'sequence'>[];
  readonly linked?: readonly string[]; // categories of it that every line points to
  readonly element?: Partial<Claim>;
}

/** The steps of one visit, each with the day it is done on. See seed/README.md */
export interface DatedVisit {
  readonly story?: number;
  readonly encounter: string; // Encounter/story-01
  readonly checkIn?: DatedPayment & { readonly account: string };
  readonly captured: string;
  readonly claimed: string;
  readonly added?: readonly AddedToDraft[];
  readonly answered: readonly string[]; // by each payer in turn; none where there is no claim
  readonly invoiced: string;
  readonly payments?: readonly DatedPayment[];
}

/** The clock.json of a practice, in the order of its visits; none where its visits are generated. */
export function readClock(name: PracticeName = 'demo'): DatedVisit[] {
  const { clock } = practiceOf(name);
  return clock ? (JSON.parse(readFileSync(clock, 'utf8')) as DatedVisit[]) : [];
}
