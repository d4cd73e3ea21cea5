import { operationDefinition } from './definition.ts';
import { answeredLater } from './export/answeredLater.ts';
import { kickOff } from './export/kickOff.ts';
import type { Operation } from './operation.ts';

/** GET or POST [base]/Group/[id]/$export: what is in the compartment of a Patient who is a member of the Group. */
export const groupExport: Operation = {
  definition: operationDefinition('group-export'),
  asCaller: true,
  begin: (call) => kickOff('Group', call, groupExport),
  run: answeredLater,
};
