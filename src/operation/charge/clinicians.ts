import type { CodeableConcept, Practitioner, PractitionerRole } from '@medplum/fhirtypes';
import type { Clinician } from '../../billing/claim/assemble.ts';
import { codingOf, concept } from '../../datatypes/coding.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { find, resolve } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';
import { system } from '../../terminology/system.ts';

/** Reads who took part, with the taxonomy that qualifies for it: the Practitioner's own, else that of a role. */
export async function cliniciansOf(
  reader: Reader,
  references: readonly (string | undefined)[],
): Promise<(reference: string) => Clinician> {
  const found = new Map<string, Clinician>();
  for (const reference of new Set(references)) {
    if (reference !== undefined) found.set(reference, await clinicianOf(reader, reference));
  }
  return (reference) => found.get(reference) ?? { reference };
}

async function clinicianOf(reader: Reader, reference: string): Promise<Clinician> {
  const kind = parseReference(reference)?.type;
  if (kind === 'PractitionerRole') {
    const role = await resolve<PractitionerRole>(reader, 'PractitionerRole', { reference });
    return qualified(role?.practitioner?.reference ?? reference, taxonomyIn(role?.specialty));
  }
  const practitioner = await resolve<Practitioner>(reader, 'Practitioner', { reference });
  const own = taxonomyIn(practitioner?.qualification?.map((q) => q.code));
  if (own || !practitioner) return qualified(reference, own);
  const roles = await find<PractitionerRole>(reader, 'PractitionerRole', { practitioner: reference });
  return qualified(reference, taxonomyIn(roles.flatMap((r) => [...(r.specialty ?? []), ...(r.code ?? [])])));
}

const qualified = (reference: string, taxonomy: CodeableConcept | undefined): Clinician =>
  taxonomy ? { reference, taxonomy } : { reference };

function taxonomyIn(concepts: readonly CodeableConcept[] | undefined): CodeableConcept | undefined {
  for (const c of concepts ?? []) {
    const code = codingOf(c, system.taxonomy)?.code;
    if (code !== undefined) return concept(system.taxonomy, code);
  }
  return undefined;
}
