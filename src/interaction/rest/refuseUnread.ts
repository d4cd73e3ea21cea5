import type { Reader } from '../../store/store.ts';
import type { Context } from '../context.ts';
import { reading } from './interactions.ts';
import type { FhirRequest, Interaction } from './request.ts';

/** What a search or history reads of the store; everything before it only looks at the request. */
const read: readonly (string | symbol)[] = ['search', 'explain', 'changes', 'history'];

/** Thrown in place of a read of the store: the request itself is well-formed. */
class Reached extends Error {}

/** Throws the refusal of a search or history with unknown or malformed parameters, without reading the store. */
export async function refuseUnread(
  context: Context,
  interaction: Interaction,
  request: FhirRequest,
): Promise<void> {
  const reader = new Proxy<Reader>(context.store, {
    get(target, name) {
      if (read.includes(name)) return () => Promise.reject(new Reached('the store is asked'));
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  try {
    await reading[interaction]?.(context, reader, request);
  } catch (error) {
    if (!(error instanceof Reached)) throw error;
  }
}
