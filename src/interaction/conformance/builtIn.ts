import type { ResourceType } from '@medplum/fhirtypes';
import { seesAll } from '../../store/access/asServer.ts';
import type { Reader, Stored } from '../../store/store.ts';
import type { BuiltIn, Context } from '../context.ts';
import { typeCache } from '../typeCache.ts';

export type { BuiltIn };

/** A built-in resource as it would be stored; undefined when there is none of this id. */
export async function builtIn(
  { builtIn: all }: Context,
  type: ResourceType,
  id: string,
): Promise<Stored | undefined> {
  return all?.ids.get(type)?.includes(id) ? (await all.reader()).read(type, id) : undefined;
}

/**
 * Whether what is stored under the id of a built-in resource stands in its place: any version does, also a deletion; of a
 * role (Basic) a deletion brings the built-in one back.
 */
export const hides = (stored: Stored | undefined): stored is Stored =>
  stored !== undefined && !(stored.deleted && stored.type === 'Basic');

/** The ids of built-in resources that a stored one hides, see hides(); what the caller does not see hides nothing. */
export function hiddenIds(context: Context, reader: Reader, type: ResourceType): Promise<readonly string[]> {
  const build = async (from: Reader): Promise<readonly string[]> => {
    const hidden: string[] = [];
    for (const id of context.builtIn?.ids.get(type) ?? [])
      if (hides(await from.read(type, id))) hidden.push(id);
    return hidden;
  };
  if (!seesAll(reader)) return build(reader);
  return typeCache(context, reader, { key: `hidden ${type}`, types: [type], build });
}
