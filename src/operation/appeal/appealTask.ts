import type { Task, TaskInput } from '@medplum/fhirtypes';
import { routes, type Route } from '../../billing/appeal/appealLevel.ts';
import { concept, has } from '../../datatypes/coding.ts';
import { changed } from '../../datatypes/json.ts';
import { system } from '../../terminology/system.ts';

/** Decisions against us, wholly or in part: the next level may follow. */
export const lost: readonly (string | undefined)[] = ['upheld', 'partly-overturned', 'undecided'];

/** An input of a Task by the code of what it is. */
export const inputOf = ({ input }: Task, code: string): TaskInput | undefined =>
  input?.find((i) => has(i.type, system.task, code));

/** An input that replaces what the Task had of its code. */
export const withInput = (
  { input = [] }: Task,
  code: string,
  value: Omit<TaskInput, 'type'>,
): TaskInput[] => [
  ...input.filter((i) => !has(i.type, system.task, code)),
  changed(value, { type: concept(system.task, code) }),
];

/** Which appeal a Task is; undefined of one that somebody wrote by hand. */
export function appealFacts(task: Task): { readonly route: Route; readonly level: number } | undefined {
  const route = routes.find((r) => r === inputOf(task, 'appeal-route')?.valueCode);
  const level = inputOf(task, 'appeal-level')?.valuePositiveInt;
  return route === undefined || level === undefined ? undefined : { route, level };
}
