import type { ClaimResponse } from '@medplum/fhirtypes';
import { adjudicated, type Adjudicated, type Adjusted } from '../../datatypes/adjudication.ts';
import { add, subtract, sum, zero, type Cents } from '../../datatypes/cents.ts';
import { contractualReasons } from '../../terminology/claimAdjustmentReason.ts';

/**
 * The amounts an explanation shows of a line or claim, by C4BB category. Always: submitted = eligible + discount +
 * noncovered, eligible = paidtoprovider + priorpayerpaid + deductible + coinsurance + copay,
 * memberliability = deductible + coinsurance + copay + noncovered of group PR.
 */
export interface Breakdown {
  readonly submitted: Cents;
  readonly eligible: Cents;
  readonly discount: Cents;
  readonly noncovered: Cents;
  readonly deductible: Cents;
  readonly coinsurance: Cents;
  readonly copay: Cents;
  readonly priorpayerpaid: Cents;
  readonly paidtoprovider: Cents;
  readonly memberliability: Cents;
}

const amount = (line: Adjudicated, which: (a: Adjusted) => boolean): Cents =>
  sum(line.adjustments.filter(which).map((a) => a.amount));
const share = (line: Adjudicated, reason: string): Cents =>
  amount(line, (a) => a.group === 'PR' && a.reason === reason);
const isPrior = (a: Adjusted): boolean => a.group === 'OA' && a.reason === '23';

/**
 * Breaks a decision up; `priorPaid` is what the payers before paid, the rest of OA-23 they wrote off: a negative
 * discount, as on their own explanation, where a case rate exceeds the charge.
 */
export function breakdown(line: Adjudicated, priorPaid: Cents = zero): Breakdown {
  const [deductible, coinsurance, copay] = [share(line, '1'), share(line, '2'), share(line, '3')];
  const settled = amount(line, isPrior);
  const priorpayerpaid = settled === 0 ? zero : priorPaid;
  const contractual = amount(
    line,
    (a) => (a.group === 'CO' || a.group === 'PI') && contractualReasons.has(a.reason),
  );
  const member = sum([deductible, coinsurance, copay]);
  const eligible = sum([line.paid, priorpayerpaid, member]);
  const discount = add(contractual, subtract(settled, priorpayerpaid));
  const refusedToMember = subtract(
    amount(line, (a) => a.group === 'PR'),
    member,
  );
  return {
    submitted: line.submitted,
    eligible,
    discount,
    noncovered: subtract(subtract(line.submitted, eligible), discount),
    deductible,
    coinsurance,
    copay,
    priorpayerpaid,
    paidtoprovider: line.paid,
    memberliability: add(member, refusedToMember),
  };
}

/** What all payers before paid on a line; on the whole claim where this answer or theirs has no lines. */
export function priorPaidOn(line: Adjudicated, priors: readonly ClaimResponse[]): Cents {
  const decisions = priors.flatMap(adjudicated);
  const whole = line.sequence === undefined;
  return sum(decisions.filter((d) => whole || d.sequence === line.sequence).map((d) => d.paid));
}

/** The sum of several. */
export function together(parts: readonly Breakdown[]): Breakdown {
  const of = (key: keyof Breakdown): Cents => sum(parts.map((p) => p[key]));
  return {
    submitted: of('submitted'),
    eligible: of('eligible'),
    discount: of('discount'),
    noncovered: of('noncovered'),
    deductible: of('deductible'),
    coinsurance: of('coinsurance'),
    copay: of('copay'),
    priorpayerpaid: of('priorpayerpaid'),
    paidtoprovider: of('paidtoprovider'),
    memberliability: of('memberliability'),
  };
}
