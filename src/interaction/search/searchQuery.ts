import type { ResourceType } from '@medplum/fhirtypes';
import { epochOf } from '../../datatypes/date.ts';
import { asksForLetters, inAnyCase } from '../../search/anyCase.ts';
import { parsePairs } from '../../search/parse.ts';
import type { SearchQuery } from '../../search/query.ts';
import type { Reader } from '../../store/store.ts';
import type { Context } from '../context.ts';
import { limitsOf } from '../limits.ts';
import { caselessSystems } from '../terminology/caselessSystems.ts';
import { resolveSets } from '../terminology/resolveSets.ts';

export type Pair = readonly [name: string, value: string];

/** Search parameters as a query that a store can compile: parsed, and what needs a ValueSet replaced by its codes. */
export async function searchQuery(
  context: Context,
  reader: Reader,
  type: ResourceType,
  pairs: readonly Pair[],
): Promise<SearchQuery> {
  const { publicUrl: base, store } = context;
  const isAbout = pairs.some(([, value]) => value.includes('ap')); // only `ap` on dates asks what time it is
  const now = isAbout ? epochOf(context.now()) : undefined;
  const { sortKeys: sortKeysMax } = limitsOf(context);
  const parsed = parsePairs(type, pairs, { base, registry: store.registry, now, sortKeysMax });
  const query = await resolveSets(context, reader, parsed);
  if (!asksForLetters(query)) return query;
  const systems = await caselessSystems(context, reader);
  return systems.size === 0
    ? query
    : { ...query, filters: inAnyCase(store.registry, query.filters, systems) };
}
