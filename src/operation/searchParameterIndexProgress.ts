import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';

/** GET [base]/SearchParameter/$index-progress: the parameters whose index is being built, and how far. */
export const searchParameterIndexProgress: Operation = {
  definition: operationDefinition('SearchParameter-index-progress'),
  run: () => Promise.reject(new Error('it is asked, not run')),
  async ask(context) {
    const building = await context.store.building();
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
