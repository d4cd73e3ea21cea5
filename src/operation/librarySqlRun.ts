import { operationDefinition } from './definition.ts';
import { answeredLater } from './export/answeredLater.ts';
import type { Operation } from './operation.ts';
import { answerRows } from './view/answerRows.ts';

const definition = operationDefinition('sql-run');

/** $viewdefinition-run by the name that the later draft of SQL on FHIR gives it. */
export const librarySqlRun: Operation = {
  definition,
  asCaller: true,
  begin: (call) => answerRows(call, definition),
  run: answeredLater,
};
