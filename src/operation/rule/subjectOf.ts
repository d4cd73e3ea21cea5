import type { Claim, Coverage, Encounter, Organization, Patient, Resource } from '@medplum/fhirtypes';
import type { Subject } from '../../billing/rule/judge.ts';
import { knownAs, type Known } from '../../datatypes/known.ts';
import { resolve } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';

/** What a rule may look at of a claim: what was read of it already, and its visit. */
export async function subjectOf(reader: Reader, claim: Claim, known: Known, on: string): Promise<Subject> {
  const visit = claim.item?.find((item) => item.encounter)?.encounter?.[0];
  const focal = claim.insurance.find((one) => one.focal)?.coverage;
  return {
    claim,
    on,
    patient: knownAs<Patient>(known, 'Patient', claim.patient),
    encounter: await resolve<Encounter>(reader, 'Encounter', visit),
    coverage: knownAs<Coverage>(known, 'Coverage', focal),
    coverages: claim.insurance.flatMap((i) => knownAs<Coverage>(known, 'Coverage', i.coverage) ?? []),
    payer: knownAs<Organization>(known, 'Organization', claim.insurer),
    biller: knownAs<Resource>(known, 'Organization', claim.provider),
  };
}
