import { structural, type Issue } from '../outcome/issue.ts';
import { resourceDefinition } from './definition.ts';
import { most, resourceFaults } from './fault.ts';
import { isSound } from './structure.ts';

/**
 * Every structural fault of a resource against R4, each with its FHIRPath; empty when it is sound.
 * Profiles and the targets of references are not looked at. See https://hl7.org/fhir/R4/validation.html
 */
export function validateResource(resource: unknown): Issue[] {
  if (isSound(resource)) return [];
  const path = resourceDefinition(resource)?.name ?? 'Resource';
  const found = resourceFaults(resource, { path, depth: 0 })
    .take(most + 1)
    .toArray();
  if (found.length > most)
    found[most] = structural('too-many-faults', path, `more than ${most} faults: the first are shown`);
  if (found.length === 0) throw new Error(`a ${path} was refused without a reason`);
  return found;
}
