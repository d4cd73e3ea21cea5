import { readFileSync } from 'node:fs';
import type { CompartmentDefinition, ResourceType } from '@medplum/fhirtypes';
import type { IndexEntry } from '../../../search/query.ts';
import type { Registry } from '../../../search/registry.ts';

const file = new URL('../../../../profiles/compartment/CompartmentDefinition-patient.json', import.meta.url);

/** The parameters that put a resource into a patient's compartment, by its type, in R4's order. */
const members = new Map(
  (JSON.parse(readFileSync(file, 'utf8')) as CompartmentDefinition).resource?.map(({ code, param = [] }) => [
    code,
    param,
  ]),
);

/** Whether resources of a type are part of a patient's chart. */
export const isOfChart = (type: ResourceType): boolean => (members.get(type) ?? []).length > 0;

/** The codes that entries are under: `patient` is what `subject` holds of Patients. */
const heldUnder = (registry: Registry, type: ResourceType, code: string): string[] =>
  registry
    .parametersOf(type)
    .get(code)
    ?.from?.map((origin) => origin.code) ?? [code];

/**
 * The shard key of a resource: the id of the patient whose compartment it is in, so that a chart is in one place;
 * of what belongs to no patient `~Type`. See docs/decision/0012.
 */
export function compartmentKey(
  registry: Registry,
  type: ResourceType,
  id: string,
  entries: readonly IndexEntry[],
): string {
  if (type === 'Patient') return id;
  for (const param of members.get(type) ?? []) {
    const codes = heldUnder(registry, type, param);
    for (const entry of entries)
      if (entry.kind === 'reference' && entry.type === 'Patient' && codes.includes(entry.parameter.code))
        return entry.id;
  }
  return `~${type}`;
}
