import type { FilterValue } from '../../../search/query.ts';
import { bar } from '../index/fields.ts';
import type { MongoKind } from '../kind.ts';
import { byValue } from '../search/byValue.ts';
import { element, type Match } from '../search/match.ts';
import { fieldValues } from '../search/sortValues.ts';

/** What an ordered search value asks of a number or quantity { l, h }, which is a point (l = h) or a range, both ends inclusive. */
function quantityRange({ prefix, value = 0, low = 0, high = 0 }: FilterValue): Match {
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

function quantityMatch(no: number, value: FilterValue): Match {
  return element('q', {
    p: no,
    ...quantityRange(value),
    ...(value.system === undefined ? {} : { s: value.system }),
    ...(value.code === undefined ? {} : { c: value.code }),
  });
}

/** Numbers and quantities. */
export const quantityKind: MongoKind = {
  encode: (entry, p, { q }) => {
    if (entry.kind !== 'quantity') return;
    const { low: l, high: h, system, code } = entry;
    q.set(`${p} ${l} ${h} ${system}${bar}${code}`, { p, l, h, s: system, c: code });
  },
  filter: byValue((_, { no }, value) => quantityMatch(no, value)),
  sort: ({ numbers }) => fieldValues('q', numbers, 'l'),
};
