import type { Parameters } from '@medplum/fhirtypes';
import { asServer } from '../store/access/asServer.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { loadedTables } from './table/loadedTables.ts';
import { tableParts } from './table/tableParts.ts';

/** GET [base]/$coding-tables: the coding tables that are loaded, by table and edition. */
export const systemCodingTables: Operation = {
  definition: operationDefinition('coding-tables'),
  permission: 'administer',
  async run({ tx, context }: Call): Promise<Parameters> {
    const loaded = await loadedTables(asServer(tx), context.store);
    const sorted = [...loaded].sort((a, b) =>
      `${a.table} ${a.from} ${a.part ?? ''}` < `${b.table} ${b.from} ${b.part ?? ''}` ? -1 : 1,
    );
    return {
      resourceType: 'Parameters',
      ...(sorted.length === 0 ? {} : { parameter: sorted.map(tableParts) }),
    };
  },
};
