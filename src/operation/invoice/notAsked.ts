import type { Task } from '@medplum/fhirtypes';
import { creditOn } from '../../billing/ledger/index.ts';
import { concept } from '../../datatypes/coding.ts';
import { sum, toText } from '../../datatypes/cents.ts';
import { changed } from '../../datatypes/json.ts';
import { referenceText, referenceTo } from '../../datatypes/reference.ts';
import { createResource, updateResource } from '../../interaction/repository.ts';
import { decided, warning, type Issue } from '../../outcome/issue.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { holderOf, reserveKey, taskKey } from '../uniqueKey.ts';
import type { PatientAccount } from '../payment/patientAccount.ts';
import type { Explained } from './explainedClaim.ts';

/** Says what of some claims is not asked of the patient, and puts what is to be done about it on the worklist. */
export async function tellNotAsked(
  call: Call,
  of: PatientAccount,
  claims: readonly Explained[],
): Promise<Issue[]> {
  const issues: Issue[] = [];
  for (const { claim, lines } of claims) {
    const medicaid = sum(lines.map((l) => l.medicaidHeld));
    const searching = sum(lines.map((l) => l.searchHeld));
    const costShare = sum(lines.map((l) => l.costShare));
    if (medicaid > 0) {
      const text = `${toText(medicaid)} that Medicaid left of ${claim} is not the patient's to pay`;
      const task = await raise(call, of, {
        code: 'patient-balance',
        focus: claim,
        text: `${text}: bill the Medicaid agency again or write it off`,
      });
      issues.push(warning('medicaid-balance', 'ClaimResponse', `${text}: ${task}`));
    }
    if (searching > 0) {
      const task = await holderOf(call.tx, taskKey('find-coverage', claim));
      const text = `${toText(searching)} of ${claim} is not asked for while ${task ? referenceText(task) : 'a Task'} looks for other coverage`;
      issues.push(warning('coverage-search-open', 'Task.status', text));
    }
    if (costShare > 0) issues.push(await tellCostShare(call, of, { claim, text: toText(costShare) }));
  }
  return issues;
}

/** The cost share of a QMB patient; money that was taken for it is to be refunded. */
async function tellCostShare(
  call: Call,
  of: PatientAccount,
  { claim, text: amount }: { claim: string; text: string },
): Promise<Issue> {
  const text = `${amount} of ${claim} is the cost share of a QMB patient: nobody asks the patient for it`;
  const journal = await call.tx.journal(of.name);
  const credit = sum(creditOn(journal, journal.at(-1)?.on ?? call.on).map((c) => c.amount));
  if (credit === 0) return decided('qmb-cost-share', 'ClaimResponse', text);
  const refund = `${toText(credit)} was taken from a QMB patient: refund it`;
  const task = await raise(call, of, { code: 'refund', focus: of.name, detail: claim, text: refund });
  return warning('qmb-cost-share', 'ClaimResponse', `${text}; ${toText(credit)} is to be refunded: ${task}`);
}

/** Raises a Task once; one that a person finished or dropped stays so. */
async function raise(
  { context, tx, on }: Call,
  of: PatientAccount,
  work: { readonly code: string; readonly focus: string; readonly detail?: string; readonly text: string },
): Promise<string> {
  const key = taskKey(work.code, work.focus, work.detail);
  const known = await holderOf(tx, key);
  if (known) {
    if (known.description !== work.text && known.status === 'requested') {
      await updateResource(context, tx, changed(known, { description: work.text }));
    }
    return referenceText(known);
  }
  const task: Task = {
    resourceType: 'Task',
    status: 'requested',
    intent: 'order',
    code: concept(system.task, work.code),
    description: work.text,
    focus: { reference: work.focus },
    for: referenceTo(of.patient),
    owner: of.practice,
    authoredOn: on,
  };
  const name = referenceText(await createResource(context, tx, task));
  await reserveKey(tx, key, name);
  return name;
}
