import type { CodeableConcept, ExplanationOfBenefitItemAdjudication } from '@medplum/fhirtypes';
import type { Adjudicated } from '../../datatypes/adjudication.ts';
import { toMoney, type Cents } from '../../datatypes/cents.ts';
import { concept } from '../../datatypes/coding.ts';
import { changed } from '../../datatypes/json.ts';
import { contractualReasons } from '../../terminology/claimAdjustmentReason.ts';
import { system } from '../../terminology/system.ts';
import type { Breakdown } from './breakdown.ts';
import type { NetworkQuestion, NetworkStatus } from './network.ts';

type Entry = ExplanationOfBenefitItemAdjudication;

/** The HL7 codes among the amount categories; the others are C4BB's. See ValueSet C4BBAdjudication */
const hl7 = new Set(['submitted', 'eligible', 'deductible', 'copay']);
/** Shown also when they are zero. */
const always = new Set(['submitted', 'eligible', 'paidtoprovider', 'memberliability']);

export const amountCategory = (code: string): CodeableConcept =>
  concept(hl7.has(code) ? system.adjudication : system.c4bbAdjudication, code);

/** One entry per amount; zero amounts are left out but for those that are always there. */
export const amounts = (b: Breakdown): { category: CodeableConcept; amount: ReturnType<typeof toMoney> }[] =>
  (Object.entries(b) as [keyof Breakdown, Cents][])
    .filter(([code, amount]) => amount !== 0 || always.has(code))
    .map(([code, amount]) => ({ category: amountCategory(code), amount: toMoney(amount) }));

const discriminator = (code: string, rest: Omit<Entry, 'category'>): Entry =>
  changed(rest, { category: concept(system.c4bbDiscriminator, code) });

/** Whether something was paid, or somebody is, within the network. */
export const status = (which: NetworkQuestion, is: NetworkStatus): Entry =>
  discriminator(which, { reason: concept(system.c4bbStatus, is) });

export const allowedUnits = (units: number): Entry => discriminator('allowedunits', { value: units });

/** What the plan recognised of a drug: ingredient cost and dispensing fee. */
export const drugCost = (eligible: Cents) => ({
  category: amountCategory('drugcost'),
  amount: toMoney(eligible),
});

/** Why a pharmacy line was rejected, as the payer said (NCPDP 511-FB). */
export const rejectReason = (code: string): Entry =>
  discriminator('rejectreason', { reason: concept(system.rejectCode, code) });

const adjustmentReason = (carc: string): Entry =>
  discriminator('adjustmentreason', { reason: concept(system.carc, carc) });

/** Every reason code of a decision, each once: what an institutional explanation shows. */
export const allReasons = (line: Adjudicated): Entry[] =>
  [...new Set(line.adjustments.map((a) => a.reason))].map(adjustmentReason);

/** The one reason a 2.0.0 professional line may show: the denial, else the write-off, else the largest share. */
export function oneReason({ adjustments }: Adjudicated): Entry[] {
  const share = new Set(['1', '2', '3', '23']);
  const denial = adjustments.find((a) => !share.has(a.reason) && !contractualReasons.has(a.reason));
  const writeOff = adjustments.find((a) => contractualReasons.has(a.reason) || a.reason === '23');
  const largest = adjustments.toSorted((a, b) => b.amount - a.amount)[0];
  const shown = denial ?? writeOff ?? largest;
  return shown ? [adjustmentReason(shown.reason)] : [];
}
