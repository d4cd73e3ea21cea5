import type { ResourceType } from '@medplum/fhirtypes';
import { isResourceType } from '../../datatypes/resourceType.ts';
import type { Criterion } from '../../search/query.ts';
import type { Store, Transaction } from '../../store/store.ts';
import { conditionQuery, matchesOf } from './condition.ts';
import type { Context } from '../context.ts';
import type { PendingWrites } from '../bundle/pendingWrites.ts';

interface Kept {
  readonly generation: number | string;
  readonly ids: readonly string[];
}
const keptMax = 20_000;
const kept = new WeakMap<Store, Map<string, Kept>>();

/** The type and condition of 'Practitioner?identifier=system|value'; undefined for any other reference. */
export function conditionOf(reference: string): { type: ResourceType; condition: string } | undefined {
  const mark = reference.indexOf('?');
  const type = reference.slice(0, Math.max(mark, 0));
  return isResourceType(type) ? { type, condition: reference.slice(mark + 1) } : undefined;
}

/** The same with what the transaction is about to write: that counts, and what it replaces does not. */
export async function matchesWithPending(
  context: Context,
  tx: Transaction,
  { type, condition }: { readonly type: ResourceType; readonly condition: string },
  own: PendingWrites,
): Promise<readonly string[]> {
  const query = await conditionQuery(context, tx, type, condition);
  const replaced = own.replaced(type);
  const { ids } = await matchesOf(tx, query, 2 + replaced.size);
  return [...ids.filter((id) => !replaced.has(id)), ...own.matches(type, query.filters)];
}

/**
 * Ids that a conditional reference matches: none, one, or two when there are several. Remembered until a resource of
 * the type is written, unless `remember` is off (after writes of the transaction itself) or other types have a say.
 */
export async function matchesOfReference(
  context: Context,
  tx: Transaction,
  type: ResourceType,
  condition: string,
  remember: boolean,
): Promise<readonly string[]> {
  if (!remember) return (await matchesOf(tx, await conditionQuery(context, tx, type, condition), 2)).ids;
  const ofStore = kept.get(context.store) ?? new Map<string, Kept>();
  kept.set(context.store, ofStore);
  const generation = await tx.generation(type);
  const key = `${type}?${condition}`;
  const known = ofStore.get(key);
  if (known?.generation === generation) return known.ids;
  const query = await conditionQuery(context, tx, type, condition);
  const { ids } = await matchesOf(tx, query, 2);
  if (query.filters.every(ofOneType) && !/:(?:not-)?in=|:(?:above|below)=/.test(condition)) {
    if (ofStore.size >= keptMax) ofStore.clear();
    ofStore.set(key, { generation, ids });
  }
  return ids;
}

/** Chains and lists are answered from other resources too, and so are value sets. */
const ofOneType = ({ op }: Criterion): boolean => op === 'filter';
