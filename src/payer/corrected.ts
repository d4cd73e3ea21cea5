import type { Claim, ClaimResponse } from '@medplum/fhirtypes';
import type { Denial, Used } from '../billing/adjudication/benefit.ts';
import type { Adjudicated } from '../datatypes/adjudication.ts';
import { most, subtract, sum, toMoney, zero, type Cents } from '../datatypes/cents.ts';
import { concept } from '../datatypes/coding.ts';
import { changed } from '../datatypes/json.ts';
import { system } from '../terminology/system.ts';
import { answerTo } from './response.ts';

/** A replacement or void of a claim that the payer does not know: the control number is wrong (RARC M47). */
export const priorUnknown: Denial = { group: 'CO', reason: '16', remarks: ['M47'] };

/** What a member has used once a claim that was decided counts no longer: its own part is given back. */
export function givenBack(used: Used, lines: readonly Adjudicated[], inpatient: boolean): Used {
  const share = (...reasons: readonly string[]): Cents =>
    sum(
      lines.flatMap((l) =>
        l.adjustments.filter((a) => a.group === 'PR' && reasons.includes(a.reason)).map((a) => a.amount),
      ),
    );
  const less = (amount: Cents, part: Cents): Cents => most(subtract(amount, part), zero);
  const deductible = share('1');
  return {
    deductible: inpatient ? used.deductible : less(used.deductible, deductible),
    inpatientDeductible: inpatient ? less(used.inpatientDeductible, deductible) : used.inpatientDeductible,
    limit: less(used.limit, share('1', '2', '3')),
    ...(used.paid === undefined ? {} : { paid: less(used.paid, sum(lines.map((l) => l.paid))) }),
  };
}

/** The answer to a void: nothing is adjudicated, and nothing paid. */
export const voided = (claim: Claim, on: string): ClaimResponse =>
  changed(answerTo(claim, on), {
    outcome: 'complete' as const,
    disposition: 'Voided',
    payment: { type: concept(system.paymentType, 'complete'), date: on, amount: toMoney(zero) },
  });
