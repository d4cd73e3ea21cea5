import type { Basic, Claim, ClaimResponse, Coverage, InsurancePlan, Reference } from '@medplum/fhirtypes';
import { has } from '../../datatypes/coding.ts';
import { idOf, referenceText, same } from '../../datatypes/reference.ts';
import { changed } from '../../datatypes/json.ts';
import { typeCache } from '../../interaction/typeCache.ts';
import { createResource, find, resolve, updateResource } from '../../interaction/repository.ts';
import { coveragePlan, enrolledPlan, memberIdOf, newEnrollment } from '../../payer/enrollment.ts';
import { defaultPlan } from '../../payer/genericPlan.ts';
import type { Records } from '../../payer/answer.ts';
import type { Member } from '../../payer/eligibility.ts';
import { readPlan, type Plan } from '../../payer/plan.ts';
import { sameness } from '../../payer/received.ts';
import { isVoidClaim, priorClaimOf } from '../../terminology/claimFrequency.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import {
  enrollmentKey,
  holderOf,
  isHeldBy,
  payerClaimKey,
  releaseKey,
  reserveKey,
  type UniqueKey,
} from '../uniqueKey.ts';
import { standingAnswer } from './answers.ts';
import { lastAnswer } from './lastAnswer.ts';
import { unversionedText, withoutVersions } from '../../datatypes/sentVersion.ts';

type Books = Pick<Call, 'context' | 'tx'>;

/** A claim as the simulated payer gets it. */
export interface ReceivedClaim {
  readonly claim: Claim & { id: string };
  readonly coverage: Coverage;
  readonly payer: string; // Organization/1
}

/** What the payer holds, and the keys under which it keeps it. */
export interface PayerRecords extends Records {
  readonly planKnown: boolean;
  readonly enrollmentKey: UniqueKey<Basic> | undefined;
  readonly claimKey: UniqueKey<Claim> | undefined; // of what makes the claim the same as another
}

/** Reads what the payer of a claim holds of plan and member. */
export async function readPayerRecords(call: Books, submission: ReceivedClaim): Promise<PayerRecords> {
  const { coverage, payer } = submission;
  const claim = withoutVersions(submission.claim);
  const member = memberIdOf(coverage);
  const patient = claim.patient.reference ?? '';
  const memberKey = member === undefined ? undefined : enrollmentKey(payer, member, patient);
  const enrollment =
    member === undefined || memberKey === undefined
      ? undefined
      : ((await holderOf(call.tx, memberKey)) ?? (await enrollmentOf(call, submission, member)));
  const plan = await planFor(call, submission, enrollment);
  const hash = sameness(claim, payer, member ?? patient);
  const claimKey = hash === undefined ? undefined : payerClaimKey(payer, hash);
  const earlier = claimKey && (await holderOf(call.tx, claimKey));
  return {
    plan: plan ?? defaultPlan,
    planKnown: plan !== undefined,
    enrollment,
    enrollmentKey: memberKey,
    claimKey,
    duplicate: earlier !== undefined && earlier.id !== claim.id,
    lastAnswer: await lastAnswer(call, claim),
    prior: await priorAnswer(call, claim),
  };
}

/** What the payer decided on the claim that this one replaces or voids; undefined where nothing of it stands. */
async function priorAnswer({ tx }: Books, claim: Claim): Promise<ClaimResponse | undefined> {
  const prior = priorClaimOf(claim)?.claim;
  const answer = prior === undefined ? undefined : await standingAnswer(tx, prior);
  return answer?.outcome === 'complete' ? answer : undefined;
}

/** The payer's enrolment of a member id: its own, or one made of this patient's Coverage; a first record else. */
const enrollmentOf = async (books: Books, { claim, payer }: ReceivedClaim, member: string): Promise<Basic> =>
  (await enrolled(books, { patient: claim.patient, payer }, member)) ??
  newEnrollment(member, payer, unversionedText(claim.patient.reference) ?? '');

interface Sought {
  readonly patient: Reference | undefined;
  readonly payer: string; // Organization/1
}

/** The enrolment of a member id that a payer holds, and that is not somebody else's. */
async function enrolled(
  { tx }: Books,
  { patient, payer }: Sought,
  member: string,
): Promise<Basic | undefined> {
  const held = await find<Basic>(tx, 'Basic', { identifier: `${system.memberId}|${member}` });
  return held.find(
    (b) =>
      has(b.code, system.basic, 'enrollment') &&
      b.author?.reference === payer &&
      (b.subject === undefined || patient === undefined || same(b.subject, patient)),
  );
}

