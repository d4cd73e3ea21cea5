import type {
  Account,
  Claim,
  ExplanationOfBenefit,
  Invoice,
  Parameters,
  Reference,
} from '@medplum/fhirtypes';
import { balance, groups } from '../billing/ledger/index.ts';
import { extensionOf } from '../datatypes/extension.ts';
import { referenceText, same } from '../datatypes/reference.ts';
import { changed } from '../datatypes/json.ts';
import { find, readResource, resolve } from '../interaction/repository.ts';
import { badRequest, unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided, unresolved } from '../outcome/issue.ts';
import { extension } from '../terminology/system.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';
import { billExplained, type Billed } from './invoice/billExplained.ts';
import { explainedClaim, type Explained } from './invoice/explainedClaim.ts';
import { recordsOf } from './merge/replacedBy.ts';
import { patientAccount, type PatientAccount } from './payment/patientAccount.ts';

/** POST [base]/ExplanationOfBenefit/[id]/$generate-invoice, or for a patient or Account: asks for the patient's share. */
export const explanationOfBenefitGenerateInvoice: Operation = {
  definition: operationDefinition('ExplanationOfBenefit-generate-invoice'),
  permission: 'bill-patient',
  async run(call): Promise<Parameters> {
    const { id } = call.target;
    const { invoice, issues } = id === undefined ? await ofAccount(call) : await ofExplanation(call, id);
    return answer(invoice ? [['invoice', invoice]] : [], issues);
  },
};

async function ofExplanation(call: Call, id: string): Promise<Billed> {
  const { tx } = call;
  const explanation = await readResource<ExplanationOfBenefit>(tx, 'ExplanationOfBenefit', id);
  if (explanation.status !== 'active') {
    const text = `an explanation that is ${explanation.status} is not billed`;
    throw unprocessable([businessFault('explanation-not-active', 'ExplanationOfBenefit.status', text)]);
  }
  const claim = await resolve<Claim>(tx, 'Claim', explanation.claim);
  if (!claim) {
    const text = 'names no Claim that is here';
    throw unprocessable([unresolved('claim-unknown', 'ExplanationOfBenefit.claim', text)]);
  }
  const reference = extensionOf(claim, extension.account)?.valueReference;
  const of = await patientAccount(call, reference, `Claim.extension('${extension.account}').value`);
  const records = await recordsOf(tx, explanation.patient.reference);
  const isOf = records.some((reference) => of.account.subject?.some((s) => same(s, { reference })) === true);
  if (!isOf) {
    const text = `${of.name} is the Account of another patient`;
    throw unprocessable([businessFault('account-of-another-patient', 'ExplanationOfBenefit.patient', text)]);
  }
  const start = { claim: referenceText(claim), explanation };
  return billExplained(call, of, [await explainedClaim(call, of.journal, start)]);
}

/** All shares of an Account that are not asked for yet, in one Invoice; else its last one. */
async function ofAccount(call: Call): Promise<Billed> {
  const of = await accountMeant(call);
  const open = groups(of.journal, { account: 'receivable-patient-not-invoiced' }, ['claim']);
  const claims = open.flatMap((g) => g.claim ?? []);
  const pending = groups(of.journal, { account: insurance }, ['claim']).flatMap((g) => g.claim ?? []);
  const waits = pending.map((c) => decided('payer-pending', 'Claim', `${c} is still with its payer`));
  if (claims.length > 0) {
    const explained: Explained[] = [];
    for (const claim of claims) explained.push(await explainedClaim(call, of.journal, { claim }));
    const billed = await billExplained(call, of, explained);
    return { ...billed, issues: [...billed.issues, ...waits] };
  }
  const known = await lastInvoice(call, of);
  const verdict = known.invoice
    ? decided(
        'already-there',
        'Invoice',
        `${referenceText(known.invoice)} is the last Invoice; nothing came since`,
      )
    : decided('nothing-owed', undefined, `nothing of ${of.name} is the patient's to pay`);
  return { ...known, issues: [...waits, verdict] };
}

const insurance = ['receivable-insurance-open', 'receivable-insurance-pended'] as const;

async function lastInvoice(
  { tx }: Call,
  of: PatientAccount,
): Promise<{ invoice?: Invoice & { id: string } }> {
  const issued = of.journal.filter((e) => e.reason === 'invoice-issued').reverse();
  for (const reference of issued.flatMap((e) => e.postings.flatMap((p) => p.invoice ?? []))) {
    const invoice = await resolve<Invoice>(tx, 'Invoice', { reference });
    if (invoice?.id !== undefined && invoice.status !== 'cancelled')
      return { invoice: changed(invoice, { id: invoice.id }) };
  }
  return {};
}

/** The Account that parameter `account` names, or the one of `patient`. */
async function accountMeant(call: Call): Promise<PatientAccount> {
  const account = parameter(call.input, 'account')?.valueReference;
  const patient = parameter(call.input, 'patient')?.valueReference;
  if ((account === undefined) === (patient === undefined)) {
    throw badRequest('patient-or-account', 'give exactly one of patient and account', 'Parameters.parameter');
  }
  return patientAccount(
    call,
    account ?? (await accountOf(call, patient)),
    "Parameters.parameter.where(name='account').value",
  );
}

/** The Account of a patient; where there are several, the one that has something to bill. */
async function accountOf({ tx }: Call, patient: Reference | undefined): Promise<Reference<Account>> {
  const at = "Parameters.parameter.where(name='patient').value";
  const accounts = await find<Account>(tx, 'Account', { subject: patient?.reference ?? '' });
  const [only, ...others] = accounts.map(referenceText);
  if (only === undefined)
    throw unprocessable([unresolved('account-unknown', at, 'the patient has no Account here')]);
  if (others.length === 0) return { reference: only };
  const billable: string[] = [];
  for (const name of [only, ...others]) {
    const journal = await tx.journal(name);
    if (balance(journal, { account: 'receivable-patient-not-invoiced' }) !== 0) billable.push(name);
  }
  const [one = only, ...more] = billable;
  if (more.length === 0) return { reference: one };
  const text = `several Accounts have something to bill, name one: ${billable.join(', ')}`;
  throw unprocessable([businessFault('several-accounts', at, text)]);
}
