import type { ResourceType } from '@medplum/fhirtypes';
import type { IndexEntry } from '../../search/query.ts';

/** Parameters that name the patient a resource is about, the likeliest first. */
const about = [
  'patient',
  'subject',
  'beneficiary',
  'individual',
  'member',
  'link',
  'actor',
  'participant',
  'recipient',
];

/**
 * The shard key of a resource: the id of the patient whose compartment it is in, so that a chart is in one place;
 * of what belongs to no patient `~Type`. See docs/decision/0012.
 */
export function compartmentKey(type: ResourceType, id: string, entries: readonly IndexEntry[]): string {
  if (type === 'Patient') return id;
  let found: string | undefined;
  let rank = about.length + 1;
  for (const entry of entries) {
    if (entry.kind !== 'reference' || entry.type !== 'Patient') continue;
    const place = about.indexOf(entry.parameter.code);
    const at = place < 0 ? about.length : place;
    if (at < rank) [found, rank] = [entry.id, at];
  }
  return found ?? `~${type}`;
}
