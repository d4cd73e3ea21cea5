import type { ChargeItem, Invoice } from '@medplum/fhirtypes';
import { issueInvoice, invoiceNumber, type BilledLine } from '../../billing/invoice/issue.ts';
import { askedOf, type OwedLine } from '../../billing/invoice/owed.ts';
import { replaced } from '../../billing/invoice/successor.ts';
import {
  balance,
  costShareEntries,
  costShareMoved,
  creditApplied,
  invoiceIssued,
  lastPosted,
  patientStanding,
  selfPayInvoiced,
  takeCredit,
  usableCredit,
  type CreditPart,
  type PatientLine,
} from '../../billing/ledger/index.ts';
import { allocate } from '../../billing/payment/allocate.ts';
import { add, least, most, subtract, sum, toText, zero, type Cents } from '../../datatypes/cents.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { referenceText, versionText } from '../../datatypes/reference.ts';
import { changed } from '../../datatypes/json.ts';
import { createResource, readResource, updateResource } from '../../interaction/repository.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, decided, type Issue } from '../../outcome/issue.ts';
import type { Call } from '../operation.ts';
import { invoiceNumberKey, releaseKey, reserveKey, type UniqueKey } from '../uniqueKey.ts';
import type { PatientAccount } from '../payment/patientAccount.ts';
import { cancellation } from './cancellation.ts';
import { compareEstimates } from '../estimate/compareEstimate.ts';
import { answerable } from './guarantor.ts';
import { post } from '../closing/post.ts';

type Written = Invoice & { id: string };

/** What is to be billed to a patient in one Invoice. */
export interface ToBill {
  readonly of: PatientAccount;
  readonly lines: readonly OwedLine[];
  readonly predecessors: readonly Written[]; // Invoices for the same, to be replaced
  readonly keys: readonly UniqueKey<Invoice>[]; // unique keys of what it is for
  readonly cause: string; // the resource version it is from, where no Invoice is made
}

/** A line with what the ledger says of it: `due` = `notInvoiced` + `unbilled` is to be asked for. */
interface DueLine {
  readonly line: OwedLine;
  readonly about: Omit<PatientLine, 'amount'>;
  readonly notInvoiced: Cents;
  readonly unbilled: Cents;
  readonly writtenOff: Cents;
  readonly amount: Cents; // due
}

/**
 * Issues the Invoice of what a patient owes and is not asked for yet: what he paid before is applied first, an
 * Invoice for the same is replaced. No Invoice when nothing is left to pay.
 */
export async function billPatient(call: Call, bill: ToBill): Promise<{ invoice?: Written; issues: Issue[] }> {
  const { patient, name } = bill.of;
  const on = postingDate(call, bill);
  const cancellations = bill.predecessors.map((p) =>
    cancellation(call, bill.of, { invoice: referenceText(p), on }),
  );
  const cancelled = [...bill.of.journal, ...cancellations];
  const moved = costShareEntries(cancelled, bill.lines, {
    newId: call.context.newId,
    on,
    account: name,
    cause: bill.cause,
  });
  const journal = [...cancelled, ...moved];
  const due = bill.lines.map((line) => dueLine(journal, line)).filter(({ line }) => askedOf(line) > 0);
  const encounters = [...new Set(due.map((d) => d.about.encounter ?? ''))];
  const total = sum(due.map((d) => d.amount));
  const { taken } = takeCredit(usableCredit(journal, encounters, on), total);
  const credit = sum(taken.map((c) => c.amount));
  const met = allocate(credit, due).applied;
  const lines = due.map((d) => billed(d, metOf(met, d)));
  const net = subtract(total, credit);
  const id = call.context.newId();
  const answers = net > 0 ? await answerable(call, bill.of, on) : { account: bill.of.account, issues: [] };
  const { account } = answers;
  if (!account) return { issues: [...answers.issues] };
  const invoice = net > 0 ? issueInvoice({ id, on, patient, account, lines }) : undefined;
  const written = invoice && (await createResource(call.context, call.tx, invoice));
  await replaceAll(call, bill, { cancellations, successor: written });
  for (const entry of moved) await post(call, entry);
  const head = { on, account: name, cause: written ? versionText(written) : bill.cause };
  for (const entry of entriesOf(call, head, { due, met, taken, invoice: written })) await post(call, entry);
  await markBilled(call, due);
  const compared = await compareEstimates(call, {
    of: bill.of,
    ...{ lines: bill.lines, invoice: written, on },
  });
  const issues = [
    ...(on === call.on
      ? []
      : [decided('posted-on', undefined, `posted on ${on}, the day of what it is for`)]),
    ...(credit > 0 ? [decided('credit-applied', undefined, `${toText(credit)} paid before is applied`)] : []),
    ...answers.issues,
    ...(written
      ? [decided('created', 'Invoice', `${referenceText(written)} asks for ${toText(net)}`)]
      : due.length === 0
        ? []
        : [decided('nothing-owed', undefined, 'what the patient owes was paid before')]),
    ...compared,
  ];
  return { ...(written ? { invoice: written } : {}), issues };
}

