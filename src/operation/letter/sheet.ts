import type { Page } from '../form/draw.ts';

/**
 * What stands where on the pages of a letter, in points from the upper left. Every text belongs to a node of the
 * structure that a reader of the screen speaks; what belongs to none (lines, the foot, a head that is repeated) is passed
 * over by it.
 */
export interface Node {
  readonly type: 'P' | 'H1' | 'H2' | 'L' | 'LI' | 'Table' | 'TR' | 'TH' | 'TD';
  readonly parent?: Node;
  readonly lang?: string;
}

export interface Text {
  readonly text: string;
  readonly x: number;
  readonly y: number; // of the baseline
  readonly size: number;
  readonly bold?: boolean;
}

export interface Rule {
  readonly from: number;
  readonly to: number;
  readonly y: number;
  readonly dashed?: boolean;
}

export type Mark = { readonly node?: Node; readonly text: Text } | { readonly rule: Rule };

/** The pages while they are filled. */
export interface Sheet {
  readonly measure: Measure;
  readonly sizes: Sizes;
  readonly pages: Mark[][];
  y: number; // where the next thing begins, on the last page
}

export interface Sizes {
  readonly body: number;
  readonly table: readonly number[]; // the first in which its columns fit
  readonly small: number;
  readonly h1: number;
  readonly h2: number;
}

export const usual: Sizes = { body: 10.5, table: [9.5, 8.5, 7.5], small: 8.5, h1: 17, h2: 12.5 };
/** Large print begins at 18 points. */
export const large: Sizes = { body: 18, table: [18], small: 18, h1: 24, h2: 20 };

/** US letter; the text ends above the foot. */
export const paper = { width: 612, height: 792, left: 54, right: 558, top: 48, bottom: 728 } as const;
export const textWidth = paper.right - paper.left;

/** Of a line, by its letters. */
export const lead = (size: number): number => size * 1.32;

/** How wide a text is. Bold is drawn with a line around each letter. */
export type Measure = (text: string, size: number, bold?: boolean) => number;

/**
 * Measures as pdfkit sets a line: word by word. What a word measures is the same in every letter and is kept, for shaping
 * it takes longer than all else.
 */
export function measureOn(document: Page): Measure {
  const wordWidth = (word: string): number => {
    const known = widths.get(word);
    if (known !== undefined) return known;
    const width = document.font('label').fontSize(unit).widthOfString(word);
    if (word.length > longestKept) return width;
    if (widths.size >= mostWords) widths.clear();
    widths.set(word, width);
    return width;
  };
  return (text, size, bold = false) => {
    const words = text.split(' ');
    const all = words.reduce((sum, word) => sum + wordWidth(word), (words.length - 1) * wordWidth(' '));
    return (all * size) / unit + (bold ? boldLine(size) : 0);
  };
}

const unit = 100; // points, at which words are measured
const mostWords = 20_000;
const longestKept = 40; // letters
const widths = new Map<string, number>();

export const boldLine = (size: number): number => size * 0.035;

export function mark(sheet: Sheet, each: Mark): void {
  sheet.pages.at(-1)?.push(each);
}

export function newPage(sheet: Sheet): void {
  sheet.pages.push([]);
  sheet.y = paper.top;
}

export const isNewPage = (sheet: Sheet): boolean => sheet.y <= paper.top;

/** A new page where the height does not fit on this one; true when it began one. */
export function ensure(sheet: Sheet, height: number): boolean {
  if (sheet.y + height <= paper.bottom || isNewPage(sheet)) return false;
  newPage(sheet);
  return true;
}

export interface Style {
  readonly size: number;
  readonly bold?: boolean;
}

/** A text in lines no wider than `width`; a word that is wider alone is cut between its letters. */
export function linesOf(measure: Measure, text: string, width: number, style: Style): string[] {
  const fits = (t: string): boolean => measure(t, style.size, style.bold) <= width;
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const { word, space } of wordsOf(paragraph)) {
      const longer = line === '' ? word : `${line}${space}${word}`;
      if (fits(longer)) {
        line = longer;
        continue;
      }
      if (line !== '') lines.push(line);
      const pieces = piecesOf(word, fits);
      line = pieces.pop() ?? '';
      lines.push(...pieces);
    }
    lines.push(line);
  }
  return lines;
}

/** Words, and the halves of those with a hyphen: a line may end after it. */
function* wordsOf(text: string): Generator<{ word: string; space: string }> {
  for (const whole of text.split(/\s+/)) {
    let space = ' ';
    for (const [word] of whole.matchAll(/[^-]*-+(?=\p{L}{2})|.+/gu)) {
      yield { word, space };
      space = '';
    }
  }
}

/** A word in pieces that fit, of one letter at least; never half of a letter that two code units spell. */
function piecesOf(word: string, fits: (text: string) => boolean): string[] {
  const letters = Array.from(word);
  const pieces: string[] = [];
  for (let from = 0; from < letters.length;) {
    const piece = (count: number): string => letters.slice(from, from + count).join('');
    const count = mostThatFit(letters.length - from, (n) => fits(piece(n)));
    pieces.push(piece(count));
    from += count;
  }
  return pieces;
}

/** The highest count that fits, 1 at least: doubled, then halved, for each measurement takes as long as its text. */
function mostThatFit(all: number, fits: (count: number) => boolean): number {
  let most = 1;
  while (most * 2 <= all && fits(most * 2)) most *= 2;
  for (let step = Math.floor(most / 2); step >= 1; step = Math.floor(step / 2))
    if (most + step <= all && fits(most + step)) most += step;
  return most;
}
