import type { Provenance, ResourceType } from '@medplum/fhirtypes';
import { parseReference } from '../../datatypes/reference.ts';
import { find, parsed } from '../../interaction/repository.ts';
import type { Store, Stored } from '../../store/store.ts';
import type { ExportRequest } from './exportRequest.ts';

/** Versions of one resource that are looked through for the one of a moment. */
const versionsAtOnce = 50;

/** Whether Provenance is to be looked through for what belongs to other exported resources. */
export const isProvenanceAsked = ({ provenance, level, types }: ExportRequest): boolean =>
  provenance !== undefined && !(level === 'system' && types.includes('Provenance'));

/**
 * Whether a Provenance belongs to a resource that is exported: with `latest`, only where none of the same target was
 * recorded later. `isExported` tells it of a version.
 */
export async function isAssociated(
  store: Store,
  { at, types, provenance }: ExportRequest,
  version: Stored,
  isExported: (version: Stored) => boolean,
): Promise<boolean> {
  if (version.deleted) return false;
  const own = parsed<Provenance>(version);
  for (const { reference } of own.target) {
    const target = parseReference(reference);
    if (!target || !types.includes(target.type)) continue;
    const there = await versionAt(store, target.type, target.id, at);
    if (!there || there.deleted || !isExported(there)) continue;
    if (provenance === 'relevant' || (await isLatest(store, `${target.type}/${target.id}`, own))) return true;
  }
  return false;
}

/** The version of a resource that was current at a moment. */
async function versionAt(
  store: Store,
  type: ResourceType,
  id: string,
  at: number,
): Promise<Stored | undefined> {
  for (let before: number | undefined; ;) {
    const page = { count: versionsAtOnce, ...(before === undefined ? {} : { before }) };
    const versions = await store.history(type, id, page);
    const found = versions.find(({ lastUpdated }) => Date.parse(lastUpdated) <= at);
    before = versions.at(-1)?.version;
    if (found || before === undefined || versions.length < versionsAtOnce) return found;
  }
}

async function isLatest(store: Store, target: string, { id, recorded }: Provenance): Promise<boolean> {
  const others = await find<Provenance>(store, 'Provenance', { target });
  const later = (one: Provenance): boolean =>
    Date.parse(one.recorded) > Date.parse(recorded) ||
    (one.recorded === recorded && (one.id ?? '') > (id ?? ''));
  return !others.some((one) => one.id !== id && later(one));
}
