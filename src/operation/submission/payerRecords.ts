import type { Basic, InsurancePlan } from '@medplum/fhirtypes';
import { has } from '../../datatypes/coding.ts';
import { idOf, parseReference, referenceText, same } from '../../datatypes/reference.ts';
import { typeCache } from '../../interaction/typeCache.ts';
import { createResource, find, resolve, updateResource } from '../../interaction/repository.ts';
import { coveragePlan, enrolledPlan, memberIdOf, newEnrollment } from '../../payer/enrollment.ts';
import { defaultPlan } from '../../payer/genericPlan.ts';
import type { Records } from '../../payer/answer.ts';
import { readPlan, type Plan } from '../../payer/plan.ts';
import { sameness } from '../../payer/received.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import type { Submission } from './submission.ts';

/** What the payer holds, and the keys under which it keeps it. */
export interface PayerRecords extends Records {
  readonly planKnown: boolean;
  readonly enrollmentKey: string | undefined;
  readonly claimKey: string | undefined; // of what makes the claim the same as another
}

/** Reads what the payer of a claim holds of plan and member. */
export async function readPayerRecords(call: Call, submission: Submission): Promise<PayerRecords> {
  const { claim, coverage, payer } = submission;
  const member = memberIdOf(coverage);
  const patient = claim.patient.reference ?? '';
  const enrollmentKey = member === undefined ? undefined : `enrollment|${payer}|${member}|${patient}`;
  const enrollment =
    member === undefined || enrollmentKey === undefined
      ? undefined
      : ((await enrollmentAt(call, enrollmentKey)) ?? (await enrollmentOf(call, submission, member)));
  const plan = await planFor(call, submission, enrollment);
  const hash = sameness(claim, payer, member ?? patient);
  const claimKey = hash === undefined ? undefined : `payer-claim|${payer}|${hash}`;
  const earlier = claimKey === undefined ? undefined : await call.tx.holder(claimKey);
  return {
    plan: plan ?? defaultPlan,
    planKnown: plan !== undefined,
    enrollment,
    enrollmentKey,
    claimKey,
    duplicate: earlier !== undefined && earlier !== referenceText(claim),
  };
}

async function enrollmentAt({ tx }: Call, key: string): Promise<Basic | undefined> {
  const reference = await tx.holder(key);
  return reference === undefined ? undefined : resolve<Basic>(tx, 'Basic', { reference });
}

/** The payer's enrolment of a member id: its own, or one made of this patient's Coverage; a first record else. */
async function enrollmentOf({ tx }: Call, { claim, payer }: Submission, member: string): Promise<Basic> {
  const held = await find<Basic>(tx, 'Basic', { identifier: `${system.memberId}|${member}` });
  const found = held.find(
    (b) =>
      has(b.code, system.basic, 'enrollment') &&
      b.author?.reference === payer &&
      (b.subject === undefined || same(b.subject, claim.patient)),
  );
  return found ?? newEnrollment(member, payer, claim.patient.reference ?? '');
}

interface Plans {
  readonly byId: ReadonlyMap<string, Plan>; // owner and plan id
  readonly byOwner: ReadonlyMap<string, readonly Plan[]>;
}

const allPlans = ({ context, tx }: Call): Promise<Plans> =>
  typeCache(context, tx, {
    key: 'payer-plans',
    types: ['InsurancePlan'],
    build: async () => {
      const plans = (await find<InsurancePlan>(tx, 'InsurancePlan', {})).filter(
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
  call: Call,
  { coverage, payer }: Submission,
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

/** Keeps what the payer holds after its answer: the enrolment and that it has seen the claim. */
export async function keepPayerRecords(
  { context, tx }: Call,
  { claim }: Submission,
  { before, after }: { readonly before: PayerRecords; readonly after: Basic | undefined },
): Promise<void> {
  const { claimKey, duplicate, enrollmentKey } = before;
  if (claimKey !== undefined && !duplicate) await tx.reserve(claimKey, referenceText(claim));
  if (after === undefined || enrollmentKey === undefined) return;
  const id = after.id;
  const kept =
    id === undefined
      ? await createResource(context, tx, after)
      : after === before.enrollment
        ? { ...after, id }
        : await updateResource(context, tx, { ...after, id });
  const reference = referenceText(kept);
  if (parseReference(reference) && (await tx.holder(enrollmentKey)) === undefined) {
    await tx.reserve(enrollmentKey, reference);
  }
}
