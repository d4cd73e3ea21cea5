import type { ClaimResponse, Invoice, PaymentNotice } from '@medplum/fhirtypes';
import { adjudicated } from '../../datatypes/adjudication.ts';
import { centsOf, sum, toText, zero, type Cents } from '../../datatypes/cents.ts';
import type { Entry, LedgerAccount, Posting } from '../../datatypes/entry.ts';
import { handedOn } from './chain.ts';
import { isPlacement, reversedReasons } from './claimMoved.ts';

/** The records of money of one Account, as they stand. */
export interface AccountBooks {
  readonly account: string; // Account/1
  readonly journal: readonly Entry[];
  readonly invoices: readonly Invoice[];
  /** What of each receipt is this Account's own. */
  readonly receipts: readonly PaymentNotice[];
}

/** What breaks an invariant of the ledger: which one (docs/model.md), and where, in references and amounts. */
export interface BookFault {
  readonly invariant: 'a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'g' | 'h' | 'i';
  readonly text: string;
}

const patients: readonly LedgerAccount[] = ['receivable-patient-not-invoiced', 'receivable-patient-invoiced'];
const onInvoices: readonly LedgerAccount[] = ['receivable-patient-invoiced', 'receivable-patient-returned'];
const settled: readonly LedgerAccount[] = [...patients, 'receivable-patient-returned'];
const receivables: readonly LedgerAccount[] = [
  ...patients,
  'receivable-unbilled',
  'receivable-insurance-open',
  'receivable-insurance-pended',
  'receivable-insurance-denied',
];
/** Neither what a charge is owed by nor what it was lowered by. */
const others: readonly LedgerAccount[] = [
  ...receivables,
  'cash',
  'revenue',
  'receivable-patient-returned',
  'unapplied-patient-credit',
  'unapplied-payer-credit',
  'refunds-payable',
  'unidentified-payer-cash',
  'payer-recoupment',
  'forwarding-balance',
  'merged-accounts',
  'opening-balance',
];
/** Entries that bring the patient's money to a line, or take it off. */
const movesMoney = [
  'patient-payment',
  'payment-reversed',
  'credit-applied',
  'credit-released',
  'invoice-cancelled',
];
/** What changes the open amount of an Invoice after it was issued. */
const afterIssue = [...movesMoney, 'write-off', 'write-off-reversed'];

const total = (journal: readonly Entry[], fits: (p: Posting, e: Entry) => boolean): Cents =>
  sum(journal.flatMap((e) => e.postings.filter((p) => fits(p, e)).map((p) => p.amount)));
const money = (amount: { value?: number } | undefined): Cents => centsOf(amount) ?? zero;
const differ = (what: string, is: number, due: number): string =>
  `${what} is ${textOf(is)} and should be ${textOf(due)}`;
const textOf = (amount: number): string => toText(sum([amount as Cents]));

/** What is wrong in the books of one Account. */
export function bookFaults(books: AccountBooks): BookFault[] {
  return [
    ...unbalanced(books),
    ...lineFaults(books),
    ...invoiceFaults(books),
    ...creditFaults(books),
    ...patientFaults(books),
  ];
}

/** (a) The debits of each entry are its credits. */
const unbalanced = ({ journal, account }: AccountBooks): BookFault[] =>
  journal
    .filter((e) => sum(e.postings.map((p) => p.amount)) !== 0)
    .map((e) => ({ invariant: 'a', text: `${account}: the entry for ${e.cause} does not balance` }));

/** (b) Of each line of an answer: submitted = benefit + Σ CO + Σ PR + Σ OA + Σ PI. */
export const answerFaults = (response: ClaimResponse): BookFault[] =>
  response.outcome !== 'complete'
    ? []
    : adjudicated(response).flatMap((line): BookFault[] => {
        const due = sum([line.paid, ...line.adjustments.map((a) => a.amount)]);
        const what = `ClaimResponse/${response.id ?? ''}: submitted of ${line.sequence === undefined ? 'the claim' : `line ${line.sequence}`}`;
        return due === line.submitted ? [] : [{ invariant: 'b', text: differ(what, line.submitted, due) }];
      });

/** The claims of one set of charges, each with its lines; `charges` are those that stand on the first of them. */
function chains(journal: readonly Entry[]): { claims: Set<string>; charges: Map<number, Set<string>> }[] {
  const next = new Map<string, string[]>();
  const owners = new Map<string, Map<number, Map<string, number>>>();
  const reversed = reversedReasons(journal);
  const handed = new Set(handedOn(journal));
  for (const e of journal) {
    const isHandedOn =
      handed.has(e) || (e.reason === 'claim-replaced' && e.postings.every((p) => p.charge === undefined));
    if (isHandedOn) {
      const from = e.postings.find((p) => p.amount < 0)?.claim ?? '';
      const to = e.postings.find((p) => p.claim !== from)?.claim ?? '';
      next.set(from, [...(next.get(from) ?? []), to]);
    }
    for (const p of e.postings) {
      if (p.charge === undefined || p.claim === undefined || p.item === undefined) continue;
      if (!isPlacement(e, p, reversed(e))) continue;
      const lines = owners.get(p.claim) ?? new Map<number, Map<string, number>>();
      const line = lines.get(p.item) ?? new Map<string, number>();
      owners.set(p.claim, lines.set(p.item, line.set(p.charge, (line.get(p.charge) ?? 0) + p.amount)));
    }
  }
  return [...owners].map(([claim, lines]) => {
    const claims = new Set([claim]);
    for (const one of claims) for (const further of next.get(one) ?? []) claims.add(further); // grows meanwhile
    const charges = new Map<number, Set<string>>();
    for (const [item, line] of lines)
      charges.set(item, new Set([...line].filter(([, amount]) => amount !== 0).map(([charge]) => charge)));
    return { claims, charges };
  });
}

