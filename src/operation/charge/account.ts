import type { Account, Encounter, Patient, Reference, RelatedPerson } from '@medplum/fhirtypes';
import { concept } from '../../datatypes/coding.ts';
import { ageOn } from '../../datatypes/date.ts';
import { parseReference, same } from '../../datatypes/reference.ts';
import { changed } from '../../datatypes/json.ts';
import { createResource, find, resolve } from '../../interaction/repository.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, decided, warning, type Issue } from '../../outcome/issue.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { raiseTask } from '../worklist/task.ts';
import { accountKey, holderOf, reserveKey } from '../uniqueKey.ts';

type Found = Account & { id: string };
/** The part of a chart that names an Account. */
interface Charted {
  readonly encounter: Pick<Encounter, 'account'>;
}

/**
 * The Account of a patient at a practice: the one that is there, else the one the Encounter names, else a new one.
 * One per patient and practice, held by a unique key.
 */
export async function accountOf(
  call: Call,
  visit: {
    readonly chart: Charted;
    readonly patient: Patient & { id: string };
    readonly practice: string;
    readonly day: string;
  },
  issues: Issue[],
): Promise<Found> {
  const { tx, context } = call;
  const { chart, patient, practice, day } = visit;
  const subject = `Patient/${patient.id}`;
  const part = await partNamed(call, chart, { subject, practice });
  if (part) return part;
  const key = accountKey(subject, practice);
  const holder = await holderOf(tx, key);
  if (holder) return holder;
  const known = (await named(call, chart, subject)) ?? (await ofPractice(call, subject, practice));
  if (known) {
    await reserveKey(tx, key, `Account/${known.id}`);
    return known;
  }
  const guarantor = await guarantorOf(call, patient, day);
  const account = await createResource<Account>(context, tx, {
    resourceType: 'Account',
    status: 'active',
    type: concept(system.accountType, 'guarantor'),
    subject: [{ reference: subject }],
    owner: { reference: practice },
    guarantor: [{ party: guarantor }],
  });
  await reserveKey(tx, key, `Account/${account.id}`);
  const who =
    parseReference(guarantor.reference)?.type === 'RelatedPerson' ? 'a related person' : 'the patient';
  issues.push(
    decided('account-created', 'Encounter.account', `Account/${account.id} is new; guarantor is ${who}`),
  );
  if (who === 'the patient' && isMinor(patient, day)) {
    await openGuarantorTask(call, { account: `Account/${account.id}`, patient: subject });
    const text =
      'the patient is a minor and no adult is known who answers for the bills: a Task asks for one';
    issues.push(warning('guarantor-missing', 'Account.guarantor', text));
  }
  return account;
}

/** The Account of a record that was merged, on which the visit was charged: it goes on as part of the patient's own. */
async function partNamed(
  { tx }: Call,
  { encounter }: Charted,
  { subject, practice }: { readonly subject: string; readonly practice: string },
): Promise<Found | undefined> {
  if (encounter.account?.[0] === undefined) return undefined;
  const account = await resolve<Account>(tx, 'Account', encounter.account[0]);
  const isPart =
    account?.partOf !== undefined &&
    same(account.owner, { reference: practice }) &&
    account.subject?.some((one) => same(one, { reference: subject })) === true;
  return isPart && account.id !== undefined ? changed(account, { id: account.id }) : undefined;
}

/** The Account that the Encounter names; 422 when it is another patient's. */
async function named({ tx }: Call, { encounter }: Charted, subject: string): Promise<Found | undefined> {
  const account = await resolve<Account>(tx, 'Account', encounter.account?.[0]);
  if (account?.id === undefined) return undefined;
  if (!account.subject?.some((s) => same(s, { reference: subject }))) {
    const text = 'names an Account of another patient';
    throw unprocessable([businessFault('account-of-another-patient', 'Encounter.account[0]', text)]);
  }
  return changed(account, { id: account.id });
}

async function ofPractice({ tx }: Call, subject: string, practice: string): Promise<Found | undefined> {
  const accounts = await find<Account>(tx, 'Account', { subject });
  const open = accounts.find((a) => a.status === 'active' && same(a.owner, { reference: practice }));
  return open?.id === undefined ? undefined : changed(open, { id: open.id });
}

type Guarantor = Reference<Patient | RelatedPerson>;

const roleCode = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode';
const guardian: readonly string[] = ['GUARD', 'HPOWATT', 'DPOWATT', 'POWATT', 'SGUARD'];
const parent: readonly string[] = [
  ...['PRN', 'MTH', 'FTH', 'NPRN', 'NMTH', 'NFTH', 'NMTHF', 'NFTHF', 'GESTM'],
  ...['PRNFOST', 'MTHFOST', 'FTHFOST', 'STPPRN', 'STPMTH', 'STPFTH', 'ADOPTP', 'ADOPTM', 'ADOPTF'],
];

/** The work of finding out who answers for a minor's bills. */
export const openGuarantorTask = (
  call: Call,
  of: { readonly account: string; readonly patient: string },
): Promise<void> =>
  raiseTask(call, {
    code: 'guarantor',
    focus: of.account,
    detail: 'minor',
    text: `${of.account}: the patient is a minor and no adult is known who answers for the bills`,
    patient: of.patient,
  });

const isMinor = ({ birthDate }: Patient, day: string): boolean =>
  birthDate !== undefined && ageOn(birthDate, day) < 18;

/** Who answers for the bills: a guardian where there is one, a parent of a minor, else the patient. */
export async function guarantorOf(
  { tx }: Call,
  patient: Patient & { id: string },
  day: string,
): Promise<Guarantor> {
  const self = { reference: `Patient/${patient.id}` };
  const related = await find<RelatedPerson>(tx, 'RelatedPerson', { patient: self.reference });
  const is = (codes: readonly string[]) => (r: RelatedPerson) =>
    r.active !== false &&
    (r.relationship ?? []).some((c) =>
      c.coding?.some((x) => x.system === roleCode && codes.includes(x.code ?? '')),
    );
  const found = related.find(is(guardian)) ?? (isMinor(patient, day) ? related.find(is(parent)) : undefined);
  return found?.id === undefined ? self : { reference: `RelatedPerson/${found.id}` };
}
