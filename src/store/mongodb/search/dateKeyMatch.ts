import type { ResourceType } from '@medplum/fhirtypes';
import type { Criterion } from '../../../search/query.ts';
import { startsOf, type DateFilters } from '../kind/date.ts';
import { hasAuxiliaryKeys } from '../cluster/definitions.ts';
import { isOfOneChart } from './isOfOneChart.ts';
import { dateKeys, asksCompoundKeys, compoundDateOf, compoundKeys } from '../index/compoundKey.ts';
import type { View } from '../connection/mongoState.ts';
import { always, among, type KeyLookup, type Match } from './match.ts';

/** Whether auxiliary keys may be used: a transaction may see data from before they were complete, so it does not. */
const hasAuxiliaryKeysIn = ({ state, session }: View, type: ResourceType): boolean =>
  !session && hasAuxiliaryKeys(state, type);

/** The lookup of entries of a type, without days. */
export const plainly = (view: View, type: ResourceType): KeyLookup => ({
  among,
  byPrefixKey: hasAuxiliaryKeysIn(view, type),
});

/** How the days and months of dates narrow a search. */
export interface DateKeyMatch {
  readonly match: Match; // met by every result
  readonly compound?: KeyLookup; // looks up other entries together with the day
}

/** The days and months of the dates asked for; not used where another criterion leaves few resources. */
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
