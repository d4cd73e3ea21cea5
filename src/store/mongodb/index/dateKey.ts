import type { ResourceType } from '@medplum/fhirtypes';
import type { Criterion } from '../../../search/query.ts';
import { startsOf, type DateFilters } from '../search/dateMatch.ts';
import { isAided } from '../cluster/definitions.ts';
import { isOfOneChart } from '../search/narrow.ts';
import { aloneTexts, isOfPaired, pairedDateOf, pairedTexts } from './compoundKey.ts';
import type { View } from '../connection/mongoState.ts';
import { always, among, type Finding, type Match } from '../search/match.ts';

/** A transaction sees what was before an index was complete: it goes without what only aids. */
const isAidedFrom = ({ shared, session }: View, type: ResourceType): boolean =>
  !session && isAided(shared, type);

/** How entries of a type are found. */
export const plainly = (view: View, type: ResourceType): Finding => ({
  among,
  byBeginning: isAidedFrom(view, type),
});

/** What aids in finding resources by their dates. */
export interface Dating {
  readonly match: Match; // what all of them meet
  readonly paired?: Finding; // how other entries are found, together with days
}

/** The days and months of a date that is asked for, where nothing else leaves few resources. */
export function dating(
  view: View,
  type: ResourceType,
  dates: ReadonlyMap<number, DateFilters>,
  others: readonly Criterion[],
): Dating {
  const no = pairedDateOf(type);
  const filters = no === undefined ? undefined : dates.get(no);
  if (no === undefined || !filters || !isAidedFrom(view, type) || isOfOneChart(others))
    return { match: always };
  const { $gte: from, $lt: to } = startsOf(filters);
  if (others.some((one) => one.op === 'filter' && isOfPaired(one))) {
    const found: Finding['among'] = (texts) => among(pairedTexts(no, { from, to }, texts) ?? texts);
    return { match: always, paired: { among: found, byBeginning: true } };
  }
  const texts = aloneTexts(type, { from, to });
  return { match: texts ? among(texts) : always };
}
