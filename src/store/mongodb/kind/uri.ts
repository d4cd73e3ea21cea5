import { above } from '../../../search/kind/uri.ts';
import { tokenText } from '../index/fields.ts';
import type { MongoKind } from '../kind.ts';
import { beyond, byValue } from '../search/byValue.ts';
import { among, element, never } from '../search/match.ts';
import { tokenKind } from './token.ts';

/** URIs are kept as tokens without a system. */
export const uriKind: MongoKind = {
  encode: tokenKind.encode,
  filter: byValue(({ modifier }, { no }, { text }) => {
    if (modifier === 'below') {
      const start = tokenText(no, text);
      return element('x', { $gte: start, $lt: beyond(start) });
    }
    const uris = modifier === 'above' ? above(text) : [text];
    return uris.length === 0 ? never : among(uris.map((one) => tokenText(no, one)));
  }),
  sort: tokenKind.sort,
};
