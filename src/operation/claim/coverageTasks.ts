import type { Task } from '@medplum/fhirtypes';
import type { Assigned } from '../../billing/claim/assign.ts';
import type { ClaimLine } from '../../billing/claim/claimLine.ts';
import { has } from '../../datatypes/coding.ts';
import { changed } from '../../datatypes/json.ts';
import { find, updateResource } from '../../interaction/repository.ts';
import { decided, warning, type Issue } from '../../outcome/issue.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import type { Visit } from '../charge/visit.ts';
import { holderOf, taskKey } from '../uniqueKey.ts';
import { closeTask, raiseTask } from '../worklist/task.ts';

type Unclaimed = Omit<Assigned, 'groups' | 'issues'>;

const named = (visit: Visit): { encounter: string; patient: string } => ({
  encounter: `Encounter/${visit.chart.encounter.id}`,
  patient: `Patient/${visit.patient.id}`,
});

const daysOf = (lines: readonly ClaimLine[]): string[] => [...new Set(lines.map((l) => l.start))].sort();

/** What makes the search for the coverage of some days one piece of work. */
const detailOf = (lines: readonly ClaimLine[]): string => `uncovered ${daysOf(lines).join(' ')}`;

/** Tells of charges that are on no claim because of their coverage, and keeps the worklist in step. */
export async function reportCoverage(call: Call, visit: Visit, unclaimed: Unclaimed): Promise<Issue[]> {
  const issues: Issue[] = [];
  const { held, waiting, nobody } = unclaimed;
  if (nobody.length > 0) {
    const text = `${daysOf(nobody).join(', ')}: before the first covered day, billed to nobody: ${chargesOf(nobody)}`;
    issues.push(decided('before-entitlement', 'ChargeItem', text));
  }
  issues.push(...(await reportHeld(call, visit, held)), ...(await reportWaiting(call, visit, waiting)));
  return issues;
}

const chargesOf = (lines: readonly ClaimLine[]): string => lines.map((l) => l.charge).join(', ');

async function reportHeld(call: Call, visit: Visit, held: readonly ClaimLine[]): Promise<Issue[]> {
  const { encounter, patient } = named(visit);
  if (held.length === 0) {
    const open = await holderOf(call.tx, taskKey('coverage-change', encounter, 'no-rule'));
    if (open?.status === 'requested') await closeTask(call, open);
    return [];
  }
  const text = `${encounter}: the coverage changes within the stay and no plan says how it is billed: held`;
  await raiseTask(call, {
    code: 'coverage-change',
    focus: encounter,
    detail: 'no-rule',
    text,
    patient,
    encounter,
  });
  return [warning('coverage-change', 'Encounter', text)];
}

async function reportWaiting(call: Call, visit: Visit, waiting: readonly ClaimLine[]): Promise<Issue[]> {
  const { encounter, patient } = named(visit);
  const detail = detailOf(waiting);
  await withdrawOthers(call, encounter, waiting.length === 0 ? undefined : detail);
  if (waiting.length === 0) return [];
  const known = await holderOf(call.tx, taskKey('find-coverage', encounter, detail));
  const days = daysOf(waiting).join(', ');
  if (known?.status === 'completed') {
    const text = `${days}: released to the patient, Encounter/[id]/$generate-invoice bills it`;
    return [decided('released-to-patient', 'Coverage', text)];
  }
  const text = `${encounter}: no Coverage is active on ${days}: look for one; completing this Task releases the days to the patient`;
  if (known?.status === 'cancelled') {
    await updateResource<Task>(call.context, call.tx, changed(known, { status: 'requested' as const }));
  } else {
    await raiseTask(call, { code: 'find-coverage', focus: encounter, detail, text, patient, encounter });
  }
  return [warning('find-coverage', 'Coverage', text)];
}

/** A search that is no longer needed is cancelled: to complete it would release the days to the patient. */
async function withdrawOthers(call: Call, encounter: string, needed: string | undefined): Promise<void> {
  for (const task of await find<Task>(call.tx, 'Task', { encounter })) {
    const isSearch =
      has(task.code, system.task, 'find-coverage') &&
      task.focus?.reference === encounter &&
      task.status === 'requested';
    if (!isSearch || task.reasonCode?.text === needed || task.id === undefined) continue;
    const cancelled = changed(task, { id: task.id, status: 'cancelled' as const });
    await updateResource<Task>(call.context, call.tx, cancelled);
  }
}

/** The charges of uncovered days that a person has released to the patient. */
export async function releasedCharges(
  call: Call,
  visit: Visit,
  waiting: readonly ClaimLine[],
): Promise<ReadonlySet<string>> {
  if (waiting.length === 0) return new Set();
  const task = await holderOf(call.tx, taskKey('find-coverage', named(visit).encounter, detailOf(waiting)));
  return new Set(task?.status === 'completed' ? waiting.map((l) => l.charge) : []);
}
