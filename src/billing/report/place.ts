import { dateOfDay } from '../../datatypes/dayNumber.ts';
import type { About, Books, Row } from './books.ts';
import type { Dimension, Fact } from './report.ts';

/** What figures say of what belongs to nobody. */
export const none = 'none';

const months = new Map<number, string>();

/** The month of a day number. */
export function monthOfDay(day: number): string {
  const known = months.get(day);
  if (known !== undefined) return known;
  const month = dateOfDay(day).slice(0, 7);
  months.set(day, month);
  return month;
}

/** What is known of the claim, charge or visit of a posting: the first that says it counts. */
export function aboutOf<K extends keyof About>(books: Books, row: Row, what: K): About[K] | undefined {
  for (const subject of [row.claim, row.charge, row.encounter]) {
    const said = subject < 0 ? undefined : books.about(subject)[what];
    if (said !== undefined) return said;
  }
  return undefined;
}

/** Where a fact counts in a dimension. */
export function placeOf(books: Books, fact: Fact, dimension: Dimension): string {
  const said = fact.in?.[dimension];
  if (said !== undefined) return said;
  const row = fact.row ?? books.row(fact.posting);
  switch (dimension) {
    case 'payer':
      return books.names.name(row.payer) ?? none;
    case 'provider':
    case 'place':
      return aboutOf(books, row, dimension) ?? none;
    case 'month':
      return monthOfDay(row.day);
    case 'account':
      return row.account;
    case 'reason':
      return row.reason;
    case 'method':
      return books.method(row.entry) ?? none;
    case 'carc':
    case 'bucket':
      return none;
    default:
      return dimension satisfies never;
  }
}
