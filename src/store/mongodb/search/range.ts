import type { FilterValue } from '../../../search/query.ts';
import type { Match } from './match.ts';

/** Milliseconds. */
export const day = 86_400_000;

/**
 * What an ordered search value asks of a stretch of time { l, h }; 'high' is exclusive on both sides.
 * See https://hl7.org/fhir/R4/search.html#prefix
 */
export function dateRange({ prefix, low = 0, high = 0 }: FilterValue): readonly Match[] {
  const inside = { l: { $gte: low, $lt: high }, h: { $lte: high } }; // $lt only keeps the index scan short
  switch (prefix) {
    case 'ne':
      return [{ $or: [{ l: { $lt: low } }, { l: { $gte: high } }, { h: { $gt: high } }] }];
    case 'gt':
      return [{ h: { $gt: high } }];
    case 'lt':
      return [{ l: { $lt: low } }];
    case 'ge':
      return [{ h: { $gt: high } }, inside];
    case 'le':
      return [{ l: { $lt: low } }, inside];
    case 'sa':
      return [{ l: { $gte: high } }];
    case 'eb':
      return [{ l: { $lt: low }, h: { $lte: low } }];
    case 'ap':
      return [{ l: { $lt: high }, h: { $gt: low } }];
    default:
      return [inside];
  }
}

/** What it asks of a moment, which lasts a millisecond. */
export function momentRange({ prefix, low = 0, high = 0 }: FilterValue): Match {
  switch (prefix) {
    case 'ne':
      return { $not: { $gte: low, $lt: high } };
    case 'gt':
    case 'sa':
      return { $gte: high };
    case 'lt':
    case 'eb':
      return { $lt: low };
    case 'ge':
      return { $gte: low };
    case 'le':
      return { $lt: high };
    case 'ap':
    default:
      return { $gte: low, $lt: high };
  }
}

/** What it asks of a number or quantity { l, h }, which is a point (l = h) or a range, both ends inclusive. */
export function quantityRange({ prefix, value = 0, low = 0, high = 0 }: FilterValue): Match {
  switch (prefix) {
    case 'ne':
      return { $or: [{ l: { $lt: low } }, { h: { $gte: high } }] };
    case 'gt':
      return { h: { $gt: value } };
    case 'lt':
      return { l: { $lt: value } };
    case 'ge':
      return { h: { $gte: value } };
    case 'le':
      return { l: { $lte: value } };
    case 'sa':
      return { l: { $gt: value } };
    case 'eb':
      return { h: { $lt: value } };
    case 'ap':
      return { l: { $lte: high }, h: { $gte: low } };
    default:
      return { l: { $gte: low, $lt: high }, h: { $lt: high } };
  }
}
