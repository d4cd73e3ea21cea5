import { parsed } from '../stored.ts';
import { extract } from '../../search/extract.ts';
import { kinds } from '../../search/kinds.ts';
import type { SortKey } from '../../search/query.ts';
import type { Registry } from '../../search/registry.ts';
import type { Stored } from '../../store/store.ts';

export type SortValue = string | number | undefined;

/** What a row is sorted by, key by key, as the stores have it: the least of several values, the greatest descending. */
export function sortValues(
  stored: Stored,
  sort: readonly SortKey[],
  options: { readonly registry: Registry; readonly base: string },
): SortValue[] {
  const indexed = sort.some(({ parameter }) => typeof parameter !== 'string');
  const entries = indexed ? extract(parsed(stored), options) : [];
  return sort.map(({ parameter, descending }) => {
    if (parameter === '_id') return stored.id;
    if (parameter === '_lastUpdated') return stored.lastUpdated;
    const codes = parameter.from?.map(({ code }) => code) ?? [parameter.code];
    const own = entries.filter((entry) => codes.includes(entry.parameter.code));
    const { sortValue } = kinds[parameter.kind];
    const values = own.flatMap((entry) => sortValue(entry) ?? []);
    return values.reduce<SortValue>(
      (best, value) => (best === undefined || compare(value, best) < 0 !== descending ? value : best),
      undefined,
    );
  });
}

/** Rows without a value come last, either way. */
export function compareSorted(
  one: readonly SortValue[],
  other: readonly SortValue[],
  sort: readonly SortKey[],
): number {
  for (const [i, { descending }] of sort.entries()) {
    const [a, b] = [one[i], other[i]];
    if (a === undefined && b === undefined) continue;
    if (a === undefined) return 1;
    if (b === undefined) return -1;
    const order = compare(a, b);
    if (order !== 0) return descending ? -order : order;
  }
  return 0;
}

const compare = (a: string | number, b: string | number): number =>
  typeof a === 'number' && typeof b === 'number'
    ? a - b
    : Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
