import { above } from '../../../search/kind/uri.ts';
import type { FilterValue } from '../../../search/query.ts';
import type { FilterContext, SqliteKind } from '../kind.ts';
import { beyond, byValue } from '../search/byIndex.ts';
import { either, type Condition } from '../search/condition.ts';
import { sqlFragment } from '../search/sqlFragment.ts';
import { isPart, partOf, tokenKind } from './token.ts';

function filter({ place: { no }, modifier }: FilterContext, { text }: FilterValue): Condition {
  if (modifier === 'below')
    return byValue(
      'token',
      sqlFragment('parameter = ? AND code >= ? AND code < ?', no, text, beyond(text)),
      false,
    );
  if (isPart(modifier)) return partOf(no, modifier, { text });
  const codes = modifier === 'above' ? above(text) : [text];
  return either(codes.map((code) => byValue('token', sqlFragment('parameter = ? AND code = ?', no, code))));
}

/** URIs are kept as tokens without a system. */
export const uriKind: SqliteKind = {
  encode: tokenKind.encode,
  filter,
  present: tokenKind.present,
  sort: tokenKind.sort,
  ...(tokenKind.order ? { order: tokenKind.order } : {}),
};
