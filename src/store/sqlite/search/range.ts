import type { FilterValue } from '../../../search/query.ts';
import { piece, type Piece } from './sqlFragment.ts';

/**
 * What an ordered search value asks of a stretch of time; 'high' is exclusive on both sides.
 * See https://hl7.org/fhir/R4/search.html#prefix
 */
export function dateRange({ prefix, low = 0, high = 0 }: FilterValue): Piece {
  const inside = 'low >= ? AND low < ? AND high <= ?'; // the second only keeps the index scan short
  switch (prefix) {
    case 'ne':
      return piece(`NOT (${inside})`, low, high, high);
    case 'gt':
      return piece('high > ?', high);
    case 'lt':
      return piece('low < ?', low);
    case 'ge':
      return piece(`(high > ? OR (${inside}))`, high, low, high, high);
    case 'le':
      return piece(`(low < ? OR (${inside}))`, low, low, high, high);
    case 'sa':
      return piece('low >= ?', high);
    case 'eb':
      return piece('(low < ? AND high <= ?)', low, low);
    case 'ap':
      return piece('(low < ? AND high > ?)', high, low);
    default:
      return piece(`(${inside})`, low, high, high);
  }
}

/** What it asks of a moment, which lasts a millisecond. */
export function momentRange(column: string, { prefix, low = 0, high = 0 }: FilterValue): Piece {
  switch (prefix) {
    case 'ne':
      return piece(`(${column} < ? OR ${column} >= ?)`, low, high);
    case 'gt':
    case 'sa':
      return piece(`${column} >= ?`, high);
    case 'lt':
    case 'eb':
      return piece(`${column} < ?`, low);
    case 'ge':
      return piece(`${column} >= ?`, low);
    case 'le':
      return piece(`${column} < ?`, high);
    default:
      return piece(`(${column} >= ? AND ${column} < ?)`, low, high);
  }
}

/** The moment after which whatever matches ends, for the prefixes that ask for what ends late. */
export const endsAfter = ({ prefix, low, high }: FilterValue): number | undefined =>
  prefix === 'gt' ? high : prefix === 'ge' || prefix === 'ap' ? low : undefined;

/** What it asks of a number or quantity, which is a point (low = high) or a range, both ends inclusive. */
export function quantityRange({ prefix, value = 0, low = 0, high = 0 }: FilterValue): Piece {
  switch (prefix) {
    case 'ne':
      return piece('NOT (low >= ? AND high < ?)', low, high);
    case 'gt':
      return piece('high > ?', value);
    case 'lt':
      return piece('low < ?', value);
    case 'ge':
      return piece('high >= ?', value);
    case 'le':
      return piece('low <= ?', value);
    case 'sa':
      return piece('low > ?', value);
    case 'eb':
      return piece('high < ?', value);
    case 'ap':
      return piece('(low <= ? AND high >= ?)', high, low);
    default:
      return piece('(low >= ? AND low < ? AND high < ?)', low, high, high);
  }
}
