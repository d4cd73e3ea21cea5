import type { Invoice, Organization, Patient, Person } from '@medplum/fhirtypes';
import { holdsOn, mayContact } from '../../billing/collection/hold.ts';
import { dueNow } from '../../billing/collection/statement.ts';
import { statementSettings } from '../../billing/collection/statementCycle.ts';
import { balance } from '../../billing/ledger/index.ts';
import { ownNumber } from '../../billing/payment/receipt.ts';
import { sum, zero } from '../../datatypes/cents.ts';
import { addDays } from '../../datatypes/date.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { changed } from '../../datatypes/json.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import { find, resolve } from '../../interaction/repository.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, decided, warning, type Issue } from '../../outcome/issue.ts';
import { extension } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { patientAccount, type PatientAccount } from '../payment/patientAccount.ts';
import { nothingKnown, readBill, type AccountBill, type Known } from './readBill.ts';
import { answersFor, guarantorRecipient, patientRecipient } from './recipient.ts';
import { hasConfidential } from './person.ts';
import type { Recipient, Scope, Statement } from './statement.ts';
import { unprintableNotices } from './tagline.ts';

export interface Asked {
  readonly of: PatientAccount;
  readonly scope: Scope;
  readonly asOf: string;
  readonly level: number;
  readonly isLarge?: boolean | undefined;
  readonly known?: Known;
}

/** A statement, and what was decided about it; none where nothing is owed. */
export interface Prepared {
  readonly statement?: Statement & { readonly id: string };
  readonly issues: readonly Issue[];
}

/**
 * What a statement says, read from the books as of a day. Refused (422) for an Account that nobody may be written to
 * about, and for a minor without a guarantor.
 */
export async function prepare(call: Call, asked: Asked): Promise<Prepared> {
  const { context, tx } = call;
  const { of, scope, asOf } = asked;
  const known = asked.known ?? nothingKnown();
  const recipient = await recipientFor(call, asked);
  const audience = recipient.isPatient ? 'patient' : 'other';
  const family = scope === 'family' ? await familyOf(call, of, recipient) : { accounts: [of], issues: [] };
  const bills: AccountBill[] = [];
  for (const one of family.accounts) {
    const isOwn = one.name === of.name || recipient.reference.reference === referenceText(one.patient);
    const read = { asOf, known, audience: isOwn ? audience : 'other' } as const;
    const whole = await readBill(tx, one, scope === 'confidential' ? { ...read, audience: 'other' } : read);
    bills.push(scope === 'confidential' ? onlyWithheld(whole) : whole);
  }
  const invoiced = sum(bills.map((b) => b.invoiced));
  const unapplied = sum(bills.map((b) => b.unapplied));
  const issues = [...family.issues, ...withheldIssues(bills, scope)];
  if (invoiced === 0) {
    const text = `nothing is open on Invoices of ${of.name} on ${asOf} that this statement may tell of`;
    return { issues: [...issues, decided('nothing-owed', undefined, text)] };
  }
  const practice = await resolve<Organization>(tx, 'Organization', of.practice);
  if (practice?.id === undefined)
    throw unprocessable([businessFault('practice-unknown', 'Account.owner', 'names no practice')]);
  const settings = statementSettings(practice);
  const id = context.newId();
  return {
    statement: {
      id,
      number: ownNumber('STM', id),
      scope,
      asOf,
      dueOn: addDays(asOf, settings.dueDays),
      level: asked.level,
      isFinal: asked.level >= settings.days.length && settings.days.length > 1,
      isLarge: asked.isLarge ?? extensionOf(of.patient, extension.largePrint)?.valueBoolean === true,
      practice: changed(practice, { id: practice.id }),
      settings,
      recipient,
      bills,
      invoiced,
      unapplied,
      due: dueNow(invoiced, unapplied),
      isWaiting: family.accounts.some((one) => waits(one, asOf)),
    },
    issues: [...issues, ...addressIssues(recipient), ...noticeIssues(practice)],
  };
}

/** Whether payers have still to decide or pay something. */
const waits = ({ journal }: PatientAccount, asOf: string): boolean =>
  balance(
    journal,
    {
      account: [
        'receivable-unbilled',
        'receivable-insurance-open',
        'receivable-insurance-pended',
        'receivable-insurance-denied',
      ],
    },
    asOf,
  ) !== 0;

