import { add, least, negate, subtract, sum, zero, type Cents } from '../../datatypes/cents.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { balance, waiting } from './balance.ts';
import { isOnInvoice, type CreditPart, type MetLine } from './patientLine.ts';

/** Credit kept for each visit; what is kept for none is under ''. */
function kept(journal: readonly Entry[], asOf?: string): Map<string, Cents> {
  const parts = new Map<string, Cents>();
  for (const e of journal) {
    if (asOf !== undefined && e.on > asOf) continue;
    for (const p of e.postings) {
      if (p.account !== 'unapplied-patient-credit') continue;
      const visit = p.encounter ?? '';
      parts.set(visit, add(parts.get(visit) ?? zero, negate(p.amount)));
    }
  }
  return parts;
}

/** Unapplied credit that can be taken on a day without any later day falling below zero, by what it is kept for. */
export function creditOn(journal: readonly Entry[], on: string): CreditPart[] {
  const later = [...new Set(journal.map((e) => e.on))].filter((day) => day > on);
  const days = [on, ...later].map((day) => kept(journal, day));
  return [...kept(journal).keys()].flatMap((visit) => {
    const amount = least(...days.map((parts) => parts.get(visit) ?? zero));
    return amount > 0 ? [{ ...(visit === '' ? {} : { encounter: visit }), amount }] : [];
  });
}

/**
 * The credit a bill for some visits takes up, in this order: what is kept for them, what is kept for none, what is
 * kept for a visit of which nothing is left to come. A copay for a visit still with its payer is left alone.
 */
export function usableCredit(
  journal: readonly Entry[],
  encounters: readonly string[],
  on: string,
): CreditPart[] {
  const rank = ({ encounter }: CreditPart): number => {
    if (encounter === undefined) return 1;
    return encounters.includes(encounter) ? 0 : 2;
  };
  return creditOn(journal, on)
    .filter((part) => rank(part) < 2 || isSettled(journal, part.encounter ?? ''))
    .sort((a, b) => rank(a) - rank(b));
}

/** All credit there is on a day; what is kept for a visit of which something is still to come goes last. */
export function allCredit(
  journal: readonly Entry[],
  encounters: readonly string[],
  on: string,
): CreditPart[] {
  const free = usableCredit(journal, encounters, on);
  const kept = creditOn(journal, on).filter((c) => !free.some((f) => f.encounter === c.encounter));
  return [...free, ...kept];
}

/** True when a visit's charges were captured and all of them are paid, adjusted or invoiced. */
function isSettled(journal: readonly Entry[], encounter: string): boolean {
  const charged = journal.some(
    (e) => e.reason === 'charge-captured' && e.postings.some((p) => p.encounter === encounter),
  );
  const notInvoiced = balance(journal, { encounter, account: 'receivable-patient-not-invoiced' });
  return charged && waiting(journal, encounter) === 0 && notInvoiced === 0;
}

/** What the patient paid for a visit ahead of its bill: reported on its claim. */
export const paidAhead = (journal: readonly Entry[], encounter: string): Cents =>
  negate(
    sum(
      journal
        .filter((e) => e.reason === 'patient-payment' || e.reason === 'payment-reversed')
        .flatMap((e) => e.postings)
        .filter((p) => p.account === 'unapplied-patient-credit' && p.encounter === encounter)
        .map((p) => p.amount),
    ),
  );

/** Takes an amount out of credit, part after part; `short` is what it did not have. */
export function takeCredit(
  parts: readonly CreditPart[],
  amount: Cents,
): { taken: CreditPart[]; short: Cents } {
  let short = amount;
  const taken = parts.flatMap((part) => {
    const take = least(part.amount, short);
    short = subtract(short, take);
    return take > 0 ? [{ ...part, amount: take }] : [];
  });
  return { taken, short };
}

/** Lines that earlier credit meets, the latest first: what can be released when that credit proves false. */
export function metByCredit(journal: readonly Entry[]): MetLine[] {
  const met = new Map<string, MetLine>();
  for (const { reason, postings } of journal) {
    for (const { account, amount, encounter, charge, claim, item, invoice } of postings) {
      const onOne = isOnInvoice(account);
      if (!onOne && account !== 'receivable-patient-not-invoiced') continue;
      const line = `${claim ?? ''}|${item ?? ''}|${charge ?? ''}|`;
      if (reason === 'invoice-cancelled' && !onOne) forget(met, line);
      if (reason !== 'credit-applied' && reason !== 'credit-released') continue;
      const key = `${line}${onOne ? (invoice ?? '') : ''}`;
      const before = met.get(key)?.amount ?? zero;
      if (reason === 'credit-applied') met.delete(key); // so that the latest stands last
      const where = onOne ? { invoice, account } : {};
      met.set(key, { encounter, charge, claim, item, ...where, amount: subtract(before, amount) });
    }
  }
  return [...met.values()].filter((m) => m.amount > 0).reverse();
}

/** The Invoice of a line is cancelled: everything paid on the line became credit again. */
function forget(met: Map<string, MetLine>, line: string): void {
  for (const key of met.keys()) if (key.startsWith(line)) met.delete(key);
}
