import type { FilterValue } from '../../search/query.ts';
import { piece, type Piece } from './piece.ts';

/**
 * What an ordered search value asks of a stretch of time; `high` is exclusive on both sides.
 * See https://hl7.org/fhir/R4/search.html#prefix
 */
export function dateRange({ prefix, low = 0, high = 0 }: FilterValue, from = 'low', to = 'high'): Piece {
  const inside = `${from} >= ? AND ${from} < ? AND ${to} <= ?`; // the second only keeps the index scan short
  switch (prefix) {
    case 'ne':
      return piece(`NOT (${inside})`, low, high, high);
    case 'gt':
      return piece(`${to} > ?`, high);
    case 'lt':
      return piece(`${from} < ?`, low);
    case 'ge':
      return piece(`(${to} > ? OR (${inside}))`, high, low, high, high);
    case 'le':
      return piece(`(${from} < ? OR (${inside}))`, low, low, high, high);
    case 'sa':
      return piece(`${from} >= ?`, high);
    case 'eb':
      return piece(`${to} <= ?`, low);
    case 'ap':
      return piece(`(${from} < ? AND ${to} > ?)`, high, low);
    default:
      return piece(`(${inside})`, low, high, high);
  }
}

/** What it asks of a number or quantity, which is a point (low = high) or a range, both ends inclusive. */
export function quantityRange({ prefix, value = 0, low = 0, high = 0 }: FilterValue): Piece {
  const near = Math.abs(value) * 0.1;
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
      return piece('(low <= ? AND high >= ?)', value + near, value - near);
    default:
      return piece('(low >= ? AND low < ? AND high < ?)', low, high, high);
  }
}
