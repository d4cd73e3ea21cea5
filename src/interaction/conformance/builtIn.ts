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

/** The ids of built-in resources that a stored one hides, be it deleted; what the caller does not see hides nothing. */
export function hiddenIds(context: Context, reader: Reader, type: ResourceType): Promise<readonly string[]> {
  const build = async (from: Reader): Promise<readonly string[]> => {
    const hidden: string[] = [];
    for (const id of context.builtIn?.ids.get(type) ?? []) if (await from.read(type, id)) hidden.push(id);
    return hidden;
  };
  if (!seesAll(reader)) return build(reader);
  return typeCache(context, reader, { key: `hidden ${type}`, types: [type], build });
}
