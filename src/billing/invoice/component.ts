import type { CodeableConcept, InvoiceLineItemPriceComponent, Reference } from '@medplum/fhirtypes';
import { centsOf, negate, sum, toMoney, zero, type Cents } from '../../datatypes/cents.ts';
import { concept } from '../../datatypes/coding.ts';
import type { Adjudicated, Adjusted } from '../../datatypes/adjudication.ts';
import { reasonLabel } from '../../terminology/claimAdjustmentReason.ts';
import { system } from '../../terminology/system.ts';

export type Component = InvoiceLineItemPriceComponent;

/** What one payer decided on a line. */
export type Decision = Pick<Adjudicated, 'submitted' | 'paid' | 'adjustments'>;

/** What one payer of the chain decided on a line. */
export interface PayerLine {
  readonly payer: Reference;
  readonly line: Decision;
}

const part = (type: Component['type'], code: CodeableConcept, amount: Cents): Component => ({
  type,
  code,
  amount: toMoney(amount),
});

/** A code of the parts of an Invoice line; `text` for people. */
const own = (code: string, text: string): CodeableConcept => ({
  ...concept(system.invoiceComponent, code),
  text,
});

/** A group code and CARC, with our own label of it. */
function adjustment({ group, reason }: Adjusted): CodeableConcept {
  const coding = [
    { system: system.adjustmentGroup, code: group },
    { system: system.carc, code: reason },
  ];
  const text = reasonLabel(reason);
  return text === undefined ? { coding } : { coding, text };
}

export const chargeComponent = (charge: Cents): Component => part('base', own('charge', 'charge'), charge);

/** What the patient owes because money was refunded that his bank took back afterwards. */
export const returnedComponent = (amount: Cents): Component =>
  part('base', own('returned-refund', 'refund of a payment that was returned'), amount);

/** What a patient still owed in a former system. */
export const broughtForwardComponent = (amount: Cents): Component =>
  part('base', own('brought-forward', 'balance brought forward'), amount);

/** What of a share is not asked of the patient: of a QMB patient, after Medicaid, while coverage is looked for. */
export const notAskedComponents = (amount: Cents): Component[] =>
  amount === 0
    ? []
    : [
        part(
          'deduction',
          own('not-billed', "not the patient's to pay, or not asked for yet"),
          negate(amount),
        ),
      ];

/** What a payer denied and the patient owes for a stated reason: beside the denial, which takes it off. */
export const transferComponents = (amount: Cents): Component[] => [
  part('surcharge', own('transferred', "denied, and the patient's to pay"), amount),
  part('informational', own('transferred', "denied, and the patient's to pay"), amount),
];

/** What earlier payments of the patient and write-offs take off a line. */
export const settledComponents = (paid: Cents, writtenOff: Cents): Component[] => [
  ...(paid === 0 ? [] : [part('deduction', own('patient-payment', 'already paid'), negate(paid))]),
  ...(writtenOff === 0 ? [] : [part('deduction', own('write-off', 'written off'), negate(writtenOff))]),
];

const payment = ({ payer, line }: PayerLine): Component[] => {
  const text = `paid by ${payer.display ?? payer.reference ?? 'the payer'}`;
  const code = { ...concept(system.adjudication, 'benefit'), text };
  return line.paid === 0 ? [] : [part('deduction', code, negate(line.paid))];
};

const isPatients = (a: Adjusted): boolean => a.group === 'PR';
const isRepeat = (a: Adjusted): boolean => a.group === 'OA' && a.reason === '23';

const deductions = (payers: readonly PayerLine[], which: (a: Adjusted) => boolean): Component[] =>
  payers.flatMap((p) => [
    ...payment(p),
    ...p.line.adjustments
      .filter((a) => !isPatients(a) && which(a) && a.amount !== 0)
      .map((a) => part('deduction', adjustment(a), negate(a.amount))),
  ]);

/** The patient's share of the last payer of a line: Σ PR. Billing rules 53 and 70. */
export const shareOf = (payers: readonly PayerLine[]): Cents =>
  sum((payers.at(-1)?.line.adjustments ?? []).filter(isPatients).map((a) => a.amount));

/**
 * From the charge to the patient's share: what each payer paid and took off, then the share by reason. A further
 * payer's OA-23 repeats the payers before it, so it is left out beside them, and stands for them where the two differ.
 */
export function shareComponents(payers: readonly PayerLine[]): Component[] {
  const last = payers.at(-1);
  if (!last) return [];
  const each = [
    ...deductions(payers.slice(0, 1), () => true),
    ...deductions(payers.slice(1), (a) => !isRepeat(a)),
  ];
  const left = sum([last.line.submitted, ...each.map((c) => centsOf(c.amount) ?? zero)]);
  const taken = left === shareOf(payers) ? each : deductions([last], () => true);
  return [
    chargeComponent(last.line.submitted),
    ...taken,
    ...last.line.adjustments.filter(isPatients).map(informational),
  ];
}

const kinds: Readonly<Record<string, readonly [code: string, text: string]>> = {
  '1': ['deductible', 'deductible'],
  '2': ['coinsurance', 'coinsurance'],
  '3': ['copay', 'copay'],
};

function informational(a: Adjusted): Component {
  const [code, text] = kinds[a.reason] ?? ['non-covered', 'not covered'];
  const coding = [{ system: system.invoiceComponent, code }, ...(adjustment(a).coding ?? [])];
  return part('informational', { coding, text }, a.amount);
}
