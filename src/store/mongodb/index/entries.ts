import type { ResourceType } from '@medplum/fhirtypes';
import type { IndexEntry } from '../../../search/query.ts';
import { kinds } from '../kinds.ts';
import { compoundDateOf, compoundKeysOf } from './compoundKey.ts';
import { dateKey, day, type Fields, type Indexed, type Stretch } from './fields.ts';
import { parameterNumber } from './parameterNumber.ts';

/** The entries of a resource as fields. */
export function toFields(entries: readonly IndexEntry[]): Indexed {
  const fields: Fields = {
    n: new Set(),
    x: new Set(),
    y: new Set(),
    s: new Map(),
    q: new Map(),
    dates: new Map(),
    withDay: new Set(),
  };
  for (const entry of entries) {
    const p = parameterNumber(entry.parameter);
    fields.n.add(p);
    kinds[entry.kind].encode(entry, p, fields);
  }
  const { n, x, y, s, q, dates, withDay } = fields;
  const dated = dates.size > 0 ? datesOf([...dates.values()]) : undefined;
  const type = entries[0]?.parameter.type;
  if (dated && type) for (const text of compoundKeysIn(type, dated.d, withDay)) x.add(text);
  return {
    ...(n.size > 0 ? { n: [...n] } : {}),
    ...(x.size > 0 ? { x: [...x] } : {}),
    ...(y.size > 0 ? { y: [...y] } : {}),
    ...dated,
    ...(s.size > 0 ? { s: [...s.values()] } : {}),
    ...(q.size > 0 ? { q: [...q.values()] } : {}),
  };
}

/** The day or month of the type's date, and the texts that stand with the day. */
function compoundKeysIn(
  type: ResourceType,
  stretches: NonNullable<Indexed['d']>,
  withDay: ReadonlySet<string>,
): string[] {
  const no = compoundDateOf(type);
  const stretch =
    no === undefined ? undefined : stretches.find(({ p, g }) => p === no || g === no || g === ~no);
  return stretch ? compoundKeysOf(type, stretch.p === undefined ? undefined : stretch.l, [...withDay]) : [];
}

function datesOf(dates: readonly Stretch[]): Required<Pick<Indexed, 'a' | 'd'>> {
  const to: Required<Pick<Indexed, 'a' | 'd'>> = { a: {}, d: [] };
  for (const { p, l, h } of dates) {
    const key = dateKey(p);
    to.a[key] = Math.min(to.a[key] ?? Infinity, l);
    const isOnly = dates.every((other) => other.p !== p || (other.l === l && other.h === h));
    to.d.push(!isOnly ? { g: ~p, l, h } : h - l > day ? { g: p, l, h } : { p, l, h });
  }
  return to;
}
