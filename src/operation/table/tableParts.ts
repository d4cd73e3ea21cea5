import type { ParametersParameter } from '@medplum/fhirtypes';
import type { LoadedTable } from './loadedTables.ts';

/** A loaded table as a parameter of an answer. */
export const tableParts = (one: LoadedTable): ParametersParameter => ({
  name: 'table',
  part: [
    { name: 'table', valueCode: one.table },
    { name: 'edition', valueString: one.edition },
    ...(one.part === undefined ? [] : [{ name: 'part', valueString: one.part }]),
    { name: 'from', valueDate: one.from },
    ...(one.through === undefined ? [] : [{ name: 'through', valueDate: one.through }]),
    { name: 'rows', valueInteger: one.rows },
    { name: 'loaded', valueInstant: one.loaded },
    ...one.files.filter((file) => file !== '').map((file) => ({ name: 'file', valueString: file })),
  ],
});
