import type { Invoice, Organization, Parameters } from '@medplum/fhirtypes';
import { payableOn, writeOff, writeOffOf } from '../billing/ledger/index.ts';
import { allocate } from '../billing/payment/allocate.ts';
import { readAmount } from '../billing/payment/amount.ts';
import { ownNumber, sameReference } from '../billing/payment/receipt.ts';
import { writeOffReasons } from '../billing/payment/writeOffReason.ts';
import { add, negate, sum, toText, type Cents } from '../datatypes/cents.ts';
import type { Entry, LedgerAccount } from '../datatypes/entry.ts';
import { referenceText, versionText } from '../datatypes/reference.ts';
import { readResource, resolve } from '../interaction/repository.ts';
import { duplicate, unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided, unknownCode } from '../outcome/issue.ts';
import { secondPerson } from './approval/secondPerson.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';
import { assertIssued } from './invoice/issuedInvoice.ts';
import { patientAccount, type PatientAccount } from './payment/patientAccount.ts';
import { settleInvoices } from './payment/receivePayment.ts';
import { post } from './closing/post.ts';

const at = (name: string): string => `Parameters.parameter.where(name='${name}').value`;

/** POST [base]/Invoice/[id]/$write-off: gives up part of what is open on an Invoice, once for each reference. */
export const invoiceWriteOff: Operation = {
  definition: operationDefinition('Invoice-write-off'),
  permission: 'write-off',
  async run(call): Promise<Parameters> {
    const { tx, context } = call;
    const invoice = await readResource<Invoice & { id: string }>(tx, 'Invoice', call.target.id ?? '');
    const of = await patientAccount(call, invoice.account, 'Invoice.account');
    const practice = await resolve<Organization>(tx, 'Organization', invoice.issuer ?? of.practice);
    const told = writeOffInput(call, practice);
    const name = referenceText(invoice);
    const id = context.newId();
    const on = laterOf(call.on, invoice.date);
    const known = knownWriteOff(of, { ...told, invoice: name, on });
    if (known) {
      const text = `${toText(told.amount)} of ${name} is written off under ${known.reference ?? ''}; nothing was posted again`;
      return answer([['invoice', invoice]], [decided('already-there', 'Invoice', text)]);
    }
    assertIssued(invoice);
    const open = payableOn(of.journal, { invoice: name }, on);
    const { applied, rest } = allocate(told.amount, open);
    if (rest > 0) {
      const text = `open on ${name} is ${toText(sum(open.map((l) => l.amount)))}`;
      throw unprocessable([businessFault('above-open-amount', `${at('amount')}.value`, text)]);
    }
    const waiting = await secondPerson(call, {
      operation: 'write-off',
      amount: told.amount,
      atStake: add(told.amount, writtenOff(of, name)),
      patient: referenceText(of.patient),
      practice: invoice.issuer ?? of.practice,
    });
    if (waiting) return waiting;
    const reference = told.reference ?? ownNumber('WO', id);
    const head = { id, on, account: of.name, cause: versionText(invoice) };
    const entry = writeOff({ ...head, invoice: name, why: told.why, to: told.to, reference, lines: applied });
    await post(call, entry);
    const [settled = invoice] = await settleInvoices(call, [...of.journal, entry], [name]);
    const text = `${toText(told.amount)} of ${name} is written off under ${reference}: ${told.why}`;
    return answer([['invoice', settled]], [decided('written-off', 'Invoice', text)]);
  },
};

/** What stands written off on an Invoice: several small write-offs count as the one they add up to. */
function writtenOff({ journal }: PatientAccount, invoice: string): Cents {
  const takenBack = new Set(journal.map((e) => e.reverses));
  const standing = journal.filter((e) => e.reason === 'write-off' && !takenBack.has(e.id));
  const lines = standing.flatMap((e) => e.postings.filter((p) => p.invoice === invoice && p.amount < 0));
  return negate(sum(lines.map((p) => p.amount)));
}

const laterOf = (a: string, b: string | undefined): string => (b !== undefined && b > a ? b : a);

interface Told {
  readonly amount: Cents;
  readonly why: string;
  readonly to: LedgerAccount;
  readonly reference: string | undefined;
}

/** Reads amount, reason and reference; 422 with every fault at once. */
function writeOffInput({ input }: Call, practice: Organization | undefined): Told {
  const amount = readAmount(parameter(input, 'amount')?.valueMoney, at('amount'));
  const why = parameter(input, 'reason')?.valueCode ?? '';
  const reasons = writeOffReasons(practice);
  const to = reasons.get(why);
  const reference = sameReference(parameter(input, 'reference')?.valueString ?? '');
  if (typeof amount !== 'number' || to === undefined) {
    const unusable = `reason ${why} names no ledger account that a write-off may use`;
    const text = reasons.has(why) ? unusable : `the reason is one of ${[...reasons.keys()].join(', ')}`;
    throw unprocessable([
      ...(typeof amount === 'number' ? [] : [amount]),
      ...(to === undefined ? [unknownCode('write-off-reason', at('reason'), text)] : []),
    ]);
  }
  return { amount, why, to, reference: reference === '' ? undefined : reference };
}

/**
 * The write-off that stands and that this one repeats: of the same reference, amount and reason, or without a
 * reference of the same day, amount and reason. 409 where the reference was used for another.
 */
function knownWriteOff(
  { journal }: PatientAccount,
  told: Told & { readonly invoice: string; readonly on: string },
): Entry | undefined {
  const { invoice, reference, amount, why, on } = told;
  const isSame = (e: Entry): boolean =>
    sum(e.postings.filter((p) => p.amount > 0).map((p) => p.amount)) === amount &&
    e.text === `written off: ${why}`;
  if (reference !== undefined) {
    const known = writeOffOf(journal, invoice, reference);
    if (known === undefined || known.reversed) return undefined;
    if (isSame(known.entry)) return known.entry;
    const text = `${reference} was used for another write-off of ${invoice}`;
    throw duplicate('reference-used', text, at('reference'));
  }
  const takenBack = new Set(journal.map((e) => e.reverses));
  return journal.find(
    (e) =>
      e.reason === 'write-off' &&
      e.on === on &&
      !takenBack.has(e.id) &&
      e.postings.some((p) => p.invoice === invoice) &&
      isSame(e),
  );
}
