import type { Kind } from '../kind.ts';
import { malformed } from '../malformed.ts';
import { matchesAmount, orderedOperators, rangeOf } from '../numberRange.ts';
import { withPrefix } from '../prefix.ts';
import type { FilterValue } from '../query.ts';
import { unescaped } from '../split.ts';
import { amountsOf } from './quantity.ts';

/** Reads `100`, `lt5`, `1e2`. See https://hl7.org/fhir/R4/search.html#number */
export function numberValue(text: string): FilterValue {
  const { prefix, rest } = withPrefix(unescaped(text));
  const range = rangeOf(prefix, rest);
  if (!range) throw malformed(text, 'a number, with eq, gt, le … in front');
  return { text, prefix, ...range };
}

/** See https://hl7.org/fhir/R4/search.html#number */
export const numberKind: Kind = {
  weight: 2,
  operators: orderedOperators,
  parse: numberValue,
  entries:
    (parameter, { to }) =>
    (value) => {
      for (const amount of amountsOf(value)) to.entries.push({ parameter, kind: 'quantity', ...amount });
    },
  match: (_, value) => (entry) => entry.kind === 'quantity' && matchesAmount(value, entry),
  sortValue: (entry) => (entry.kind === 'quantity' ? entry.low : undefined),
};
