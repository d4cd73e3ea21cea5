import type { ResourceType } from '@medplum/fhirtypes';
import type { Criterion } from '../../../search/query.ts';
import { startsOf, type DateFilters } from '../kind/date.ts';
import { hasAuxiliaryKeys } from '../cluster/definitions.ts';
import { isOfOneChart } from './isOfOneChart.ts';
import { dateKeys, asksCompoundKeys, compoundDateOf, compoundKeys } from '../index/compoundKey.ts';
import type { View } from '../connection/mongoState.ts';
import { always, among, type KeyLookup, type Match } from './match.ts';

/** A transaction sees what was before an index was complete: it goes without what only aids. */
const hasAuxiliaryKeysIn = ({ state, session }: View, type: ResourceType): boolean =>
  !session && hasAuxiliaryKeys(state, type);

/** How entries of a type are found. */
export const plainly = (view: View, type: ResourceType): KeyLookup => ({
  among,
  byPrefixKey: hasAuxiliaryKeysIn(view, type),
});

/** What aids in finding resources by their dates. */
export interface DateKeyMatch {
  readonly match: Match; // what all of them meet
  readonly compound?: KeyLookup; // how other entries are found, together with days
}

/** The days and months of a date that is asked for, where nothing else leaves few resources. */
export function dateKeyMatch(
  view: View,
  type: ResourceType,
  dates: ReadonlyMap<number, DateFilters>,
  others: readonly Criterion[],
): DateKeyMatch {
  const no = compoundDateOf(type);
  const filters = no === undefined ? undefined : dates.get(no);
  if (no === undefined || !filters || !hasAuxiliaryKeysIn(view, type) || isOfOneChart(others))
    return { match: always };
  const { $gte: from, $lt: to } = startsOf(filters);
  if (others.some((one) => one.op === 'filter' && asksCompoundKeys(one))) {
    const found: KeyLookup['among'] = (texts) => among(compoundKeys(no, { from, to }, texts) ?? texts);
    return { match: always, compound: { among: found, byPrefixKey: true } };
  }
  const texts = dateKeys(type, { from, to });
  return { match: texts ? among(texts) : always };
}
