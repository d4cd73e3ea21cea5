import { negate, type Cents } from '../../datatypes/cents.ts';
import { entry, type Entry, type EntryReason } from '../../datatypes/entry.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { invoiceCancelled } from './invoiceCancelled.ts';
import { creditReleased } from './creditReleased.ts';
import { invoiceOpen } from './invoiceOpen.ts';
import { post, debit, credit, type About, type Head } from './posting.ts';
import { patientStanding } from './standing.ts';
import { writeOffReversed } from './writeOff.ts';
import { costShareMoved } from './qmbCostShare.ts';
import { transferReversed, transfersOn } from './transferredToPatient.ts';

/** What an answer of a payer posts. */
const ofAnswers: readonly EntryReason[] = [
  'contractual',
  'insurer-payment',
  'patient-share',
  'next-payer',
  'claim-denied',
];

/** The entries of an answer (ClaimResponse/1) to a claim (Claim/1) that stand, the oldest first. */
export function entriesOfAnswer(
  journal: readonly Entry[],
  { claim, response }: { readonly claim: string; readonly response: string },
): Entry[] {
  const gone = new Set(journal.flatMap((e) => e.reverses ?? []));
  return journal.filter(
    (e) =>
      ofAnswers.includes(e.reason) &&
      !gone.has(e.id) &&
      e.postings.some((p) => p.claim === claim && p.amount !== 0) &&
      isOf(e, claim) &&
      causedBy(e, response),
  );
}

/** `next-payer` also names the claim that follows; it belongs to the one it takes from. */
const isOf = (e: Entry, claim: string): boolean =>
  e.reason !== 'next-payer' || e.postings.some((p) => p.claim === claim && p.amount < 0);

/** An answer that came without an 835 has its payment under the remittance that was made of it. */
function causedBy({ cause, reason }: Entry, response: string): boolean {
  const target = parseReference(cause);
  if (!target) return false;
  if (reason === 'insurer-payment' && target.type === 'PaymentReconciliation') return true;
  return `${target.type}/${target.id}` === response;
}

/**
 * Takes an answer back: each of its entries with its signs turned. Money comes out of (or goes back to) the deposit of
 * `remittance`, which takes it back; without one, of the deposit or cash that paid.
 */
export const answerTakenBack = (
  answered: readonly Entry[],
  {
    newId,
    on,
    cause,
    remittance,
    inCash = false,
  }: {
    readonly newId: () => string;
    readonly on: string;
    readonly cause: string;
    readonly remittance?: string;
    readonly inCash?: boolean; // the payer takes the money without an 835
  },
): Entry[] =>
  answered.map((e) =>
    entry({
      ...e,
      id: newId(),
      on: e.on > on ? e.on : on,
      cause,
      reason: 'answer-reversed',
      text: 'the payer took its answer back',
      reverses: e.id,
      postings: e.postings.map((p) => {
        const back = { ...p, amount: negate(p.amount) };
        const isMoney = p.account === 'cash' || p.account === 'unidentified-payer-cash';
        if (!isMoney) return back;
        if (remittance !== undefined) return { ...back, account: 'unidentified-payer-cash', remittance };
        const { remittance: _deposit, ...plain } = back;
        return inCash ? { ...plain, account: 'cash' } : back;
      }),
    }),
  );

/**
 * What has to be undone before the share that a claim left to its patient can be taken back: its Invoices (which are
 * cancelled), write-offs, credit that met it, cost shares that were taken off a QMB patient, and what was denied and
 * transferred to the patient. All of the share stands as not invoiced then, and what the patient paid is credit.
 */
export function shareFreed(
  journal: readonly Entry[],
  { claim, newId, ...head }: Omit<Head, 'id'> & { readonly claim: string; readonly newId: () => string },
): { readonly entries: Entry[]; readonly invoices: readonly string[] } {
  const entries: Entry[] = [];
  const now = (): Entry[] => [...journal, ...entries];
  const lines = () => patientStanding(now(), { claim }).filter((s) => s.claim === claim);
  const invoices = [...new Set(openInvoices(journal, claim))];
  for (const invoice of invoices) {
    const paid = patientStanding(now(), { invoice }).map((s) => ({ ...s, amount: s.applied }));
    const open = invoiceOpen(now(), { invoice });
    entries.push(invoiceCancelled({ ...head, id: newId(), cause: invoice, invoice, open, paid }));
  }
  const gone = new Set(journal.flatMap((e) => e.reverses ?? []));
  for (const e of journal) {
    if (e.reason !== 'write-off' || gone.has(e.id) || !e.postings.some((p) => p.claim === claim)) continue;
    entries.push(writeOffReversed({ ...head, id: newId(), writtenOff: e, cancelled: true }));
  }
  const met = lines().flatMap((s) => (s.applied > 0 ? [{ ...aboutOf(s), amount: s.applied }] : []));
  if (met.length > 0) {
    const from = met.map(({ encounter, amount }) => ({
      amount,
      ...(encounter === undefined ? {} : { encounter }),
    }));
    entries.push(creditReleased({ ...head, id: newId(), from, lines: met }));
  }
  const shares = lines().flatMap((s): (About & { readonly amount: Cents })[] => {
    const amount = costShareMoved(now(), s);
    return amount === 0 ? [] : [{ ...aboutOf(s), amount }];
  });
  if (shares.length > 0)
    entries.push(
      post({ ...head, id: newId() }, { reason: 'qmb-cost-share-reversed', text: 'cost share placed again' }, [
        ...shares.map((s) => debit('receivable-patient-not-invoiced', s.amount, aboutOf(s))),
        ...shares.map((s) => credit('qmb-cost-share', s.amount, aboutOf(s))),
      ]),
    );
  entries.push(...transfersOn(journal, claim).map((e) => transferReversed(e, { ...head, id: newId() })));
  return { entries, invoices };
}

const aboutOf = ({ encounter, claim, item }: About): About => ({ encounter, claim, item });

/** Invoices that stand and ask, or asked, for lines of a claim. */
function openInvoices(journal: readonly Entry[], claim: string): string[] {
  const cancelled = new Set(
    journal
      .filter((e) => e.reason === 'invoice-cancelled')
      .flatMap((e) => e.postings.flatMap((p) => p.invoice ?? [])),
  );
  return journal
    .filter((e) => e.reason === 'invoice-issued')
    .flatMap((e) => e.postings)
    .filter((p) => p.claim === claim && p.invoice !== undefined && !cancelled.has(p.invoice))
    .flatMap((p) => p.invoice ?? []);
}
