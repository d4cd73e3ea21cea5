import type { Claim, Coverage, PractitionerRole, Resource } from '@medplum/fhirtypes';
import { extensionsOf } from '../../datatypes/extension.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { parsed } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';
import { extension } from '../../terminology/system.ts';

type Pointer = { readonly reference?: string | undefined } | undefined;

/** What the claim refers to, and what that refers to in its turn: the subscriber, the person of a role. */
export async function readKnown(reader: Reader, claim: Claim): Promise<Map<string, Resource>> {
  const known = new Map<string, Resource>();
  const read = async <T extends Resource>(pointer: Pointer): Promise<T | undefined> => {
    const target = parseReference(pointer?.reference);
    if (!target) return undefined;
    const key = `${target.type}/${target.id}`;
    if (!known.has(key)) {
      const stored = await reader.read(target.type, target.id);
      if (stored && !stored.deleted) known.set(key, parsed(stored));
    }
    return known.get(key) as T | undefined;
  };
  const providers = [claim.provider, ...(claim.careTeam ?? []).map((m) => m.provider)];
  for (const pointer of [claim.patient, claim.insurer, claim.facility]) await read(pointer);
  for (const pointer of providers) {
    const provider = await read<PractitionerRole>(pointer);
    if (provider?.resourceType === 'PractitionerRole') await read(provider.practitioner);
  }
  for (const { claimResponse } of claim.insurance) await read(claimResponse);
  for (const { coverage } of claim.insurance) await read((await read<Coverage>(coverage))?.subscriber);
  for (const item of claim.item ?? []) {
    for (const { valueReference } of extensionsOf(item, extension.chargeItem)) await read(valueReference);
  }
  return known;
}
