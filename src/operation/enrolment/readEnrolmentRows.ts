import { csvFields, csvLines } from '../../datatypes/csvLines.ts';
import { isDate } from '../../datatypes/date.ts';
import { isNpi } from '../../datatypes/identifier.ts';

/** A row of a list of enrolments. */
export interface EnrolmentRow {
  readonly line: number;
  readonly npi: string; // '': the group itself
  readonly place: string; // id of a Location; '': every place
  readonly start: string; // FHIR date
  readonly end: string; // FHIR date, or ''
}

const columns = ['npi', 'place', 'start', 'end'] as const;
export const mostEnrolments = 500;

/** Reads enrolments as comma-separated values with a head line. Every fault is named; with one, nothing counts. */
export function readEnrolmentRows(text: string): {
  readonly rows: readonly EnrolmentRow[];
  readonly faults: readonly string[];
} {
  const [head = '', ...lines] = csvLines(text);
  const names = csvFields(head).map((name) => name.toLowerCase());
  const isKnown = (name: string): boolean => columns.some((one) => one === name);
  if (!names.includes('start') || !names.every((name, i) => isKnown(name) && names.indexOf(name) === i))
    return {
      rows: [],
      faults: ['the head line names npi, place, start and end, each at most once, start always'],
    };
  const faults: string[] = [];
  const rows: EnrolmentRow[] = [];
  const seen = new Map<string, number>();
  for (const [i, written] of lines.entries()) {
    if (written.trim() === '') continue;
    const line = i + 2;
    const said = csvFields(written);
    const of = (name: (typeof columns)[number]): string => said[names.indexOf(name)] ?? '';
    const row = { line, npi: of('npi'), place: of('place'), start: of('start'), end: of('end') };
    const fault = said.length > names.length ? 'has more fields than the head line' : faultOf(row);
    const key = [row.npi, row.place, row.start].join('|');
    const before = seen.get(key);
    if (fault !== undefined) faults.push(`line ${line} ${fault}`);
    else if (before !== undefined) faults.push(`line ${line} says again what line ${before} says`);
    seen.set(key, line);
    rows.push(row);
  }
  if (rows.length === 0 && faults.length === 0) faults.push('there is no row');
  if (rows.length > mostEnrolments) faults.push(`there are more than ${mostEnrolments} rows`);
  return { rows: faults.length > 0 ? [] : rows, faults };
}

function faultOf({ npi, start, end }: EnrolmentRow): string | undefined {
  if (npi !== '' && !isNpi(npi)) return 'has an NPI that is none';
  if (!isDate(start)) return 'has a start that is no full date';
  if (end !== '' && !isDate(end)) return 'has an end that is no full date';
  return end !== '' && end < start ? 'ends before it starts' : undefined;
}
