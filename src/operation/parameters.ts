import type { Parameters, ParametersParameter, Resource } from '@medplum/fhirtypes';
import { toOutcome, type Issue } from '../outcome/issue.ts';

/** The first parameter of a name. */
export const parameter = (input: Parameters, name: string): ParametersParameter | undefined =>
  input.parameter?.find((p) => p.name === name);

/** Every parameter of a name. */
export const parameters = (input: Parameters, name: string): ParametersParameter[] =>
  input.parameter?.filter((p) => p.name === name) ?? [];

/** The answer of most operations: resources by name, then `outcome`. */
export const answer = (
  resources: readonly (readonly [name: string, resource: Resource])[],
  issues: readonly Issue[],
): Parameters => ({
  resourceType: 'Parameters',
  parameter: [
    ...resources.map(([name, resource]) => ({ name, resource })),
    { name: 'outcome', resource: toOutcome(issues) },
  ],
});
