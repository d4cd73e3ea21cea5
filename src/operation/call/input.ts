import type { OperationDefinitionParameter, Parameters } from '@medplum/fhirtypes';
import type { ParametersParameter } from '@medplum/fhirtypes';
import { changed, keepPrecision } from '../../datatypes/json.ts';
import { isResourceType } from '../../datatypes/resourceType.ts';
import { badRequest, FhirError, unprocessable } from '../../outcome/fhirError.ts';
import { details, isFault, type Issue } from '../../outcome/issue.ts';
import type { Context } from '../../interaction/context.ts';
import type { Operation } from '../operation.ts';
import { fromQuery } from './fromQuery.ts';

interface Source {
  readonly query?: readonly (readonly [string, string])[];
  readonly body?: unknown;
}

/**
 * The input of an operation, from a body of Parameters, the bare resource that its parameter `resource` takes, or the
 * query, checked against its OperationDefinition. 400 for parameters it does not have or take, 422 for unsound ones.
 */
export function inputOf(
  context: Context,
  { definition, linked = [] }: Pick<Operation, 'definition' | 'linked'>,
  source: Source,
): Parameters {
  const known = [...(definition.parameter ?? []).filter(({ use }) => use === 'in'), ...linked];
  const input = parametersOf(known, source.body);
  const asked = fromQuery(known, source.query ?? []);
  const all =
    asked.length === 0 ? input : changed(input, { parameter: [...(input.parameter ?? []), ...asked] });
  const faults = faultsOf(known, all.parameter ?? [], 'Parameters.parameter');
  if (faults.length > 0) throw new FhirError(400, faults);
  const unsound = context.validate(all).filter(isFault);
  if (unsound.length > 0) throw unprocessable(unsound);
  return all;
}

function parametersOf(known: readonly OperationDefinitionParameter[], body: unknown): Parameters {
  if (body === undefined) return { resourceType: 'Parameters' };
  if (!isObject(body) || typeof body['resourceType'] !== 'string') {
    throw badRequest('not-a-resource', 'the body is not a FHIR resource: it has no resourceType');
  }
  if (body['resourceType'] === 'Parameters') {
    const { parameter = [] } = body;
    if (!Array.isArray(parameter) || !parameter.every((p) => isObject(p) && typeof p['name'] === 'string')) {
      throw badRequest(
        'malformed-parameters',
        'each parameter must be an object with a name',
        'Parameters.parameter',
      );
    }
    return body as unknown as Parameters;
  }
  if (!known.some(({ name }) => name === 'resource')) {
    throw badRequest('wrong-resource-type', 'the body must be Parameters', 'Parameters');
  }
  const wrapped = keepPrecision(body, { name: 'resource', resource: body });
  return keepPrecision(body, { resourceType: 'Parameters', parameter: [wrapped] } as unknown as Parameters);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every fault of a list of parameters against what is defined, parts included. */
function faultsOf(
  known: readonly OperationDefinitionParameter[],
  given: readonly ParametersParameter[],
  path: string,
): Issue[] {
  const faults = given.flatMap((p, i) => {
    const place = `${path}[${i}]`;
    const definition = known.find(({ name }) => name === p.name);
    if (!definition) return [fault('unknown-parameter', place, unknownText(known, p.name))];
    if (definition.part) return faultsOf(definition.part, p.part ?? [], `${place}.part`);
    const text = `${p.name} must be of type ${definition.type ?? 'Element'}`;
    return isOfType(p, definition.type) ? [] : [fault('wrong-parameter-type', place, text)];
  });
  const counted = known.flatMap(({ name, min, max }) => {
    const count = given.filter((p) => p.name === name).length;
    if (count < min) return [fault('missing-parameter', path, `parameter ${name} is missing`, 'required')];
    if (max === '*' || count <= Number(max)) return [];
    return [fault('repeated-parameter', path, `parameter ${name} may be given ${max} times at most`)];
  });
  return [...faults, ...counted];
}

const unknownText = (known: readonly OperationDefinitionParameter[], name: string): string =>
  `there is no parameter ${name.slice(0, 64)}; there are: ${known.map((k) => k.name).join(', ') || 'none'}`;

const fault = (code: string, expression: string, text: string, kind: Issue['code'] = 'invalid'): Issue => ({
  severity: 'error',
  code: kind,
  details: details(code, text),
  expression: [expression],
});

/** Whether a parameter carries a value of the type, a resource where the type is one. */
function isOfType(given: ParametersParameter, type: string | undefined): boolean {
  const keys = Object.keys(given).map((key) => key.replace(/^_/, ''));
  const carried = [...new Set(keys.filter((key) => !/^(?:id|name|extension|modifierExtension)$/.test(key)))];
  const [only] = carried;
  if (only === undefined || carried.length > 1) return false;
  if (type === undefined || type === 'Any' || type === 'Element') return true;
  if (type === 'Resource') return only === 'resource';
  if (isResourceType(type)) return only === 'resource' && given.resource?.resourceType === type;
  return only === `value${type.charAt(0).toUpperCase()}${type.slice(1)}`;
}
