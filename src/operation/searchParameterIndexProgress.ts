import { asServer } from '../store/access/asServer.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';

/** GET [base]/SearchParameter/$index-progress: the parameters whose index is being built, and how far. */
export const searchParameterIndexProgress: Operation = {
  definition: operationDefinition('SearchParameter-index-progress'),
  permission: 'operate',
  run: () => Promise.reject(new Error('it is asked, not run')),
  async ask(context) {
    // A role that allows it sees what is indexed, whatever resources it sees.
    const store = context.permits ? asServer(context.store) : context.store;
    const building = await store.building();
    return {
      resourceType: 'Parameters',
      ...(building.length === 0
        ? {}
        : {
            parameter: building.map(({ parameter: { type, code }, done, total }) => ({
              name: 'building',
              part: [
                { name: 'type', valueCode: type },
                { name: 'code', valueCode: code },
                { name: 'done', valueInteger: done },
                { name: 'total', valueInteger: total },
              ],
            })),
          }),
    };
  },
};
