import type { Claim, ClaimResponse, ClaimResponseItemAdjudication } from '@medplum/fhirtypes';
import { subtract, sum, toMoney, type Cents } from '../../datatypes/cents.ts';
import { saidAgain } from '../../datatypes/claimAnswer.ts';
import { concept } from '../../datatypes/coding.ts';
import { system } from '../../terminology/system.ts';
import type { ExpectedItem } from './goodFaith.ts';

/** Where the price of a service comes from. */
export type PricedBy = 'contract' | 'plan' | 'charge' | 'not-covered';

/** One service of an estimate, with what is expected of the payer and of the patient. */
export interface EstimatedLine {
  readonly sequence: number;
  readonly item: ExpectedItem;
  readonly by: PricedBy;
  readonly rule?: string; // of the contract
  readonly allowed: Cents;
  readonly paid: Cents; // by the payer
  readonly shares: readonly { readonly reason: string; readonly amount: Cents }[]; // CARC of group PR
  readonly owed: Cents; // by the patient: the sum of them
}

export const owedIn = (lines: readonly EstimatedLine[]): Cents => sum(lines.map((line) => line.owed));

const amountOf = (code: string, amount: Cents) => ({
  category: concept(system.adjudication, code),
  amount: toMoney(amount),
});

function adjudication({ item, by, allowed, paid, shares }: EstimatedLine): ClaimResponseItemAdjudication[] {
  const reduced = subtract(item.charge, allowed);
  return [
    amountOf('submitted', item.charge),
    amountOf('eligible', allowed),
    amountOf('benefit', paid),
    ...(reduced === 0 || by === 'not-covered' ? [] : [adjusted('CO', '45', reduced)]),
    ...shares.map(({ reason, amount }) => adjusted('PR', reason, amount)),
  ];
}

const adjusted = (group: string, reason: string, amount: Cents): ClaimResponseItemAdjudication => ({
  category: concept(system.adjustmentGroup, group),
  reason: concept(system.carc, reason),
  amount: toMoney(amount),
});

/**
 * What is expected of the payer and of the patient, in the shape of a payer's answer to the predetermination. It is the
 * practice's own reckoning, and says so; the payer has decided nothing.
 */
export const shareAnswer = (
  claim: Claim,
  lines: readonly EstimatedLine[],
  { on, notes }: { readonly on: string; readonly notes: readonly string[] },
): ClaimResponse => ({
  resourceType: 'ClaimResponse',
  ...(claim.meta?.security ? { meta: { security: claim.meta.security } } : {}),
  ...saidAgain(claim, on),
  outcome: 'complete',
  disposition: 'Estimated by the practice; the payer has decided nothing',
  insurance: claim.insurance.map(({ sequence, focal, coverage }) => ({ sequence, focal, coverage })),
  item: lines.map((line) => ({ itemSequence: line.sequence, adjudication: adjudication(line) })),
  total: [
    amountOf('submitted', sum(lines.map((line) => line.item.charge))),
    amountOf('eligible', sum(lines.map((line) => line.allowed))),
    amountOf('benefit', sum(lines.map((line) => line.paid))),
    { category: concept(system.c4bbAdjudication, 'memberliability'), amount: toMoney(owedIn(lines)) },
  ],
  ...(notes.length === 0
    ? {}
    : { processNote: notes.map((text, i) => ({ number: i + 1, type: 'print' as const, text })) }),
});
