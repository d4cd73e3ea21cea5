import type {
  Claim,
  Coverage,
  Encounter,
  Organization,
  Patient,
  Practitioner,
  PractitionerRole,
} from '@medplum/fhirtypes';
import { knownAs, type Known } from '../../datatypes/known.ts';

/** A coverage of the claim, by its place among them. */
interface Insured {
  readonly sequence: number;
  readonly coverage: Coverage;
}

/** What a rule may look at: the claim, and what it refers to as it is known here. */
export interface Subject {
  readonly claim: Claim;
  readonly on: string; // FHIR date on which it is judged
  readonly patient: Patient | undefined;
  readonly encounter: Encounter | undefined;
  readonly coverage: Coverage | undefined; // the one that is billed
  readonly insurance: readonly Insured[];
  readonly payer: Organization | undefined;
  readonly biller: Organization | Practitioner | undefined;
}

/** The subject of a claim, of what was read already. */
export function subjectFrom(
  claim: Claim,
  {
    known,
    encounter,
    on,
  }: { readonly known: Known; readonly encounter?: Encounter | undefined; readonly on: string },
): Subject {
  const focal = claim.insurance.find((one) => one.focal)?.coverage;
  const role = knownAs<PractitionerRole>(known, 'PractitionerRole', claim.provider);
  return {
    claim,
    on,
    patient: knownAs<Patient>(known, 'Patient', claim.patient),
    encounter,
    coverage: knownAs<Coverage>(known, 'Coverage', focal),
    insurance: claim.insurance.flatMap((one) => {
      const coverage = knownAs<Coverage>(known, 'Coverage', one.coverage);
      return coverage ? [{ sequence: one.sequence, coverage }] : [];
    }),
    payer: knownAs<Organization>(known, 'Organization', claim.insurer),
    biller:
      knownAs<Organization>(known, 'Organization', claim.provider) ??
      knownAs<Practitioner>(known, 'Practitioner', role ? role.practitioner : claim.provider),
  };
}
