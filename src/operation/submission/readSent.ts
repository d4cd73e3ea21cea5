import type { Claim, Coverage, Location, PractitionerRole, Resource } from '@medplum/fhirtypes';
import { parseReference } from '../../datatypes/reference.ts';
import { parsed } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';

type Pointer = { readonly reference?: string | undefined } | undefined;

/**
 * By Type/id everything that an 837 of a claim says: parties, places, coverages with their subscribers and payers, the
 * answers of earlier payers. Where the claim names a version, as a sent one does, that version.
 */
export async function readSent(reader: Reader, claim: Claim): Promise<Map<string, Resource>> {
  const known = new Map<string, Resource>();
  const read = async <T extends Resource>(pointer: Pointer): Promise<T | undefined> => {
    const target = parseReference(pointer?.reference);
    if (!target) return undefined;
    const { type, id, version } = target;
    const key = `${type}/${id}`;
    if (!known.has(key)) {
      const number = Number(version);
      const stored =
        version !== undefined && Number.isSafeInteger(number)
          ? await reader.vread(type, id, number)
          : await reader.read(type, id);
      if (stored && !stored.deleted) known.set(key, parsed(stored));
    }
    return known.get(key) as T | undefined;
  };
  for (const pointer of [claim.patient, claim.insurer]) await read(pointer);
  await read((await read<Location>(claim.facility))?.managingOrganization);
  for (const pointer of [claim.provider, ...(claim.careTeam ?? []).map((m) => m.provider)]) {
    const provider = await read<PractitionerRole>(pointer);
    if (provider?.resourceType === 'PractitionerRole') await read(provider.practitioner);
  }
  for (const { coverage, claimResponse } of claim.insurance) {
    await read(claimResponse);
    const held = await read<Coverage>(coverage);
    await read(held?.subscriber);
    await read(held?.payor[0]);
  }
  for (const { valueReference } of claim.supportingInfo ?? []) {
    if (parseReference(valueReference?.reference)?.type === 'Location') await read(valueReference);
  }
  return known;
}
