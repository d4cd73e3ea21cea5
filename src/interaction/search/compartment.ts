import { readFileSync } from 'node:fs';
import type { CompartmentDefinition, ResourceType } from '@medplum/fhirtypes';
import { isResourceType } from '../../datatypes/resourceType.ts';
import type { Criterion, FilterValue } from '../../search/query.ts';
import type { Registry } from '../../search/registry.ts';

/** One compartment: all that is about one resource. See https://hl7.org/fhir/R4/compartmentdefinition.html */
export interface Compartment {
  readonly type: ResourceType;
  readonly id: string;
}

const folder = new URL('../../../profiles/compartment/', import.meta.url);

/** R4's five, made by script/makeCompartment.ts. */
export const compartmentDefinitions: readonly CompartmentDefinition[] = [
  'patient',
  'encounter',
  'relatedPerson',
  'practitioner',
  'device',
].map(
  (id) =>
    JSON.parse(
      readFileSync(new URL(`CompartmentDefinition-${id}.json`, folder), 'utf8'),
    ) as CompartmentDefinition,
);

/** The parameters that put a resource into the compartment, by its type; `{def}` is the resource itself. */
const members: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>> = new Map(
  compartmentDefinitions.map(({ code: of, resource = [] }) => {
    const rows = resource.filter(({ param = [] }) => param.length > 0);
    const all = rows.some(({ code }) => code === of) ? rows : [...rows, { code: of, param: ['{def}'] }];
    return [of, new Map(all.map(({ code, param = [] }) => [code, param]))];
  }),
);

/** The types that a compartment of a type may hold, in the order of the alphabet; none where there is no such one. */
export const typesInCompartment = (of: ResourceType): readonly ResourceType[] =>
  [...(members.get(of)?.keys() ?? [])].filter(isResourceType).sort();

/** What puts a resource of the type into the compartment; undefined when the type is never in it. */
export function inCompartment(
  registry: Registry,
  compartment: Compartment,
  type: ResourceType,
): Criterion | undefined {
  const codes = members.get(compartment.type)?.get(type);
  if (!codes) return undefined;
  const named = registry.parametersOf(type);
  const { type: of, id } = compartment;
  const reference: FilterValue = { text: `${of}/${id}`, target: { types: [of], id } };
  const refer = codes.flatMap((code): Criterion[] => {
    const parameter = named.get(code);
    return parameter ? [{ op: 'filter', parameter, values: [reference] }] : [];
  });
  const own = type === of ? named.get('_id') : undefined;
  const itself: Criterion[] = own ? [{ op: 'filter', parameter: own, values: [{ text: id, code: id }] }] : [];
  const ways = [...itself, ...refer];
  const [only] = ways;
  return ways.length === 1 && only ? only : { op: 'or', criteria: ways };
}