/**
 * What the payer of a question knows: the enrolment of the member number, else the one that it has of this patient under
 * another number; else, as for a claim, what the Coverage says. Undefined where there is nothing of all this.
 */
export async function readMember(
  books: Books,
  { patient, payer, coverage }: Sought & { readonly coverage: Coverage | undefined },
): Promise<Member | undefined> {
  const number = memberIdOf(coverage);
  const own = number === undefined ? undefined : await enrolled(books, { patient, payer }, number);
  const subject = patient?.reference ?? '';
  const others =
    own === undefined && subject !== '' && !subject.startsWith('#')
      ? await find<Basic>(books.tx, 'Basic', { subject, author: payer })
      : [];
  const enrollment = own ?? others.find((b) => has(b.code, system.basic, 'enrollment'));
  if (!enrollment && !coverage) return undefined;
  const plan = await planFor(books, { coverage, payer }, enrollment);
  return { plan: plan ?? defaultPlan, enrollment, coverage };
}

interface Plans {
  readonly byId: ReadonlyMap<string, Plan>; // owner and plan id
  readonly byOwner: ReadonlyMap<string, readonly Plan[]>;
}

const allPlans = ({ context, tx }: Books): Promise<Plans> =>
  typeCache(context, tx, {
    key: 'payer-plans',
    types: ['InsurancePlan'],
    build: async (server) => {
      const plans = (await find<InsurancePlan>(server, 'InsurancePlan', {})).filter(
        (p) => p.status !== 'retired',
      );
      const read = plans.map(readPlan);
      return {
        byId: new Map(read.map((p) => [`${p.owner ?? ''}|${p.id}`, p])),
        byOwner: Map.groupBy(read, (p) => p.owner ?? ''),
      };
    },
  });

/** The plan the member is enrolled in, else the one the Coverage names, else the payer's only one. */
async function planFor(
  call: Books,
  { coverage, payer }: { readonly coverage: Coverage | undefined; readonly payer: string },
  enrollment?: Basic,
): Promise<Plan | undefined> {
  const { byId, byOwner } = await allPlans(call);
  const owner = idOf({ reference: payer }, 'Organization') ?? '';
  for (const id of [enrolledPlan(enrollment), coveragePlan(coverage)]) {
    const named = id === undefined ? undefined : (byId.get(`${owner}|${id}`) ?? byId.get(`|${id}`));
    if (named) return named;
  }
  const own = byOwner.get(owner) ?? [];
  return own.length === 1 ? own[0] : undefined;
}

interface Kept {
  readonly before: PayerRecords;
  readonly after: Basic | undefined; // the enrolment
  readonly decided: boolean; // nothing is waited for
  readonly reversed: boolean; // it was paid and taken back: the same claim may come again
}

/** The claims that a void takes back are no longer what another claim would be a duplicate of. */
async function forgetVoided(tx: Books['tx'], { claim, coverage, payer }: ReceivedClaim): Promise<void> {
  const member = memberIdOf(coverage) ?? unversionedText(claim.patient.reference) ?? '';
  for (const { claim: pointer } of claim.related ?? []) {
    const prior = await resolve<Claim>(tx, 'Claim', pointer);
    const hash = prior && sameness(prior, payer, member);
    const key = hash === undefined ? undefined : payerClaimKey(payer, hash);
    if (prior && key && (await isHeldBy(tx, key, referenceText(prior)))) await releaseKey(tx, key);
  }
}

/** Keeps what the payer holds after its answer: the enrolment and that it has seen the claim. */
export async function keepPayerRecords(
  { context, tx }: Books,
  received: ReceivedClaim,
  { before, after, decided, reversed }: Kept,
): Promise<void> {
  const { claimKey, duplicate, enrollmentKey: memberKey } = before;
  if (claimKey && !duplicate && !reversed) await reserveKey(tx, claimKey, referenceText(received.claim));
  if (decided && isVoidClaim(received.claim)) await forgetVoided(tx, received);
  if (after === undefined || !memberKey) return;
  const id = after.id;
  const kept =
    id === undefined
      ? await createResource(context, tx, after)
      : after === before.enrollment
        ? changed(after, { id })
        : await updateResource(context, tx, changed(after, { id }));
  await reserveKey(tx, memberKey, referenceText(kept));
}
