import type { Layout, RowValue, TableRow } from './layout.ts';

/**
 * Excludes1 notes of the tabular list of ICD-10-CM: the diagnosis that a note stands at is not coded together with those
 * it names. Read from the XML of a fiscal year. A note of a chapter or section is kept at each category in it.
 * Layout: https://www.cms.gov/medicare/coding-billing/icd-10-codes (Code Tables and Index, icd10cm_tabular)
 */
export interface CodeSpan {
  readonly from: string; // without the dot; the beginning of a code counts for all below it
  readonly through: string;
}

export const excludedSpan = ([from, through]: RowValue): CodeSpan | undefined =>
  typeof from === 'string' && typeof through === 'string' ? { from, through } : undefined;

/** Whether a code, without its dot, lies in a span. */
export const isWithin = (code: string, { from, through }: CodeSpan): boolean =>
  code >= from && code.slice(0, through.length) <= through;

/** The codes under which notes of a diagnosis stand: its own and those above it. */
export const levelsOf = (code: string): string[] =>
  Array.from({ length: Math.max(0, code.length - 2) }, (_, i) => code.slice(0, i + 3));

const oneCode = String.raw`[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{0,4})?-?`;
const bracket = /\(([^()]*)\)/g;
const isCode = new RegExp(`^${oneCode}$`);
const isRange = new RegExp(`^(${oneCode})\\s*[-\\u2013]\\s*(${oneCode})$`);
const startsAsCode = /^[A-Z][0-9][0-9A-Z]/;
const bare = (code: string): string => code.replace(/[.-]/g, '');

/** What a note names, or undefined where it names codes in a way that is not understood here. */
export function spansOf(note: string): CodeSpan[] | undefined {
  const spans: CodeSpan[] = [];
  for (const [, inside = ''] of note.matchAll(bracket)) {
    for (const part of inside.split(/[,;]|\band\b|\bor\b/)) {
      const text = part.trim();
      if (!startsAsCode.test(text)) continue; // words in brackets: "(acute)"
      const range = isRange.exec(text);
      if (range) spans.push({ from: bare(range[1] ?? ''), through: bare(range[2] ?? '') });
      else if (isCode.test(text)) spans.push({ from: bare(text), through: bare(text) });
      else return undefined;
    }
  }
  return spans;
}

/** Notes as they stand open while the file is read: of the chapter, of the section, of the diagnoses above. */
class Notes {
  readonly #open: string[] = []; // names of the elements that are open
  readonly #codes: string[] = []; // diagnoses that are open
  readonly #wide: Record<'chapter' | 'section', CodeSpan[]> = { chapter: [], section: [] };
  #text = '';

  opened(name: string): void {
    this.#open.push(name);
    this.#text = '';
    if (name === 'chapter') this.#wide.chapter = [];
    if (name === 'chapter' || name === 'section') this.#wide.section = [];
  }

  text(more: string): void {
    this.#text += more;
  }

  /** An element ends: the rows it gives, or that its note was not understood. */
  closed(name: string): readonly TableRow[] | string {
    while (this.#open.length > 0 && this.#open.pop() !== name);
    const text = this.#text.replace(/\s+/g, ' ').trim();
    const above = this.#open.at(-1);
    if (name === 'diag') this.#codes.pop();
    if (name === 'name' && above === 'diag') return this.#named(bare(text));
    if (name !== 'note' || above !== 'excludes1') return [];
    const spans = spansOf(text);
    if (!spans) return 'has an Excludes1 note whose codes are not understood';
    return this.#noted(spans);
  }

  #named(code: string): TableRow[] {
    this.#codes.push(code);
    if (code.length !== 3) return [];
    return rowsAt(code, [...this.#wide.chapter, ...this.#wide.section]);
  }

  #noted(spans: readonly CodeSpan[]): TableRow[] {
    const at = this.#open.at(-2);
    const code = this.#codes.at(-1);
    if (at === 'chapter' || at === 'section') this.#wide[at].push(...spans);
    return at === 'diag' && code !== undefined ? rowsAt(code, spans) : [];
  }
}

const rowsAt = (key: string, spans: readonly CodeSpan[]): TableRow[] =>
  spans.map(({ from, through }) => ({ key, value: [from, through] }));

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const decoded = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|apos);/g, (whole, name: string) => entities[name] ?? whole);

export const excludes1: Layout = {
  title: 'Excludes1 notes of ICD-10-CM, tabular list of a fiscal year as XML (icd10cm_tabular)',
  edits: 'diagnoses that are not coded together (Excludes1)',
  markup: true,
  reader: () => {
    const notes = new Notes();
    return ([tag = '', text = '']) => {
      notes.text(decoded(text)); // what stands before the tag
      const name = /^\/?([A-Za-z][\w.-]*)/.exec(tag)?.[1] ?? '';
      if (tag.startsWith('/')) return notes.closed(name);
      if (name === '' || tag.endsWith('/')) return [];
      notes.opened(name);
      return [];
    };
  },
};
