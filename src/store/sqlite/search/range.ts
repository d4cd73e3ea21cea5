import type { FilterValue } from '../../../search/query.ts';
import { sqlFragment, type SqlFragment } from './sqlFragment.ts';

/**
 * What an ordered search value asks of a stretch of time; 'high' is exclusive on both sides.
 * See https://hl7.org/fhir/R4/search.html#prefix
 */
export function dateRange({ prefix, low = 0, high = 0 }: FilterValue): SqlFragment {
  const inside = 'low >= ? AND low < ? AND high <= ?'; // the second only keeps the index scan short
  switch (prefix) {
    case 'ne':
      return sqlFragment(`NOT (${inside})`, low, high, high);
    case 'gt':
      return sqlFragment('high > ?', high);
    case 'lt':
      return sqlFragment('low < ?', low);
    case 'ge':
      return sqlFragment(`(high > ? OR (${inside}))`, high, low, high, high);
    case 'le':
      return sqlFragment(`(low < ? OR (${inside}))`, low, low, high, high);
    case 'sa':
      return sqlFragment('low >= ?', high);
    case 'eb':
      return sqlFragment('(low < ? AND high <= ?)', low, low);
    case 'ap':
      return sqlFragment('(low < ? AND high > ?)', high, low);
    default:
      return sqlFragment(`(${inside})`, low, high, high);
  }
}

/** What it asks of a moment, which lasts a millisecond. */
export function momentRange(column: string, { prefix, low = 0, high = 0 }: FilterValue): SqlFragment {
  switch (prefix) {
    case 'ne':
      return sqlFragment(`(${column} < ? OR ${column} >= ?)`, low, high);
    case 'gt':
    case 'sa':
      return sqlFragment(`${column} >= ?`, high);
    case 'lt':
    case 'eb':
      return sqlFragment(`${column} < ?`, low);
    case 'ge':
      return sqlFragment(`${column} >= ?`, low);
    case 'le':
      return sqlFragment(`${column} < ?`, high);
    default:
      return sqlFragment(`(${column} >= ? AND ${column} < ?)`, low, high);
  }
}

/** The moment after which whatever matches ends, for the prefixes that ask for what ends late. */
export const endsAfter = ({ prefix, low, high }: FilterValue): number | undefined =>
  prefix === 'gt' ? high : prefix === 'ge' || prefix === 'ap' ? low : undefined;

/** What it asks of a number or quantity, which is a point (low = high) or a range, both ends inclusive. */
export function quantityRange({ prefix, value = 0, low = 0, high = 0 }: FilterValue): SqlFragment {
  switch (prefix) {
    case 'ne':
      return sqlFragment('NOT (low >= ? AND high < ?)', low, high);
    case 'gt':
      return sqlFragment('high > ?', value);
    case 'lt':
      return sqlFragment('low < ?', value);
    case 'ge':
      return sqlFragment('high >= ?', value);
    case 'le':
      return sqlFragment('low <= ?', value);
    case 'sa':
      return sqlFragment('low > ?', value);
    case 'eb':
      return sqlFragment('high < ?', value);
    case 'ap':
      return sqlFragment('(low <= ? AND high >= ?)', high, low);
    default:
      return sqlFragment('(low >= ? AND low < ? AND high < ?)', low, high, high);
  }
}
