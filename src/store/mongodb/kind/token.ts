import type { Document } from 'mongodb';
import type { FilterValue } from '../../../search/query.ts';
import { hasCompoundKey } from '../index/compoundKey.ts';
import { systemSpan, systemText, tokenText } from '../index/fields.ts';
import { numberText } from '../index/parameterNumber.ts';
import type { FilterContext, MongoKind } from '../kind.ts';
import { any, element, never, type KeyLookup, type Match } from '../search/match.ts';
import { textValues } from '../search/sortValues.ts';

const isPlain = ({ system, code }: FilterValue): boolean => system === undefined && code !== undefined;

/** Found by its code where there is one; the system is looked at in what was found. */
function systemToken(no: number, { system = '', code }: FilterValue, { among: found }: KeyLookup): Match {
  if (code === undefined) {
    const [from, to] = systemSpan(no, system);
    return element('y', { $gte: from, $lt: to });
  }
  return {
    ...found([tokenText(no, code)]),
    ['y']: { $in: [systemText(no, system, code), systemText(no, undefined, code)] },
  };
}

/** Codes of whatever system are asked for all in one, codes of a system one by one. */
export function tokenMatch({ lookup, places }: FilterContext, values: readonly FilterValue[]): Match {
  const codes = values.filter(isPlain);
  const plain =
    codes.length === 0
      ? never
      : lookup.among(places.flatMap(({ no }) => codes.map(({ code = '' }) => tokenText(no, code))));
  const others = values.filter((value) => !isPlain(value));
  return any([plain, ...others.map((value) => any(places.map(({ no }) => systemToken(no, value, lookup))))]);
}

/** The code of `P.code`. */
const codeIn: Document = {
  $let: {
    vars: { dot: { $indexOfCP: ['$$this', '.'] } },
    in: { $substrCP: ['$$this', { $add: ['$$dot', 1] }, { $strLenCP: '$$this' }] },
  },
};

export const tokenKind: MongoKind = {
  encode: (entry, p, { x, y, withDay }) => {
    if (entry.kind !== 'token') return;
    const text = tokenText(p, entry.code);
    x.add(text);
    if (hasCompoundKey(entry)) withDay.add(text);
    if (entry.parameter.kind !== 'uri') y.add(systemText(p, entry.system, entry.code));
  },
  filter: tokenMatch,
  sort: ({ numbers }) =>
    textValues(
      numbers.map((no) => `^${numberText(no)}\\.`),
      codeIn,
    ),
};
