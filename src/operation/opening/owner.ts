import type { Account, Organization, Patient } from '@medplum/fhirtypes';
import { changed } from '../../datatypes/json.ts';
import { parseReference, same } from '../../datatypes/reference.ts';
import { resolve } from '../../interaction/repository.ts';
import { businessFault, unresolved, type Issue } from '../../outcome/issue.ts';
import type { Reader } from '../../store/store.ts';
import { accountOf } from '../charge/account.ts';
import type { Call } from '../operation.ts';
import type { OpeningHead, Owner } from './toLoad.ts';

type Stored<T> = T & { id: string };

/** Whose a part is: the patient, and the Account where one is named. */
export interface Owned {
  readonly patient: Stored<Patient>;
  readonly account: Stored<Account> | undefined;
}

/** Finds whose a part is: an Account of the practice, or a patient that is here. */
export async function ownerOf(
  { tx }: Pick<Call, 'tx'>,
  { practice }: OpeningHead,
  { account: named, patient: told, place }: Owner & { readonly place: string },
): Promise<{ readonly owned?: Owned; readonly faults: readonly Issue[] }> {
  const faults: Issue[] = [];
  const at = (name: string): string => `${place}.part.where(name='${name}').value`;
  const account =
    named === undefined ? undefined : await resolve<Account>(tx, 'Account', { reference: named });
  if (named !== undefined && account?.id === undefined)
    faults.push(unresolved('account-unknown', at('account'), 'names no Account that is here'));
  if (account && !same(account.owner, { reference: practice }))
    faults.push(
      businessFault('account-of-another-practice', at('account'), 'the Account is of another practice'),
    );
  const subject = account?.subject?.find((s) => parseReference(s.reference)?.type === 'Patient')?.reference;
  if (told !== undefined && subject !== undefined && !same({ reference: told }, { reference: subject }))
    faults.push(
      businessFault('account-of-another-patient', at('account'), 'the Account is of another patient'),
    );
  const reference = told ?? subject;
  const patient = reference === undefined ? undefined : await resolve<Patient>(tx, 'Patient', { reference });
  if (patient?.id === undefined && faults.length === 0)
    faults.push(unresolved('patient-unknown', at('patient'), 'names no Patient that is here'));
  if (faults.length > 0 || patient?.id === undefined) return { faults };
  return {
    owned: {
      patient: changed(patient, { id: patient.id }),
      account: account?.id === undefined ? undefined : changed(account, { id: account.id }),
    },
    faults,
  };
}

/** The Account that a part is posted on: the one that is named, else the patient's at the practice, new where there is none. */
export const accountFor = (
  call: Call,
  { practice, date }: OpeningHead,
  { patient, account }: Owned,
): Promise<Stored<Account>> =>
  account
    ? Promise.resolve(account)
    : accountOf(call, { chart: { encounter: {} }, patient, practice, day: date }, []);

const levelsMax = 4;

/** Whether an Organization is the practice or a part of it. */
export async function isOfPractice(
  tx: Reader,
  organization: string | undefined,
  practice: string,
): Promise<boolean> {
  let reference = organization;
  for (let level = 0; reference !== undefined && level < levelsMax; level += 1) {
    if (same({ reference }, { reference: practice })) return true;
    const found: Organization | undefined = await resolve<Organization>(tx, 'Organization', { reference });
    reference = found?.partOf?.reference;
  }
  return false;
}
