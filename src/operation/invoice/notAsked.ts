import type { Task } from '@medplum/fhirtypes';
import { holdsOn, mayBill } from '../../billing/collection/hold.ts';
import type { HeldBy } from '../../billing/invoice/owed.ts';
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
    const held = sum(lines.map((l) => l.ruleHeld));
    const heldBy = lines.find((l) => l.ruleHeld > 0)?.heldBy;
    if (held > 0 && heldBy) {
      const text = `${toText(held)} of ${claim} is not asked of the patient: ${whyHeld[heldBy].text}`;
      const task = await raise(call, of, { code: whyHeld[heldBy].task, focus: claim, detail: heldBy, text });
      const told = `${text}: ${task}`;
      if (heldBy === 'no-surprises-act') issues.push(warning('no-surprises-act', 'ClaimResponse', told));
      else if (heldBy === 'notice-missing') issues.push(warning('notice-missing', 'ClaimResponse', told));
      else if (heldBy === 'appeal-open') issues.push(warning('appeal-open', 'Task.status', told));
      else if (heldBy === 'compensation') issues.push(warning('compensation', 'EpisodeOfCare', told));
      else issues.push(warning('correction-open', 'Claim', told));
    }
    if (costShare > 0) issues.push(await tellCostShare(call, of, { claim, text: toText(costShare) }));
  }
  return issues;
}

/** What is said and put on the worklist of what is held. */
const whyHeld: Readonly<Record<HeldBy, { readonly task: string; readonly text: string }>> = {
  'no-surprises-act': {
    task: 'no-surprises',
    text: 'above the in-network share without consent (No Surprises Act): settle it with the payer',
  },
  'notice-missing': {
    task: 'notice-missing',
    text: 'no notice before the service is known: find it, appeal or write it off',
  },
  'appeal-open': { task: 'bill-held', text: 'an appeal is open' },
  compensation: {
    task: 'bill-held',
    text: 'compensation for work answers for it: settle it with the insurer of the case',
  },
  'correction-open': { task: 'bill-held', text: 'a corrected claim is not answered' },
};

/** While an Account is held back nothing more is asked of its patient: why, and a Task. None where it is not. */
export async function tellHeld(call: Call, of: PatientAccount): Promise<Issue[]> {
  const holds = holdsOn(of.account, of.patient, call.on);
  if (mayBill(holds, answersForEstate(of))) return [];
  const text = `${of.name} is held back (${holds.join(', ')}): no Invoice is issued`;
  const task = await raise(call, of, { code: 'bill-held', focus: of.name, detail: holds.join(' '), text });
  return [warning('account-held', 'Account.extension', `${text}: ${task}`)];
}

/** Of a patient who died the estate is asked where somebody answers for it: another guarantor than the patient. */
const answersForEstate = ({ account }: PatientAccount): boolean =>
  (account.guarantor ?? []).some(
    ({ party, onHold }) => onHold !== true && party.reference?.startsWith('Patient/') === false,
  );

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
