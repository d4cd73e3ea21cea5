import { quoted } from '../report/csv.ts';
import type { Row } from './rows.ts';
import { columnsOf, type View } from './viewDefinition.ts';

export const formats = ['json', 'ndjson', 'csv'] as const;
export type Format = (typeof formats)[number];

export const mediaTypeOf: Readonly<Record<Format, string>> = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8',
};

/** A value that has no text. */
export class FormatError extends Error {}

/** Writes the rows of a view as text, in the order of its columns. */
export class RowWriter {
  readonly #columns: readonly string[];
  readonly #format: Format;

  constructor(view: View, format: Format) {
    this.#columns = columnsOf(view.selects);
    this.#format = format;
  }

  /** What comes before the rows. */
  head(hasHeader: boolean): string {
    if (this.#format === 'json') return '[';
    return this.#format === 'csv' && hasHeader ? `${this.#columns.map(quoted).join(',')}\r\n` : '';
  }

  tail(): string {
    return this.#format === 'json' ? ']' : '';
  }

  /** One row; `before` is how many came before it. */
  row(row: Row, before: number): string {
    if (this.#format === 'csv')
      return `${this.#columns.map((name) => quoted(cellOf(row[name]))).join(',')}\r\n`;
    const ordered = Object.fromEntries(this.#columns.map((name) => [name, row[name] ?? null]));
    const text = JSON.stringify(ordered);
    if (this.#format === 'ndjson') return `${text}\n`;
    return before === 0 ? text : `,\n${text}`;
  }
}

/** A cell: nothing for null, a primitive as it is, anything else as JSON. */
function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text: unknown = JSON.stringify(value);
  if (typeof text !== 'string') throw new FormatError();
  return text;
}
