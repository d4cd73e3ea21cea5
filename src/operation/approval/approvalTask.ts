import type { Parameters, Task, TaskInput } from '@medplum/fhirtypes';
import { concept } from '../../datatypes/coding.ts';
import { changed, without } from '../../datatypes/json.ts';
import { system } from '../../terminology/system.ts';

/** Operations that may wait for a second person. */
export const approvable = [
  'write-off',
  'discount',
  'place',
  'refund',
  'refund-payer',
  'transfer',
  'load-opening',
  'reopen-period',
  'merge',
  'unmerge',
] as const;
export type Approvable = (typeof approvable)[number];

/** Whether a Task is a step that waits for a second person. */
export const isApproval = ({ code }: Pick<Task, 'code'>): boolean =>
  code?.coding?.some((coding) => coding.system === system.task && coding.code === 'approval') === true;

export const approvalCode = concept(system.task, 'approval');

/** Inputs of the step itself: which operation it is. */
const operationName = 'operation';

/** The parameters of a proposed step as inputs of its Task, so that whoever reads it sees the amount. */
export const inputsOf = (operation: Approvable, { parameter = [] }: Parameters): TaskInput[] => [
  { type: { text: operationName }, valueCode: operation },
  ...parameter
    .filter(({ name }) => name !== 'dryRun')
    .map((one): TaskInput => changed(without(one, 'name', 'resource', 'part'), { type: { text: one.name } })),
];

/** The operation and its parameters as the Task has them; undefined where it is no such Task. */
export function proposalOf(
  task: Task,
): { readonly operation: Approvable; readonly input: Parameters } | undefined {
  const inputs = task.input ?? [];
  const code = inputs.find(({ type }) => type.text === operationName)?.valueCode;
  const operation = approvable.find((one) => one === code);
  if (!isApproval(task) || !operation) return undefined;
  const parameter = inputs
    .filter(({ type }) => type.text !== operationName)
    .map((one) => changed(without(one, 'type'), { name: one.type.text ?? '' }));
  return { operation, input: { resourceType: 'Parameters', parameter } };
}
