import type { LedgerAccount } from '../../datatypes/entry.ts';
import { dayNumber } from '../../datatypes/dayNumber.ts';
import type { Row } from './books.ts';
import { aboutOf, none } from './place.ts';
import { untilEnd, type Scope } from './report.ts';

/** Who a receivable is from, and how far it is. */
export type Owed = 'unbilled' | 'insurance' | 'patient' | 'invoiced';

const owed: Readonly<Partial<Record<LedgerAccount, Owed>>> = {
  'receivable-unbilled': 'unbilled',
  'receivable-insurance-open': 'insurance',
  'receivable-insurance-pended': 'insurance',
  'receivable-insurance-denied': 'insurance',
  'receivable-patient-not-invoiced': 'patient',
  'receivable-patient-invoiced': 'invoiced',
  'receivable-patient-returned': 'invoiced',
};
const kinds: readonly Owed[] = ['unbilled', 'insurance', 'patient', 'invoiced'];

export const owedBy = (account: LedgerAccount): Owed | undefined => owed[account];
export const isReceivable = (account: LedgerAccount): boolean => owed[account] !== undefined;

/** What one payer owes for a claim, or a patient on an Invoice or for a claim or charge, and since when. */
export interface Receivable {
  readonly kind: Owed;
  readonly payer: string;
  readonly provider: string;
  readonly place: string;
  balance: number; // cents; below zero is a credit
  first: number; // day of its first posting
  service: number | undefined; // day of its first service
  billed: number | undefined; // day it was first asked for
  responsible: number; // day since which whoever owes it does
}

const far = 1_000_000;
const subjects = 2 ** 31;
const payers = 2 ** 19;

/**
 * What stands on receivables at the end of a period. `of` finds the one that a posting is on; undefined for a posting on
 * another account. Two passes over the postings: sums and days first.
 */
export class Receivables {
  readonly #scope: Scope;
  readonly #found = new Map<number, Receivable>();
  readonly #sent = new Map<number, number>(); // claim → day it was sent
  readonly #share = new Map<number, number>(); // claim or charge → day the patient began to owe

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /** Goes over the postings; yields undefined now and then. */
  *read(): Generator<undefined> {
    const { books } = this.#scope;
    for (const posting of untilEnd(this.#scope, isReceivable)) {
      if (posting === undefined) yield undefined;
      else this.#add(books.row(posting));
    }
    for (const one of this.#found.values()) {
      one.service ??= one.first;
      if (one.kind === 'insurance') one.billed ??= one.first;
    }
    yield undefined;
  }

  of(row: Row): Receivable | undefined {
    const kind = owedBy(row.account);
    return kind && this.#found.get(keyOf(kind, row));
  }

  #add(row: Row): void {
    const kind = owedBy(row.account);
    if (kind === undefined) return;
    const key = keyOf(kind, row);
    const known = this.#found.get(key);
    const one = known ?? this.#begin(kind, row);
    if (!known) this.#found.set(key, one);
    one.balance += row.amount;
    one.first = Math.min(one.first, row.day);
    const service = aboutOf(this.#scope.books, row, 'service');
    if (service !== undefined) one.service = Math.min(one.service ?? far, service);
    this.#date(one, row);
  }

  #begin(kind: Owed, row: Row): Receivable {
    const { books } = this.#scope;
    return {
      kind,
      payer: kind === 'insurance' ? (books.names.name(row.payer) ?? none) : none,
      provider: aboutOf(books, row, 'provider') ?? none,
      place: aboutOf(books, row, 'place') ?? none,
      balance: 0,
      first: row.day,
      service: undefined,
      billed: undefined,
      responsible: row.day,
    };
  }

  /** When it was billed, and since when it is owed by whom it is from. */
  #date(one: Receivable, row: Row): void {
    const subject = row.claim >= 0 ? row.claim : row.charge;
    switch (one.kind) {
      case 'insurance':
        if (row.amount > 0 && (row.reason === 'claim-submitted' || row.reason === 'claim-replaced'))
          this.#sent.set(row.claim, Math.min(this.#sent.get(row.claim) ?? far, row.day));
        one.billed = this.#sent.get(row.claim) ?? one.billed;
        one.responsible = one.first;
        return;
      case 'patient':
        if (row.amount > 0) this.#share.set(subject, Math.min(this.#share.get(subject) ?? far, row.day));
        one.responsible = this.#share.get(subject) ?? one.first;
        return;
      case 'invoiced': {
        one.billed = one.first;
        const since = this.#share.get(subject);
        one.responsible = Math.min(one.responsible, since ?? row.day);
        return;
      }
      case 'unbilled':
        one.responsible = one.first;
    }
  }
}

function keyOf(kind: Owed, { claim, charge, invoice, encounter, payer }: Row): number {
  const subject = subjectOf(kind, { claim, charge, invoice, encounter });
  return (kinds.indexOf(kind) * subjects + subject + 1) * payers + (kind === 'insurance' ? payer + 1 : 0);
}

function subjectOf(kind: Owed, of: Pick<Row, 'claim' | 'charge' | 'invoice' | 'encounter'>): number {
  if (kind === 'invoiced') return of.invoice;
  if (kind === 'unbilled') return of.charge >= 0 ? of.charge : of.encounter;
  if (of.claim >= 0) return of.claim;
  return of.charge >= 0 ? of.charge : of.encounter;
}

/** The day from which a receivable ages by an anchor; undefined where there is none: what was never billed. */
export function anchorDay(one: Receivable, anchor: Scope['anchor']): number | undefined {
  if (anchor === 'service') return one.service;
  return anchor === 'first-bill' ? one.billed : one.responsible;
}

export const endOf = ({ end }: Pick<Scope, 'end'>): number => dayNumber(end);
