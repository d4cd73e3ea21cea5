import { balance } from '../../billing/ledger/index.ts';
import { toText } from '../../datatypes/cents.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { businessFault } from '../../outcome/issue.ts';
import { isOpen } from '../invoice/patientLimits.ts';
import type { Call } from '../operation.ts';
import type { PatientAccount } from '../payment/patientAccount.ts';
import { holderOf, taskKey } from '../uniqueKey.ts';

/** Work that says what of a payer's takeback is not settled yet. */
const works = ['correction-awaited', 'reversal-review'] as const;

/**
 * 422 while a payer takes money of some claims back: an answer was taken back and the next is awaited, its consequences
 * are not reviewed, or money was recouped and no answer says of what. Without `claims` all of the Account.
 */
export async function requireNoTakeback(
  { tx }: Pick<Call, 'tx'>,
  of: Pick<PatientAccount, 'journal' | 'name'>,
  claims: readonly string[] = claimsOf(of),
): Promise<void> {
  for (const claim of new Set(claims)) {
    const recouped = balance(of.journal, { account: 'payer-recoupment', claim });
    const tasks = [];
    for (const code of works) tasks.push(await holderOf(tx, taskKey(code, claim)));
    const task = tasks.find(isOpen);
    if (recouped === 0 && !task) continue;
    const why = task ? `Task/${task.id} is open` : `${toText(recouped)} of it is not answered`;
    const text = `the payer takes money of ${claim} back: ${why}`;
    throw unprocessable([businessFault('takeback-open', 'Account', text)]);
  }
}

const claimsOf = ({ journal }: Pick<PatientAccount, 'journal'>): string[] =>
  journal.flatMap((e) => e.postings.flatMap((p) => p.claim ?? []));
