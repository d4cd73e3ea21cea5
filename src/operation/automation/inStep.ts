import type { Encounter } from '@medplum/fhirtypes';
import { changed } from '../../datatypes/json.ts';
import { isOpen } from '../../datatypes/openTask.ts';
import { resolve, updateResource } from '../../interaction/repository.ts';
import { withOutside } from '../../interaction/outside.ts';
import { FhirError } from '../../outcome/fhirError.ts';
import { codeOfIssue, isFault, type Issue } from '../../outcome/issue.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call, OperationContext } from '../operation.ts';
import { traced } from '../origin/traced.ts';
import { laterCall } from '../submission/laterCall.ts';
import { holderOf, taskKey } from '../uniqueKey.ts';
import { closeTask, raiseTask } from '../worklist/task.ts';
import { automationKind, automationOfVisit } from './enqueue.ts';
import type { Automation } from './settings.ts';

/** What a step is about, and its visit. */
export interface Of {
  readonly encounter: string; // Encounter/1
  readonly focus: string; // Encounter/1, Claim/1 or ExplanationOfBenefit/1
}

/** Does a step; what it answers with is why it must wait for a person. */
type Work = (call: Call, automated: Automation, visit: Encounter) => Promise<string | undefined>;

export const stoppedCode = 'automation-stopped';

/**
 * Runs one step in a transaction with the visit and the switch as they are then; false where it cannot go on. A step
 * that is refused leaves nothing but its Task; one that is done closes the Task of the time before.
 */
export async function inStep(context: OperationContext, of: Of, work: Work): Promise<boolean> {
  const { store } = context;
  const within = <T>(run: (call: Call, visit: Encounter) => Promise<T>): Promise<T | undefined> =>
    withOutside(() =>
      store.transaction(async (tx) => {
        await tx.lock(`${automationKind}|${of.encounter}`);
        const visit = await resolve<Encounter>(tx, 'Encounter', { reference: of.encounter });
        return visit?.status === 'finished' ? run(callOf(context, tx), visit) : undefined;
      }),
    );
  let reason: string | undefined;
  try {
    const done = await within((call, visit) =>
      traced(context, call.tx, { activity: 'automation of the practice', byServer: true }, async () => {
        const automated = await automationOfVisit(call.tx, visit);
        if (automated.steps.size === 0) return false; // switched off since
        reason = await work(call, automated, visit);
        if (reason === undefined) await closeStopped(call, of.focus);
        return true;
      }),
    );
    if (reason === undefined) return done ?? false;
  } catch (error) {
    if (!(error instanceof FhirError) || error.status >= 500) throw error;
    const faults = error.issue.filter(isFault);
    reason = reasonOf('refused', faults.length > 0 ? faults : error.issue);
  }
  const why = reason;
  await within(async (call, visit) => {
    const { practice } = await automationOfVisit(call.tx, visit);
    await stopped(call, { focus: of.focus, visit, practice }, why);
  });
  return false;
}

/** Why something waits: in codes, for a Task tells nothing of the chart. */
export function reasonOf(what: string, issues: readonly Issue[]): string {
  const codes = issues.map((issue) => codeOfIssue(issue) ?? issue.code);
  return codes.length === 0 ? what : `${what} (${[...new Set(codes)].sort().join(', ')})`;
}

/** One step is done as part of work that nobody waits for. */
function callOf(context: OperationContext, tx: Transaction): Call {
  const call = laterCall(context, tx, '');
  return { ...call, on: call.today, isPart: true };
}

interface Stopped {
  readonly focus: string;
  readonly visit: Encounter;
  readonly practice: string | undefined;
}

/** What stops waits for a person: one Task for what it is about, which says the reason of the last time. */
export async function stopped(call: Call, { focus, visit, practice }: Stopped, why: string): Promise<void> {
  const text = `${focus} does not go on by itself: ${why}`;
  const encounter = `Encounter/${visit.id ?? ''}`;
  const work = {
    code: stoppedCode,
    focus,
    detail: '',
    text,
    patient: visit.subject?.reference,
    encounter,
  } as const;
  await raiseTask(call, practice === undefined ? work : { ...work, practice });
  const task = await holderOf(call.tx, taskKey(stoppedCode, focus));
  if (task && task.description !== text && isOpen(task))
    await updateResource(call.context, call.tx, changed(task, { description: text }));
}

async function closeStopped(call: Call, focus: string): Promise<void> {
  const task = await holderOf(call.tx, taskKey(stoppedCode, focus));
  if (task && isOpen(task)) await closeTask(call, task);
}
