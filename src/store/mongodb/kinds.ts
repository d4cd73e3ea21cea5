import type { ParameterType } from '../../search/query.ts';
import type { MongoKind } from './kind.ts';
import { compositeKind } from './kind/composite.ts';
import { dateKind } from './kind/date.ts';
import { quantityKind } from './kind/quantity.ts';
import { referenceKind } from './kind/reference.ts';
import { stringKind } from './kind/string.ts';
import { tokenKind } from './kind/token.ts';
import { uriKind } from './kind/uri.ts';

/** The kinds of search parameters in this store. */
export const kinds: Readonly<Record<ParameterType, MongoKind>> = {
  token: tokenKind,
  reference: referenceKind,
  date: dateKind,
  string: stringKind,
  number: quantityKind, // a number is a quantity without a unit
  quantity: quantityKind,
  uri: uriKind,
  composite: compositeKind,
};
