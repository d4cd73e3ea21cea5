import { changed } from '../../datatypes/json.ts';
import type { Account, Patient } from '@medplum/fhirtypes';
import { recipientOf } from '../../billing/invoice/issue.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { updateResource } from '../../interaction/repository.ts';
import { decided, warning, type Issue } from '../../outcome/issue.ts';
import { guarantorOf, openGuarantorTask } from '../charge/account.ts';
import type { Call } from '../operation.ts';
import { holderOf, taskKey } from '../uniqueKey.ts';
import { closeTask } from '../worklist/task.ts';

type Stored<T> = T & { id: string };

/** The Account as it is billed; without `account` nobody can be asked to pay, and `issues` say why. */
export interface Answerable {
  readonly account?: Stored<Account>;
  readonly issues: readonly Issue[];
}

/**
 * Who answers for a bill: the guarantor of the Account, else the patient when of age, else an adult who has become
 * known since the Account was opened. A minor without one gets a Task and no Invoice.
 */
export async function answerable(
  call: Call,
  { account, patient }: { readonly account: Stored<Account>; readonly patient: Stored<Patient> },
  on: string,
): Promise<Answerable> {
  const name = `Account/${account.id}`;
  const recipient = recipientOf(account, patient, on);
  if (recipient) {
    // A patient who has come of age does not answer for the bills of before.
    if (parseReference(recipient.reference)?.type === 'RelatedPerson') await closeGuarantorTask(call, name);
    return { account, issues: [] };
  }
  const party = await guarantorOf(call, patient, on);
  if (parseReference(party.reference)?.type === 'RelatedPerson') {
    const others = (account.guarantor ?? []).filter((g) => g.onHold === true);
    const found = await updateResource<Account>(
      call.context,
      call.tx,
      changed(account, { guarantor: [{ party }, ...others] }),
    );
    await closeGuarantorTask(call, name);
    const text = `${party.reference ?? ''} answers for the minor and is the guarantor of ${name} now`;
    return { account: found, issues: [decided('guarantor-found', 'Account.guarantor', text)] };
  }
  await openGuarantorTask(call, { account: name, patient: `Patient/${patient.id}` });
  const text =
    'the patient is a minor and no adult is known who answers for the bill: no Invoice is issued, a Task asks for one';
  return { issues: [warning('guarantor-missing', 'Account.guarantor', text)] };
}

async function closeGuarantorTask(call: Call, account: string): Promise<void> {
  const task = await holderOf(call.tx, taskKey('guarantor', account, 'minor'));
  if (task?.status === 'requested') await closeTask(call, task);
}
