import { readFileSync } from 'node:fs';

/** A payment of the demo: at check-in on the Account, later on the visit's Invoice. */
export interface DatedPayment {
  readonly on: string;
  readonly amount: number;
  readonly method: string;
  readonly reference: string;
}

/** The steps of one visit, each with the day it is done on. See seed/README.md */
export interface DatedVisit {
  readonly story: number;
  readonly encounter: string; // Encounter/story-01
  readonly checkIn?: DatedPayment & { readonly account: string };
  readonly captured: string;
  readonly claimed: string;
  readonly answered: readonly string[]; // by each payer in turn; none where there is no claim
  readonly invoiced: string;
  readonly payments?: readonly DatedPayment[];
}

export const seedFolder = new URL('../../../seed/', import.meta.url);

/** seed/clock.json, in the order of the stories. */
export const readClock = (): DatedVisit[] =>
  JSON.parse(readFileSync(new URL('clock.json', seedFolder), 'utf8')) as DatedVisit[];
