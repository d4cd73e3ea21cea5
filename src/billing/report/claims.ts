import type { EntryReason } from '../../datatypes/entry.ts';
import type { Row } from './books.ts';
import { isReceivable } from './receivables.ts';
import { untilEnd, type Scope } from './report.ts';

/** What the journal says of a claim up to the end of a period. */
export interface ClaimStory {
  readonly claim: number;
  readonly payer: number;
  sent?: { readonly posting: number; readonly day: number; readonly isCorrection: boolean };
  submitted: number; // cents placed on it
  answered?: { readonly posting: number; readonly day: number };
  denied: number; // cents of the first answer
  deniedAt: number[]; // postings of that
  carcs: readonly string[];
  isPended: boolean;
  isWithdrawn: boolean; // taken back or replaced before it was answered
  isOverturned: boolean; // paid after a first denial
}

const answers: readonly EntryReason[] = [
  'contractual',
  'insurer-payment',
  'patient-share',
  'next-payer',
  'claim-denied',
];

/** Reads the story of every claim that was sent or answered; yields undefined now and then. */
export class Claims {
  readonly stories = new Map<number, ClaimStory>();
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  *read(): Generator<undefined> {
    const { books } = this.#scope;
    for (const posting of untilEnd(this.#scope, isReceivable)) {
      if (posting === undefined) yield undefined;
      else this.#add(books.row(posting), posting);
    }
    yield undefined;
  }

  #add(row: Row, posting: number): void {
    if (row.claim < 0) return;
    const isPlaced = row.account === 'receivable-insurance-open' && row.amount > 0;
    if (row.reason === 'claim-submitted' || row.reason === 'claim-replaced') {
      if (isPlaced) this.#send(row, posting);
      else if (row.reason === 'claim-replaced') this.#of(row).isWithdrawn ||= !this.#of(row).answered;
      return;
    }
    if (row.reason === 'claim-pended') this.#of(row).isPended = true;
    if (row.reason === 'claim-withdrawn') this.#of(row).isWithdrawn ||= !this.#of(row).answered;
    if (answers.includes(row.reason) && !(isPlaced && row.reason === 'next-payer'))
      this.#answer(row, posting);
  }

  #of(row: Row): ClaimStory {
    const known = this.stories.get(row.claim);
    if (known) return known;
    const story: ClaimStory = {
      ...{ claim: row.claim, payer: row.payer, submitted: 0, denied: 0, deniedAt: [], carcs: [] },
      ...{ isPended: false, isWithdrawn: false, isOverturned: false },
    };
    this.stories.set(row.claim, story);
    return story;
  }

  #send(row: Row, posting: number): void {
    const story = this.#of(row);
    // A correction that bills a charge more is submitted and replaces: either may be posted first.
    const isCorrection = row.reason === 'claim-replaced' || story.sent?.isCorrection === true;
    story.sent = { posting, day: row.day, ...story.sent, isCorrection };
    story.submitted += row.amount;
  }

  #answer(row: Row, posting: number): void {
    const story = this.#of(row);
    story.answered ??= { posting, day: row.day };
    const isFirst = story.answered.day === row.day;
    if (row.account === 'receivable-insurance-denied' && row.amount > 0 && isFirst) {
      story.denied += row.amount;
      story.deniedAt.push(posting);
      if (story.carcs.length === 0) story.carcs = this.#scope.books.carcs(row.entry);
    }
    if (row.reason === 'insurer-payment' && !isFirst && story.denied > 0) story.isOverturned = true;
  }
}
