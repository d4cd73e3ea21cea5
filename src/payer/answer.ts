import type { Basic, Claim, ClaimResponse, Coverage } from '@medplum/fhirtypes';
import { adjudicated } from '../datatypes/adjudication.ts';
import type { Cents } from '../datatypes/cents.ts';
import { dateOf } from '../datatypes/date.ts';
import { extensionOf } from '../datatypes/extension.ts';
import { isReplacement, isVoidClaim } from '../terminology/claimFrequency.ts';
import { extension } from '../terminology/system.ts';
import { voided } from './corrected.ts';
import { enrolledPeriod, memberIdOf } from './enrollment.ts';
import { judge } from './judge.ts';
import type { Plan } from './plan.ts';
import { receive } from './received.ts';
import { complete, queued } from './response.ts';

/** A claim put to the payer. */
export interface Question {
  readonly claim: Claim;
  readonly coverage: Coverage | undefined; // the one of this payer
  readonly priors: readonly ClaimResponse[]; // what the payers before answered, in their order
  readonly satisfied: boolean; // what an earlier answer asked for has been given
  readonly answeredOn: string;
}

/** What the payer holds of the member. */
export interface Records {
  readonly plan: Plan;
  readonly enrollment: Basic | undefined;
  readonly duplicate: boolean; // the same claim was received before
  readonly lastAnswer?: string | undefined; // when the claim that is corrected was answered last
  readonly prior?: ClaimResponse | undefined; // its own answer to the claim that is replaced or voided
}

/** The payer's answer, and its enrolment record as it is afterwards. */
export interface Reply {
  readonly response: ClaimResponse; // without id
  readonly enrollment: Basic | undefined;
  /** Paid and taken back with the same remittance; zero but for a forced reversal. */
  readonly takenBack?: Cents;
  /** The answer to the claim that this one replaces or voids is taken back with it. */
  readonly reverses?: boolean;
}

/** Answers a claim from plan, enrolment and accumulators. The same inputs give the same answer. */
export function answer(question: Question, records: Records): Reply {
  const { claim, coverage, priors, satisfied, answeredOn } = question;
  const { enrollment, prior } = records;
  const before = priors.at(-1);
  const judged = judge(
    {
      ...{ received: receive(claim), receivedOn: dateOf(claim.created), satisfied },
      is: isVoidClaim(claim) ? 'void' : isReplacement(claim) ? 'replacement' : 'original',
      member: memberIdOf(coverage),
      period: enrolledPeriod(enrollment, coverage),
      notice: noticeOf(coverage),
      priors: priors.map(adjudicated),
      priorAnsweredOn: before && dateOf(before.created),
    },
    { ...records, prior: prior && adjudicated(prior) },
  );
  if (judged.is === 'voided')
    return { response: voided(claim, answeredOn), enrollment: judged.enrollment, reverses: true };
  if (judged.is === 'pended') return { response: queued(claim, answeredOn, judged.asks), enrollment };
  return {
    response: complete(claim, answeredOn, judged.decisions),
    enrollment: judged.enrollment,
    ...(judged.takenBack === undefined ? {} : { takenBack: judged.takenBack }),
    ...(judged.reverses ? { reverses: true } : {}),
  };
}

/** When a coverage became known that was found, or granted, after the service. */
const noticeOf = (coverage: Coverage | undefined): string | undefined =>
  extensionOf(coverage, extension.noticeOfCoverage)?.valueDate;
