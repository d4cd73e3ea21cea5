import { structural, type Issue } from '../outcome/issue.ts';
import { resourceDefinition } from './definition.ts';
import { faultsMax, resourceFaults } from './fault.ts';
import { isSound } from './structure.ts';

/** Faults that are not shown are counted so far. */
const countedMax = 10_000;

/**
 * Every structural fault of a resource against R4, each with its FHIRPath; empty when it is sound.
 * Profiles and the targets of references are not looked at. See https://hl7.org/fhir/R4/validation.html
 */
export function validateResource(resource: unknown): Issue[] {
  if (isSound(resource)) return [];
  const path = resourceDefinition(resource)?.name ?? 'Resource';
  const found: Issue[] = [];
  let more = 0;
  for (const fault of resourceFaults(resource, { path, depth: 0 })) {
    if (found.length < faultsMax) found.push(fault);
    else if (++more === countedMax) break;
  }
  if (more > 0) {
    const count = more === countedMax ? `at least ${more}` : String(more);
    found.push(structural('too-many-faults', path, `${count} more faults: the first ${faultsMax} are shown`));
  }
  if (found.length === 0) throw new Error(`a ${path} was refused without a reason`);
  return found;
}