/** The business date, but never before what is billed or replaced was posted. */
function postingDate(call: Call, bill: ToBill): string {
  const about = [
    ...bill.lines.flatMap((l) => [l.claim ?? '', l.charge ?? '']),
    ...bill.predecessors.map(referenceText),
  ].filter((name) => name !== '');
  const last = lastPosted(bill.of.journal, new Set(about));
  return last > call.on ? last : call.on;
}

function dueLine(journal: readonly Entry[], line: OwedLine): DueLine {
  const { claim, item, charge, encounter } = line;
  const standing = patientStanding(journal, charge === undefined ? { claim } : { charge }).find(
    (s) => s.claim === claim && s.item === item,
  );
  const unbilled = charge === undefined ? zero : balance(journal, { account: 'receivable-unbilled', charge });
  const posted = sum([standing?.share ?? zero, unbilled, costShareMoved(journal, line)]);
  if (posted !== line.share) {
    const text = `the ledger has ${toText(posted)} for what the answer says is ${toText(line.share)}`;
    throw unprocessable([businessFault('share-not-posted', undefined, text)]);
  }
  const held = sum([line.medicaidHeld, line.searchHeld, line.ruleHeld]);
  const notInvoiced = most(subtract(standing?.notInvoiced ?? zero, held), zero);
  return {
    line,
    about: charge === undefined ? { encounter, claim, item } : { encounter, charge },
    notInvoiced,
    unbilled,
    writtenOff: standing?.writtenOff ?? zero,
    amount: add(notInvoiced, unbilled),
  };
}

const metOf = (met: readonly DueLine[], due: DueLine): Cents =>
  met.find((m) => m.line === due.line)?.amount ?? zero;

/** Paid is what was met before, and what credit meets now. */
const billed = ({ line, writtenOff, amount }: DueLine, credit: Cents): BilledLine => ({
  ...line,
  writtenOff,
  paid: add(subtract(subtract(askedOf(line), writtenOff), amount), credit),
});

/** The predecessors are cancelled and name their successor, which takes over what they were for. */
async function replaceAll(
  call: Call,
  bill: ToBill,
  of: { cancellations: readonly Entry[]; successor: Written | undefined },
): Promise<void> {
  const { tx, context } = call;
  for (const [i, predecessor] of bill.predecessors.entries()) {
    const name = of.successor && referenceText(of.successor);
    const cancelled = await updateResource(context, tx, replaced(predecessor, name));
    const entry = of.cancellations[i];
    if (entry) await post(call, { ...entry, cause: versionText(cancelled) });
  }
  if (bill.predecessors.length > 0) for (const key of bill.keys) await releaseKey(tx, key);
  if (!of.successor) return;
  const name = referenceText(of.successor);
  for (const key of bill.keys) await reserveKey(tx, key, name);
  await reserveKey(tx, invoiceNumberKey(invoiceNumber(of.successor.id)), name);
}

function entriesOf(
  { context: { newId } }: Call,
  head: { on: string; account: string; cause: string },
  of: {
    due: readonly DueLine[];
    met: readonly DueLine[];
    taken: readonly CreditPart[];
    invoice: Written | undefined;
  },
): Entry[] {
  const invoice = of.invoice && referenceText(of.invoice);
  const direct = of.due.flatMap((d) => {
    const { charge, encounter } = d.about;
    if (d.unbilled === 0 || charge === undefined || encounter === undefined) return [];
    // what is not invoiced yet takes the credit first
    const paid = subtract(metOf(of.met, d), least(metOf(of.met, d), d.notInvoiced));
    return [{ charge, encounter, amount: d.unbilled, paid }];
  });
  const asked = of.due.flatMap((d) => {
    const amount = subtract(d.notInvoiced, least(metOf(of.met, d), d.notInvoiced));
    return amount === 0 ? [] : [{ ...d.about, amount }];
  });
  const lines = of.met.map((m) => ({ ...m.about, amount: m.amount }));
  return [
    ...(direct.length === 0
      ? []
      : [
          selfPayInvoiced({
            ...head,
            id: newId(),
            lines: direct,
            ...(invoice === undefined ? {} : { invoice }),
          }),
        ]),
    ...(lines.length === 0 ? [] : [creditApplied({ ...head, id: newId(), from: of.taken, lines })]),
    ...(asked.length === 0 || invoice === undefined
      ? []
      : [invoiceIssued({ ...head, id: newId(), invoice, lines: asked })]),
  ];
}

/** Charges that went to the patient directly are billed. */
async function markBilled(call: Call, due: readonly DueLine[]): Promise<void> {
  for (const { line, unbilled } of due) {
    if (unbilled === 0 || line.charge === undefined) continue;
    const id = line.charge.slice('ChargeItem/'.length);
    const charge = await readResource<ChargeItem & { id: string }>(call.tx, 'ChargeItem', id);
    if (charge.status !== 'billed')
      await updateResource(call.context, call.tx, changed(charge, { status: 'billed' }));
  }
}
