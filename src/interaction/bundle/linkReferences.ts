import type { Resource } from '@medplum/fhirtypes';
import type { Issue } from '../../outcome/issue.ts';
import type { Transaction } from '../../store/store.ts';
import type { Context } from '../context.ts';
import { refuseUnresolved, resolveReferenceSite } from './resolveReferenceSite.ts';
import { referenceSites } from './referenceSites.ts';

const urnText = 'a urn names an entry of a transaction, and this is none';

/**
 * Resolves the conditional references of one resource that is written by itself; refuses those that lead nowhere, and
 * urns, all at once. See https://hl7.org/fhir/R4/http.html#trules
 */
export async function linkReferences(context: Context, tx: Transaction, resource: Resource): Promise<void> {
  if (!hasOpen(resource)) return;
  const faults: Issue[] = [];
  for (const site of referenceSites(resource, resource.resourceType)) {
    if (!site.isReference) continue;
    faults.push(...(await resolveReferenceSite(context, tx, site, { remember: true, urnText })));
  }
  refuseUnresolved(faults);
}

/** Whether any reference is not a literal one: asked of every resource, so without building anything. */
function hasOpen(holder: unknown): boolean {
  if (typeof holder !== 'object' || holder === null) return false;
  if (Array.isArray(holder)) return holder.some(hasOpen);
  const items = holder as Record<string, unknown>;
  for (const key in items) {
    const value = items[key];
    if (key === 'reference' && typeof value === 'string') {
      if (value.startsWith('urn:') || value.includes('?')) return true;
    } else if (hasOpen(value)) return true;
  }
  return false;
}
