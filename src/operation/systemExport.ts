import { operationDefinition } from './definition.ts';
import { kickOff } from './export/kickOff.ts';
import type { Operation } from './operation.ts';
import { answeredLater } from './export/answeredLater.ts';

/** GET or POST [base]/$export: all that the caller may see, as NDJSON. See https://hl7.org/fhir/uv/bulkdata/STU2/ */
export const systemExport: Operation = {
  definition: operationDefinition('export'),
  asCaller: true,
  begin: (call) => kickOff('system', call, systemExport),
  run: answeredLater,
};
