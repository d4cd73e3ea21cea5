import { comparable } from '../../../search/kind/string.ts';
import type { FilterValue } from '../../../search/query.ts';
import { hasPrefixKeys, prefixKey, prefixKeys } from '../index/prefixKey.ts';
import type { FilterContext, MongoKind } from '../kind.ts';
import { beyond, byValue } from '../search/byValue.ts';
import { among, element, never, type Match } from '../search/match.ts';
import type { Place } from '../search/place.ts';
import { fieldValues } from '../search/sortValues.ts';

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);

function stringMatch(
  { parameter, modifier, lookup }: FilterContext,
  { no }: Place,
  { text }: FilterValue,
): Match {
  const fold = comparable(text);
  const isBegun =
    lookup.byPrefixKey &&
    (parameter.from ?? [parameter]).every(({ code }) => hasPrefixKeys({ ...parameter, code }));
  const start = isBegun ? prefixKey(no, fold) : undefined;
  const begun = start === undefined ? {} : among([start]);
  const on = (match: unknown): Match => element('s', { p: no, f: match });
  switch (modifier) {
    case 'exact':
      return { ...begun, ...element('s', { p: no, f: fold, e: text }) };
    case 'contains':
    case 'ends':
      if (fold.includes('\u0000')) return never; // no FHIR string has it, and no pattern takes it
      return on({ $regex: `${escaped(fold)}${modifier === 'ends' ? '$' : ''}`, $options: 's' });
    default:
      return { ...begun, ...on({ $gte: fold, $lt: beyond(fold) }) };
  }
}

export const stringKind: MongoKind = {
  encode: (entry, p, { x, s }) => {
    if (entry.kind !== 'string') return;
    s.set(`${p} ${entry.exact}`, { p, f: entry.folded, e: entry.exact });
    if (hasPrefixKeys(entry.parameter)) for (const text of prefixKeys(p, entry.folded)) x.add(text);
  },
  filter: byValue(stringMatch),
  sort: ({ numbers }) => fieldValues('s', numbers, 'f'),
};
