import type { Resource } from '@medplum/fhirtypes';
import type { TypedValue } from '@medplum/core';
import { amountOf } from './amount.ts';
import { elementsOf, type Definition } from './definitions.ts';
import { momentOf } from './moment.ts';
import { namedBy } from './reference.ts';
import { bare, textsOf } from './text.ts';
import { tokensOf } from './token.ts';

type Key = number | string;

/** What an element is sorted by: the start of a time, the low end of an amount, a code, the id of what is named. */
function keysOf(element: TypedValue, { kind }: Definition, base: string): readonly (Key | undefined)[] {
  switch (kind) {
    case 'token':
      return tokensOf(element).map(({ code }) => code);
    case 'string':
      return textsOf(element.type, element.value).map(bare);
    case 'date':
      return [momentOf(element)?.low];
    case 'number':
    case 'quantity':
      return [amountOf(element)?.low];
    case 'reference':
      return namedBy(element, base).map((name) => /^[A-Z]\w+\/([\w.-]+)$/.exec(name)?.[1] ?? name);
    case 'uri': {
      const text = String(element.value);
      return [text, ...text.split('|').slice(0, 1)];
    }
    default:
      throw new Error(`the oracle does not sort by a ${kind}`);
  }
}

/** Numbers by what they are, texts by their code points. */
const compare = (one: Key, other: Key): number =>
  typeof one === 'number' && typeof other === 'number'
    ? Math.sign(one - other) || 0
    : Buffer.compare(Buffer.from(String(one)), Buffer.from(String(other)));

export interface By {
  readonly parameter: Definition;
  readonly descending: boolean;
}

/**
 * The ids of resources, which come in the order of their creation, by the least of their values, the greatest when
 * descending; those without a value last, equal ones as they came. See https://hl7.org/fhir/R4/search.html#sort
 */
export function sorted(resources: readonly Resource[], by: readonly By[], base: string): string[] {
  const keyed = resources.map((resource) => ({
    id: resource.id ?? '',
    keys: by.map(({ parameter, descending }) => {
      const all = elementsOf(resource, parameter).flatMap((e) => keysOf(e, parameter, base));
      const [first] = all
        .filter((key) => key !== undefined)
        .sort((a, b) => compare(a, b) * (descending ? -1 : 1));
      return first;
    }),
  }));
  const order = (one: (typeof keyed)[number], other: (typeof keyed)[number]): number => {
    for (const [i, { descending }] of by.entries()) {
      const [a, b] = [one.keys[i], other.keys[i]];
      if (a === undefined && b === undefined) continue;
      if (a === undefined || b === undefined) return a === undefined ? 1 : -1;
      const difference = compare(a, b) * (descending ? -1 : 1);
      if (difference !== 0) return difference;
    }
    return 0;
  };
  return keyed.toSorted(order).map(({ id }) => id);
}
