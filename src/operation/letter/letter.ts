import type { Language } from './words.ts';

/**
 * A letter as data: what it says, in order. How it looks on paper is decided by lay.ts and paint.ts, and is the same for
 * statements, receipts, estimates and appeals. printLetter(letter) gives the PDF.
 */
export interface Letter {
  readonly title: string; // of the document; seen in lists of files, so no names
  readonly on: string; // FHIR date of the document: the same letter gives the same bytes
  readonly language: Language;
  readonly large?: boolean; // letters of 18 points, for who sees poorly
  readonly from: readonly string[]; // name and address of the sender, a line each
  readonly to: readonly string[]; // name and address of the recipient, where the window of an envelope shows them
  readonly facts?: readonly Fact[]; // beside the addresses: dates, numbers, the amount
  readonly running?: string; // repeated at the foot of every page: what the page belongs to
  readonly parts: readonly Part[];
}

/** A label and what stands beside it. */
export interface Fact {
  readonly label: string;
  readonly value: string;
  readonly strong?: boolean;
}

export interface Heading {
  readonly kind: 'heading';
  readonly text: string;
  readonly level?: 1 | 2; // 2 where none is told
}

export interface Paragraph {
  readonly kind: 'paragraph';
  readonly text: string;
  readonly strong?: boolean;
  readonly lang?: string; // BCP 47, of a text in another language than the letter's
}

export interface List {
  readonly kind: 'list';
  readonly items: readonly string[];
}

/** Facts below each other, as wide as the page. */
export interface Facts {
  readonly kind: 'facts';
  readonly facts: readonly Fact[];
}

export interface Column {
  readonly head: string;
  readonly amount?: boolean; // its cells stand to the right
  readonly share?: number; // of the width that amounts leave, 1 where none is told
}

export interface Row {
  readonly cells: readonly string[]; // one a column
  readonly strong?: boolean; // a total: bold, below a line
}

/** Its rows go over pages, its head is repeated; where the columns do not fit, each row becomes lines of its own. */
export interface Table {
  readonly kind: 'table';
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

/** A dashed line to cut or fold at. */
export interface Cut {
  readonly kind: 'cut';
  readonly text: string;
}

/** Parts that stand on one page, as far as one page holds them. */
export interface Together {
  readonly kind: 'together';
  readonly parts: readonly Part[];
}

export interface PageBreak {
  readonly kind: 'page';
}

export type Part = Heading | Paragraph | List | Facts | Table | Cut | Together | PageBreak;
