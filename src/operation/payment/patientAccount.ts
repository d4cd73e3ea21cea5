import type { Account, Organization, Patient, Reference } from '@medplum/fhirtypes';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { changed } from '../../datatypes/json.ts';
import { resolve } from '../../interaction/repository.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { unresolved } from '../../outcome/issue.ts';
import type { Call } from '../operation.ts';

/** An Account with whom and what it is about. */
export interface PatientAccount {
  readonly account: Account & { id: string };
  readonly name: string; // Account/1
  readonly patient: Patient & { id: string };
  readonly practice: Reference<Organization>;
  readonly journal: readonly Entry[];
}

/** Reads an Account, its patient and its journal; 422 for what is not here. `at` is where the reference stands. */
export async function patientAccount(
  { tx }: Call,
  reference: Reference | undefined,
  at: string,
): Promise<PatientAccount> {
  const account = await resolve<Account>(tx, 'Account', reference);
  if (account?.id === undefined) {
    throw unprocessable([unresolved('account-unknown', at, 'names no Account that is here')]);
  }
  const found = changed(account, { id: account.id });
  const subject = found.subject?.find((s) => parseReference(s.reference)?.type === 'Patient');
  const patient = await resolve<Patient>(tx, 'Patient', subject);
  const faults = [
    ...(patient?.id === undefined
      ? [unresolved('patient-unknown', 'Account.subject', 'names no Patient that is here')]
      : []),
    ...(found.owner ? [] : [unresolved('practice-unknown', 'Account.owner', 'names no practice')]),
  ];
  if (patient?.id === undefined || !found.owner) throw unprocessable(faults);
  const name = referenceText(found);
  const journal = await tx.journal(name);
  return {
    account: found,
    name,
    patient: changed(patient, { id: patient.id }),
    practice: found.owner,
    journal,
  };
}
