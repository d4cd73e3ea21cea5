/** What a row of a coding table says, kept as JSON: codes, numbers, dates (FHIR) or nothing. */
export type RowValue = readonly (string | number | null)[];

/** A row of a coding table: what it is found by, and what it says. A key may have several rows. */
export interface TableRow {
  readonly key: string;
  readonly value: RowValue;
}

/** How the file of a table is laid out by its publisher. */
export interface Layout {
  readonly title: string;
  readonly edits: string; // what the scrub does not do without it
  /** The cells of a line of fixed width; undefined where it is none. Without it files have separators only. */
  readonly fixed?: (line: string) => readonly string[] | undefined;
  /** The file is running text: a record is a line, its cells are separated by tabs, whatever stands in its beginning. */
  readonly lines?: true;
  /** The file is XML: a record is a tag as it stands between its brackets, and the text before it. */
  readonly markup?: true;
  /**
   * A reader of one file, record by record: a row, or several; nothing for a heading; a sentence for a record that
   * cannot be read.
   */
  readonly reader: () => (cells: readonly string[]) => readonly TableRow[] | string;
}

/** A code of CPT or HCPCS Level II. */
export const isService = (text: string): boolean => /^[0-9A-Z][0-9]{3}[0-9A-Z]$/.test(text);

/** A date as CMS writes it: 20260101, 2026001 (day of the year), 01/01/2026, 2026-01-01; null for none, undefined for what is none. */
export function dateOfCms(text: string): string | null | undefined {
  const plain = text.trim();
  if (/^(\*|0*|9{7,8})$/.test(plain)) return null;
  const us = /^(\d{1,2})\/(\d{1,2})\/(\d{4})( .*)?$/.exec(plain);
  if (us) return dayOf(Number(us[3]), Number(us[1]), Number(us[2]));
  const ofYear = /^(\d{4})(\d{3})$/.exec(plain);
  if (ofYear) return dayOf(Number(ofYear[1]), 1, Number(ofYear[2]));
  const whole = /^(\d{4})-?(\d{2})-?(\d{2})(T.*)?$/.exec(plain);
  return whole ? dayOf(Number(whole[1]), Number(whole[2]), Number(whole[3])) : undefined;
}

const dayOf = (year: number, month: number, day: number): string | undefined =>
  month < 1 || month > 12 || day < 1 || day > 366
    ? undefined
    : new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);

/** The columns of a heading by what they are called; undefined where one that is needed is not there. */
export function columnsOf<Name extends string>(
  cells: readonly string[],
  called: Readonly<Record<Name, RegExp>>,
  needed: readonly Name[],
): Readonly<Record<Name, number>> | undefined {
  const plain = cells.map((cell) => cell.toLowerCase().replace(/[^a-z0-9]/g, ''));
  const names = Object.keys(called) as Name[];
  const found = Object.fromEntries(
    names.map((name) => [name, plain.findIndex((cell) => called[name].test(cell))]),
  ) as Record<Name, number>;
  return needed.every((name) => found[name] >= 0) ? found : undefined;
}

/** A reader of files whose heading names their columns; what stands above the heading is passed over. */
export function headedReader<Name extends string>(
  called: Readonly<Record<Name, RegExp>>,
  needed: readonly NoInfer<Name>[],
  read: (cell: (name: NoInfer<Name>) => string) => readonly TableRow[] | string,
): Layout['reader'] {
  return () => {
    let columns: Readonly<Record<Name, number>> | undefined;
    return (cells) => {
      if (!columns) {
        columns = columnsOf(cells, called, needed);
        return [];
      }
      const known = columns;
      return read((name) => (known[name] < 0 ? '' : (cells[known[name]] ?? '').trim()));
    };
  };
}
