import type { Period } from '@medplum/fhirtypes';
import type { Denial } from '../billing/adjudication/benefit.ts';
import { contains, dateOf } from '../datatypes/date.ts';
import { filingDeadline } from '../datatypes/filing.ts';
import type { Plan } from './plan.ts';
import type { Received, ReceivedLine } from './received.ts';

/** What the payer judges a line by before it counts money. */
export interface Screening {
  readonly received: Received;
  readonly receivedOn: string; // Claim.created
  readonly institutional: boolean;
  readonly plan: Plan;
  readonly period: Period | undefined; // of the enrolment
  readonly identified: boolean;
  readonly duplicate: boolean;
  readonly priorAnsweredOn: string | undefined; // by the payer before
  readonly lastAnswer: string | undefined; // when this payer answered the claim that is corrected
  readonly notice: string | undefined; // when the coverage became known
}

/** Why a line is refused, or undefined. In the payer's order: duplicate, member, filing, coverage, authorisation. */
export function screen(s: Screening, line: ReceivedLine): Denial | undefined {
  if (s.duplicate) return { group: 'OA', reason: '18' };
  if (!s.identified) return { group: 'CO', reason: '31' };
  if (isLate(s, line)) return { group: 'CO', reason: '29' };
  return outOfForce(s.period, line.on) ?? unauthorised(s, line);
}

/** Received after the last day to file, which the plan counts by kind of claim and anchor. Billing rule 17. */
function isLate(
  { plan, priorAnsweredOn, lastAnswer, notice, received, receivedOn, institutional }: Screening,
  line: ReceivedLine,
): boolean {
  const deadline = filingDeadline(plan.filing, {
    institutional,
    from: line.on,
    through: received.through,
    corrected: received.corrects,
    priorAnswer: priorAnsweredOn,
    lastAnswer,
    notice,
  });
  return deadline !== undefined && receivedOn > deadline.last;
}

function outOfForce(period: Period | undefined, on: string): Denial | undefined {
  if (contains(period, on)) return undefined;
  const before = period?.start !== undefined && dateOf(period.start) > on;
  return { group: 'PR', reason: before ? '26' : '27' };
}

/** A code of the authorisation list without a number, and what falls with it. */
function unauthorised({ plan, received }: Screening, { code = '' }: ReceivedLine): Denial | undefined {
  if (received.authorization !== undefined) return undefined;
  const missing = received.lines.flatMap((l) => plan.authorization.get(l.code ?? '') ?? []);
  const falls = plan.authorization.has(code) || missing.some((fallsWith) => fallsWith.has(code));
  return falls ? { group: 'CO', reason: '197' } : undefined;
}
