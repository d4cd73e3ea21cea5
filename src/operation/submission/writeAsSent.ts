import type { Claim } from '@medplum/fhirtypes';
import { changed } from '../../datatypes/json.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { partiesOf, withVersions } from '../../datatypes/sentVersion.ts';
import { updateResource } from '../../interaction/repository.ts';
import type { Call } from '../operation.ts';

type Stored<T> = T & { id: string };

/** Writes a claim as it goes out: active, with the versions of patient, payer, provider and coverages that are sent. */
export async function writeAsSent({ context, tx }: Call, claim: Stored<Claim>): Promise<Stored<Claim>> {
  const versions = new Map<string, number>();
  for (const reference of partiesOf(claim)) {
    const target = parseReference(reference);
    const stored = target && (await tx.read(target.type, target.id));
    if (stored && !stored.deleted) versions.set(reference, stored.version);
  }
  return updateResource(context, tx, changed(withVersions(claim, versions), { status: 'active' as const }));
}
