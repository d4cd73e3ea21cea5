import type { Parameters, ParametersParameter, Resource } from '@medplum/fhirtypes';
import { isDate } from '../datatypes/date.ts';
import { badRequest } from '../outcome/fhirError.ts';
import { toOutcome, type Issue } from '../outcome/issue.ts';

/** The first parameter of a name. */
export const parameter = (input: Parameters, name: string): ParametersParameter | undefined =>
  input.parameter?.find((p) => p.name === name);

/** Every parameter of a name. */
export const parameters = (input: Parameters, name: string): ParametersParameter[] =>
  input.parameter?.filter((p) => p.name === name) ?? [];

/** A full date of a name; 400 for another. */
export function dayOf(input: Parameters, name: string): string | undefined {
  const given = parameter(input, name)?.valueDate;
  if (given === undefined || isDate(given)) return given;
  const at = `Parameters.parameter.where(name='${name}').value`;
  throw badRequest('malformed-value', `${name} must be a full date`, at);
}

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
