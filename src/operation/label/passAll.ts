import type { Resource } from '@medplum/fhirtypes';
import { sensitiveLabels } from '../../access/sensitive.ts';
import { find } from '../../interaction/repository.ts';
import type { OperationContext } from '../operation.ts';
import { chartTypes } from './chartTypes.ts';
import { sensitiveOf } from './labelled.ts';
import { passOn, visitsOf } from './passOn.ts';

/** Passes on every sensitive label in a store, once, for what was labelled before labels were passed on. */
export async function passAll(context: OperationContext, signal: AbortSignal): Promise<boolean> {
  const { store } = context;
  for (const type of chartTypes) {
    const labelled = await find<Resource>(store, type, { _security: sensitiveLabels.join(',') });
    for (const resource of labelled) {
      const { id } = resource;
      if (signal.aborted) return false;
      if (id === undefined) continue;
      await store.transaction(async (tx) => {
        const visits = await visitsOf(tx, Object.assign(resource, { id }));
        await passOn(context, tx, { visits, labels: sensitiveOf(resource) });
      });
    }
  }
  return true;
}
