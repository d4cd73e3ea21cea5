import type { Denial } from '../billing/adjudication/benefit.ts';
import { zero } from '../datatypes/cents.ts';
import type { Plan } from './plan.ts';

/** Answers that a member id can force, whatever the plan says. */
export type Scenario = 'paid' | 'denied' | 'pended' | 'partial' | 'reversed' | 'outside';

const forced: Readonly<Record<string, Scenario>> = {
  FORCEDPAID: 'paid',
  FORCEDDENIED: 'denied',
  FORCEDPENDED: 'pended',
  FORCEDPARTIAL: 'partial',
  FORCEDREVERSED: 'reversed',
  FORCEDOUTSIDE: 'outside', // by the plan, but every line after the first is outside of the network
  // what an 835 says of the payment besides is in x12/scenario835.ts
  FORCEDINTEREST: 'paid',
  FORCEDTAKEBACK: 'paid',
  FORCEDRECOUPED: 'paid',
};

/** The scenario a member id forces: FORCEDPAID1, FORCEDDENIED27 … */
export const scenarioOf = (memberId: string | undefined): Scenario | undefined =>
  forced[/^FORCED[A-Z]+/.exec(memberId ?? '')?.[0] ?? ''];

/** The plan as a forced scenario has it: a share of every charge is allowed, nothing is left to the member. */
export const forcedPlan = (
  { drugs: _drugs, maximum: _maximum, coinsurances: _rates, ...plan }: Plan,
  percentOfCharge: number,
): Plan => ({
  ...plan,
  fees: new Map(),
  caseRates: new Map(),
  percentOfCharge,
  deductible: zero,
  coinsurance: 0,
  visitCopay: zero,
  authorization: new Map(),
  documentation: new Set(),
});

/** What a forced denial says: not deemed necessary by the payer (CARC 50). */
export const forcedDenial: Denial = { group: 'CO', reason: '50' };