/** A statement of what others are not told: credit of the Account is told of in the other one. */
const onlyWithheld = (bill: AccountBill): AccountBill => ({
  ...bill,
  invoices: bill.withheld,
  invoiced: sum(bill.withheld.map((i) => i.open)),
  unapplied: zero,
  withheld: [],
});

async function recipientFor(call: Call, { of, scope, asOf }: Asked): Promise<Recipient> {
  const { account, patient } = of;
  const holds = holdsOn(account, patient, asOf);
  if (!mayContact(holds, true)) {
    const text = `the Account stands under a hold (${holds.join(', ')}): nobody is written to about money`;
    throw unprocessable([businessFault('account-held', 'Account.extension', text)]);
  }
  const hasDied = holds.includes('deceased');
  if (scope === 'confidential') return confidentialRecipient(patient, asOf, hasDied);
  const party = answersFor(account, patient, asOf);
  if (!party) {
    const text = 'the patient is a minor and no adult is known who answers for the bill';
    throw unprocessable([businessFault('guarantor-missing', 'Account.guarantor', text)]);
  }
  if (party.reference === `Patient/${patient.id}`) return patientRecipient(patient, asOf, hasDied);
  return guarantorRecipient(call.tx, party, { patient, on: asOf });
}

/** What only the patient is told goes where only the patient reads it. */
function confidentialRecipient(patient: Patient & { id: string }, on: string, hasDied: boolean): Recipient {
  if (hasConfidential(patient)) return patientRecipient(patient, on, hasDied);
  const text = 'the patient gave no confidential address or e-mail: hand it over in person, by a dry run';
  throw unprocessable([businessFault('confidential-address-missing', 'Patient.address', text)]);
}

interface Family {
  readonly accounts: readonly PatientAccount[];
  readonly issues: readonly Issue[];
}

/** Every Account of the practice that the same person answers for; one that is held back is left out. */
async function familyOf(call: Call, of: PatientAccount, recipient: Recipient): Promise<Family> {
  const { tx, on } = call;
  const names = await samePerson(call, recipient.reference.reference ?? '');
  const invoices = await find<Invoice>(tx, 'Invoice', {
    recipient: names.join(','),
    issuer: of.practice.reference ?? '',
    status: 'issued,balanced',
  });
  const others = new Set(invoices.flatMap(({ account }) => account?.reference ?? []));
  others.delete(of.name);
  const accounts = [of];
  const issues: Issue[] = [];
  for (const reference of others) {
    const one = await patientAccount(call, { reference }, 'Invoice.account');
    const party = answersFor(one.account, one.patient, on);
    if (!names.includes(party?.reference ?? '')) continue;
    const holds = holdsOn(one.account, one.patient, on);
    if (mayContact(holds)) accounts.push(one);
    else
      issues.push(
        warning('account-held', 'Account.extension', `${reference} is left out: ${holds.join(', ')}`),
      );
  }
  return { accounts, issues };
}

/** The resources that are one person: what a Person links together. */
async function samePerson({ tx }: Call, reference: string): Promise<string[]> {
  const type = parseReference(reference)?.type;
  if (type !== 'Patient' && type !== 'RelatedPerson') return [reference];
  const persons = await find<Person>(tx, 'Person', { link: reference });
  const linked = persons.flatMap(({ link = [] }) => link.flatMap(({ target }) => target.reference ?? []));
  return [...new Set([reference, ...linked])];
}

function withheldIssues(bills: readonly AccountBill[], scope: Scope): Issue[] {
  if (scope === 'confidential') return [];
  return bills.flatMap(({ of, withheld }) =>
    withheld.length === 0
      ? []
      : [
          warning(
            'kept-confidential',
            'Invoice',
            `${withheld.length} Invoices of ${of.name} are only for the patient to know: ask for scope confidential`,
          ),
        ],
  );
}

const noticeIssues = (practice: Organization): Issue[] =>
  unprintableNotices(practice).map((lang) =>
    warning(
      'notice-unprintable',
      'Organization.extension',
      `the font has not the letters of the language notice in ${lang}: it is left out`,
    ),
  );

const addressIssues = ({ address, reference }: Recipient): Issue[] =>
  address.length > 0
    ? []
    : [warning('address-missing', undefined, `${reference.reference ?? 'the recipient'} has no address`)];
