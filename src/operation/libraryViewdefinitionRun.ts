import { operationDefinition } from './definition.ts';
import { answeredLater } from './export/answeredLater.ts';
import type { Operation } from './operation.ts';
import { answerRows } from './view/answerRows.ts';

const definition = operationDefinition('viewdefinition-run');

/**
 * POST [base]/$viewdefinition-run, GET [base]/Library/[id]/$viewdefinition-run: the rows of a view over what the caller
 * sees. See https://sql-on-fhir.org/ig/OperationDefinition-ViewDefinitionRun.html
 */
export const libraryViewdefinitionRun: Operation = {
  definition,
  asCaller: true,
  begin: (call) => answerRows(call, definition),
  run: answeredLater,
};