/** (c) Of each line: charge = insurer cash + patient payments applied + adjustments + what is open. */
function lineFaults({ journal, account }: AccountBooks): BookFault[] {
  const faults: BookFault[] = [];
  const onClaims = new Set<string>();
  const hold = (what: string, mine: (p: Posting) => boolean, charges: ReadonlySet<string>): void => {
    const charged = total(journal, (p) => p.account === 'revenue' && charges.has(p.charge ?? ''));
    const due = accountedFor(journal, mine) + charged;
    if (due !== 0)
      faults.push({
        invariant: 'c',
        text: `${account}: ${textOf(due)} more of ${what} is accounted for than was charged`,
      });
  };
  for (const { claims, charges } of chains(journal)) {
    for (const [item, names] of charges) {
      for (const name of names) onClaims.add(name);
      const isMine = (p: Posting): boolean =>
        p.claim === undefined ? names.has(p.charge ?? '') : claims.has(p.claim) && p.item === item;
      hold(`${[...claims].join(', ')} line ${item}`, isMine, names);
    }
  }
  const direct = new Set(journal.flatMap((e) => e.postings.flatMap((p) => p.charge ?? [])));
  for (const charge of direct)
    if (!onClaims.has(charge)) hold(charge, (p) => p.charge === charge, new Set([charge]));
  return faults;
}

/** What of a line is open, adjusted, and paid by insurers and patient. */
export function accountedFor(journal: readonly Entry[], mine: (p: Posting) => boolean): number {
  const payments = new Set(journal.flatMap((e) => (e.reason === 'insurer-payment' ? [e.id] : [])));
  const insurer = total(
    journal,
    (p, e) =>
      (payments.has(e.id) || payments.has(e.reverses ?? '')) && receivables.includes(p.account) && mine(p),
  );
  const patient = total(
    journal,
    (p, e) => movesMoney.includes(e.reason) && patients.includes(p.account) && mine(p),
  );
  const adjusted = total(journal, (p) => !others.includes(p.account) && mine(p));
  const open = total(journal, (p) => receivables.includes(p.account) && mine(p));
  return adjusted + open - insurer - patient;
}

/** (e) What is open of each Invoice is its total less what was applied or written off since, and its status says so. */
function invoiceFaults({ journal, invoices, account }: AccountBooks): BookFault[] {
  const faults: BookFault[] = [];
  let all = 0;
  for (const invoice of invoices) {
    if (invoice.status === 'draft' || invoice.status === 'entered-in-error') continue;
    const name = `Invoice/${invoice.id ?? ''}`;
    const isOfIt = (p: Posting): boolean => p.invoice === name && onInvoices.includes(p.account);
    const asksFor = journal.find((e) =>
      e.postings.some((p) => p.account === 'receivable-patient-returned' && isOfIt(p)),
    );
    const since = total(journal, (p, e) => isOfIt(p) && e !== asksFor && afterIssue.includes(e.reason));
    const open = total(journal, isOfIt);
    const isCancelled = invoice.status === 'cancelled';
    const due = isCancelled ? 0 : money(invoice.totalNet) + since;
    if (open !== due)
      faults.push({ invariant: 'e', text: differ(`${name}: what is open in the ledger`, open, due) });
    if (!isCancelled && invoice.status !== (open === 0 ? 'balanced' : 'issued'))
      faults.push({
        invariant: 'e',
        text: `${name} is ${invoice.status} and ${textOf(open)} of it is open`,
      });
    all += open;
  }
  const invoiced = total(journal, (p) => onInvoices.includes(p.account));
  if (invoiced !== all)
    faults.push({ invariant: 'e', text: differ(`${account}: what stands on Invoices`, invoiced, all) });
  return faults;
}

/** (f) Unapplied credit = received − applied − refunded, with what a merge brought or took, and is never below zero. */
function creditFaults({ journal, receipts, account }: AccountBooks): BookFault[] {
  const received = sum(receipts.filter((n) => n.status === 'active').map((n) => money(n.amount)));
  const applied = total(journal, (p, e) => movesMoney.includes(e.reason) && settled.includes(p.account));
  const merged = total(journal, (p) => p.account === 'merged-accounts');
  const credit = 0 - total(journal, (p) => p.account === 'unapplied-patient-credit');
  const faults: BookFault[] = [];
  const due = received + applied + merged;
  if (credit !== due)
    faults.push({ invariant: 'f', text: differ(`${account}: unapplied credit`, credit, due) });
  if (credit < 0) faults.push({ invariant: 'f', text: `${account}: unapplied credit is below zero` });
  return faults;
}

/** (h) No line of a patient is below zero: nothing was taken from a patient that was never placed there. */
function patientFaults({ journal }: AccountBooks): BookFault[] {
  const open = new Map<string, number>();
  for (const p of journal.flatMap((e) => e.postings)) {
    if (!patients.includes(p.account)) continue;
    const line = p.claim === undefined ? (p.charge ?? '') : `${p.claim} line ${p.item ?? ''}`;
    open.set(
      `${line} ${p.account} ${p.invoice ?? ''}`,
      (open.get(`${line} ${p.account} ${p.invoice ?? ''}`) ?? 0) + p.amount,
    );
  }
  return [...open]
    .filter(([, amount]) => amount < 0)
    .map(([line, amount]) => ({ invariant: 'h', text: `${line.trim()} is ${textOf(amount)}` }));
}
