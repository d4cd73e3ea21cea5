import type { Entry, EntryReason, LedgerAccount, Posting } from '../../datatypes/entry.ts';
import { dayNumber } from '../../datatypes/dayNumber.ts';
import { Amounts, Names, Numbers } from './columns.ts';

/** What reports need to know of a charge, claim or visit beside the journal. */
export interface About {
  readonly service?: number; // day number: of the first service
  readonly provider?: string; // who rendered it: Practitioner/1
  readonly place?: string; // Location/1, or the code of a place of service
  readonly isEdited?: boolean; // of a claim: a biller changed its draft
}

/** One posting as reports see it. */
export interface Row {
  readonly entry: number; // its row among the entries
  readonly account: LedgerAccount;
  readonly amount: number; // cents; a debit is positive
  readonly day: number;
  readonly reason: EntryReason;
  readonly encounter: number;
  readonly charge: number;
  readonly claim: number;
  readonly payer: number;
  readonly invoice: number;
  /** Whether its entry moves money that came in: cash, or the credit of a patient or payer. */
  readonly isOfMoney: boolean;
}

const nothing: About = {};

const money: readonly LedgerAccount[] = [
  'cash',
  'unidentified-payer-cash',
  'unapplied-patient-credit',
  'unapplied-payer-credit',
];

/**
 * The journal in columns: what reports add up. It only grows, as the journal does, and is followed entry by entry; built
 * at once from the same journal it is the same. See docs/decision/0051
 */
export class Books {
  /** Charges, claims, visits, payers, Invoices and practices. */
  readonly names = new Names();
  readonly #accounts = new Names();
  readonly #reasons = new Names();
  readonly #about = new Map<number, About>();
  readonly #carcs = new Map<number, readonly string[]>(); // of an entry
  readonly #methods = new Map<number, string>(); // of an entry: how a patient paid
  readonly #order = new Amounts();
  readonly #day = new Numbers();
  readonly #reason = new Numbers();
  readonly #practice = new Numbers();
  readonly #money = new Numbers();
  readonly #entry = new Numbers();
  readonly #account = new Numbers();
  readonly #amount = new Amounts();
  readonly #subjects = {
    encounter: new Numbers(),
    charge: new Numbers(),
    claim: new Numbers(),
    payer: new Numbers(),
    invoice: new Numbers(),
  };

  /** Adds an entry; `order` is its place in the journal, by which it is read again. */
  add(
    entry: Entry,
    order: number,
    practice: string | undefined,
    { carcs = [], method }: { readonly carcs?: readonly string[]; readonly method?: string | undefined } = {},
  ): void {
    const row = this.#day.length;
    if (method !== undefined) this.#methods.set(row, method);
    this.#order.push(order);
    this.#day.push(dayNumber(entry.on));
    this.#reason.push(this.#reasons.number(entry.reason));
    this.#practice.push(this.names.number(practice));
    this.#money.push(entry.postings.some(({ account }) => money.includes(account)) ? 1 : 0);
    if (carcs.length > 0) this.#carcs.set(row, carcs);
    const payer = entry.postings.find((p) => p.payer !== undefined)?.payer;
    for (const posting of entry.postings)
      this.#post(row, posting.account === 'cash' && payer !== undefined ? { ...posting, payer } : posting);
  }

  #post(row: number, posting: Posting): void {
    this.#entry.push(row);
    this.#account.push(this.#accounts.number(posting.account));
    this.#amount.push(posting.amount);
    for (const name of ['encounter', 'charge', 'claim', 'payer', 'invoice'] as const)
      this.#subjects[name].push(this.names.number(posting[name]));
  }

  /** Says what is known of a charge, claim or visit; what comes later counts. */
  say(name: string, about: About): void {
    this.#about.set(this.names.number(name), about);
  }

  about(subject: number): About {
    return this.#about.get(subject) ?? nothing;
  }

  knows(name: string): boolean {
    return this.#about.has(this.names.find(name));
  }

  /** The CARCs that an entry denies for. */
  carcs(entry: number): readonly string[] {
    return this.#carcs.get(entry) ?? [];
  }

  /** How the money of an entry was paid, where a patient paid it. */
  method(entry: number): string | undefined {
    return this.#methods.get(entry);
  }

  order(entry: number): number {
    return this.#order.at(entry);
  }

  get entries(): number {
    return this.#day.length;
  }

  get postings(): number {
    return this.#entry.length;
  }

  day(posting: number): number {
    return this.#day.at(this.#entry.at(posting));
  }

  /** Whether a posting is in the books of a practice and posted between two days. */
  isWithin(posting: number, practice: number, from: number, through: number): boolean {
    const entry = this.#entry.at(posting);
    if (this.#practice.at(entry) !== practice) return false;
    const day = this.#day.at(entry);
    return day >= from && day <= through;
  }

  /** For each account, by its number, whether it is wanted; see isOn. */
  wanted(isWanted: (account: LedgerAccount) => boolean): readonly boolean[] {
    return this.#accounts.all.map((name) => isWanted(name as LedgerAccount));
  }

  /** Whether a posting is on one of the accounts that are wanted. */
  isOn(posting: number, wanted: readonly boolean[]): boolean {
    return wanted[this.#account.at(posting)] === true;
  }

  row(posting: number): Row {
    const entry = this.#entry.at(posting);
    return {
      entry,
      account: this.#accounts.name(this.#account.at(posting)) as LedgerAccount,
      amount: this.#amount.at(posting),
      day: this.#day.at(entry),
      reason: this.#reasons.name(this.#reason.at(entry)) as EntryReason,
      encounter: this.#subjects.encounter.at(posting),
      charge: this.#subjects.charge.at(posting),
      claim: this.#subjects.claim.at(posting),
      payer: this.#subjects.payer.at(posting),
      invoice: this.#subjects.invoice.at(posting),
      isOfMoney: this.#money.at(entry) === 1,
    };
  }
}
