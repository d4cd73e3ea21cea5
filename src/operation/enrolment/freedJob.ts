import type { Claim, PractitionerRole } from '@medplum/fhirtypes';
import { providerEnrolment } from '../../billing/scrub/rules/providerEnrolment.ts';
import { viewOf } from '../../billing/scrub/view.ts';
import { dateInZone } from '../../datatypes/date.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import type { WriteHook } from '../../interaction/context.ts';
import { find, parsed, resolve } from '../../interaction/repository.ts';
import type { Handler } from '../../job/queue.ts';
import type { Transaction } from '../../store/store.ts';
import { isEnrolment } from '../../terminology/caseSystem.ts';
import { automationOf } from '../automation/settings.ts';
import { encounterOfClaim, enqueueAutomation } from '../automation/enqueue.ts';
import type { OperationContext } from '../operation.ts';
import { traced } from '../origin/traced.ts';
import { readKnown } from '../submission/readKnown.ts';
import { raiseTask } from '../worklist/task.ts';
import { enrolmentsIn, payerOfEnrolment } from './enrolmentRole.ts';
import { enrolmentRoles, readEnrolments } from './readEnrolments.ts';

const enrolmentKind = 'enrolment';

interface Entered {
  readonly role: string; // PractitionerRole/1
  readonly version: string;
}

/** An enrolment that is entered, or whose dates change, may free claims that wait for it: a job looks for them. */
export const enrolmentHook: WriteHook = {
  types: ['PractitionerRole'],
  run: (context, tx, { after }) =>
    Promise.resolve(
      after?.resourceType === 'PractitionerRole' && isEnrolment(after)
        ? async (written) => {
            const { id, meta } = parsed<PractitionerRole>(written);
            const entered: Entered = {
              role: `PractitionerRole/${id ?? ''}`,
              version: meta?.versionId ?? '',
            };
            await tx.jobs.enqueue({
              key: [enrolmentKind, entered.role, entered.version].join('|'),
              kind: enrolmentKind,
              payload: JSON.stringify(entered),
              due: Date.parse(context.now()),
            });
          }
        : undefined,
    ),
};

/**
 * Looks for drafts that waited for an enrolment: where the practice sends claims by itself, each goes on; else a Task says
 * that it can be sent.
 */
export const enrolmentFreed = (context: OperationContext): Handler => ({
  kind: enrolmentKind,
  run: async (lease) => {
    const entered = JSON.parse(lease.job.payload) as Entered;
    const role = await resolve<PractitionerRole>(context.store, 'PractitionerRole', {
      reference: entered.role,
    });
    for (const claim of role ? await waiting(context, role) : [])
      await context.store.transaction((tx) =>
        traced(context, tx, { activity: 'an enrolment came', byServer: true }, () =>
          free(context, tx, { entered, claim }),
        ),
      );
    await context.store.transaction((tx) => tx.jobs.change(lease, { state: 'done' }));
    return undefined;
  },
  giveUp: async (tx, lease) => {
    const { role } = JSON.parse(lease.job.payload) as Entered;
    const on = dateInZone(context.now(), context.timeZone);
    const text = 'this enrolment may have freed drafts, and the server could not look for them';
    await raiseTask({ context, tx, on }, { code: 'enrolment-freed', focus: role, detail: '', text });
  },
});

/** The drafts of the group for the payer in which the person of an enrolment takes part. */
async function waiting({ store }: OperationContext, role: PractitionerRole): Promise<readonly string[]> {
  const [one] = enrolmentsIn(role);
  const payer = payerOfEnrolment(role);
  if (!one || payer === undefined) return [];
  const { practitioner } = one;
  const people = practitioner === undefined ? [] : await namesOf(store, practitioner);
  const drafts = await find<Claim>(store, 'Claim', {
    ...{ status: 'draft', insurer: payer, provider: one.group },
    ...(people.length === 0 ? {} : { 'care-team': people.join(',') }),
  });
  return drafts.filter(({ use }) => use === 'claim').map(referenceText);
}

/** A person and what they are named by in the team of a claim: their roles. */
async function namesOf(store: OperationContext['store'], practitioner: string): Promise<string[]> {
  const roles = await find<PractitionerRole>(store, 'PractitionerRole', { practitioner });
  return [practitioner, ...roles.map(referenceText)];
}

async function free(
  context: OperationContext,
  tx: Transaction,
  { entered, claim: reference }: { readonly entered: Entered; readonly claim: string },
): Promise<void> {
  const claim = await resolve<Claim>(tx, 'Claim', { reference });
  if (claim?.status !== 'draft' || !(await isFreedBy(tx, claim, entered.role))) return;
  const practice = await resolve(tx, 'Organization', claim.provider);
  const encounter = encounterOfClaim(claim);
  const isAutomatic = practice?.resourceType === 'Organization' && automationOf(practice).steps.has('submit');
  if (isAutomatic && encounter !== undefined) {
    const occasion = [entered.role, entered.version].join('|');
    await enqueueAutomation(context, tx, { about: { encounter }, occasion });
    return;
  }
  const on = dateInZone(context.now(), context.timeZone);
  await raiseTask(
    { context, tx, on },
    {
      ...{ code: 'enrolment-freed', focus: reference, detail: entered.role },
      text: 'the provider is enrolled with the payer now: this claim can be sent',
      ...{ patient: claim.patient.reference, encounter, practice: claim.provider.reference },
    },
  );
}

/** Whether a claim is held without an enrolment, and is not with it. */
async function isFreedBy(tx: Transaction, claim: Claim, role: string): Promise<boolean> {
  const known = await readKnown(tx, claim);
  const { enrolments } = await readEnrolments({ tx }, claim, known);
  if (!enrolments) return false;
  const input = { claim, on: '', known, earlier: [], plan: { authorization: new Set<string>() } };
  const isHeld = (given: typeof enrolments): boolean =>
    providerEnrolment.check(viewOf({ ...input, enrolments: given })).length > 0;
  if (isHeld(enrolments)) return false;
  const [group, payer] = [claim.provider, claim.insurer].map((one) => parseReference(one?.reference)?.id);
  const roles = await enrolmentRoles(tx, `Organization/${group ?? ''}`, `Organization/${payer ?? ''}`);
  return isHeld(roles.filter((one) => referenceText(one) !== role).flatMap(enrolmentsIn));
}
