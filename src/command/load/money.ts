import type { ClaimResponse, ClaimResponseItemAdjudication } from '@medplum/fhirtypes';
import { add, centsOf, subtract, sum, zero, type Cents } from '../../datatypes/cents.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { system } from '../../terminology/system.ts';
import type { Billed } from './road.ts';

/** charges = insurerPaid + adjusted + patient + open. */
export interface Split {
  readonly charges: Cents;
  readonly insurerPaid: Cents;
  readonly adjusted: Cents; // written off
  readonly patient: Cents;
  readonly open: Cents; // with the payer: pended, denied
}

export const noMoney: Split = { charges: zero, insurerPaid: zero, adjusted: zero, patient: zero, open: zero };

export const addSplit = (a: Split, b: Split): Split => ({
  charges: add(a.charges, b.charges),
  insurerPaid: add(a.insurerPaid, b.insurerPaid),
  adjusted: add(a.adjusted, b.adjusted),
  patient: add(a.patient, b.patient),
  open: add(a.open, b.open),
});

/** Denials that say the practice asked too late or the wrong payer. */
const untimely = new Set(['26', '27', '29']);
const contractual = new Set(['45', '59', '94', '253']);

const adjudications = (answer: ClaimResponse): ClaimResponseItemAdjudication[] => [
  ...(answer.adjudication ?? []),
  ...(answer.item ?? []).flatMap(({ adjudication }) => adjudication),
];

interface Adjustment {
  readonly group: string;
  readonly reason: string;
  readonly amount: Cents;
}

const adjustments = (answer: ClaimResponse): Adjustment[] =>
  adjudications(answer).flatMap(({ category, reason, amount }) => {
    const group = codeOf(category, system.adjustmentGroup);
    if (group === undefined) return [];
    return [{ group, reason: codeOf(reason, system.carc) ?? '', amount: centsOf(amount) ?? zero }];
  });

const total = (answer: ClaimResponse, which: (a: Adjustment) => boolean): Cents =>
  sum(
    adjustments(answer)
      .filter(which)
      .map(({ amount }) => amount),
  );

const paidBy = (answer: ClaimResponse): Cents =>
  sum(
    adjudications(answer)
      .filter(({ category }) => codeOf(category, system.adjudication) === 'benefit')
      .map(({ amount }) => centsOf(amount) ?? zero),
  );

/** Charges that a payer denied with CARC 26, 27 or 29. */
export const deniedUntimely = ({ answers }: Billed): Cents =>
  sum(answers.map((answer) => total(answer, ({ reason }) => untimely.has(reason))));

/** How the money of a visit is split, from the payers' answers and the invoices; the charge is what was asked for. */
export function splitOf({ claims, answers, invoices }: Billed): Split {
  if (claims.length === 0) {
    const asked = sum(invoices.map(({ totalNet }) => centsOf(totalNet) ?? zero));
    return { ...noMoney, charges: asked, patient: asked };
  }
  const charges = sum(claims.map((claim) => centsOf(claim.total) ?? zero));
  const insurerPaid = sum(answers.map(paidBy));
  const patient = sum(answers.map((answer) => total(answer, ({ group }) => group === 'PR')));
  const adjusted = sum(
    answers.map((answer) => total(answer, ({ group, reason }) => group !== 'PR' && contractual.has(reason))),
  );
  const open = subtract(charges, sum([insurerPaid, patient, adjusted]));
  return { charges, insurerPaid, adjusted, patient, open };
}
