import type {
  Claim,
  Coverage,
  Location,
  Organization,
  Patient,
  Practitioner,
  PractitionerRole,
  Reference,
  RelatedPerson,
} from '@medplum/fhirtypes';
import { codeOf } from '../../../datatypes/coding.ts';
import { knownAs, type Known } from '../../../datatypes/known.ts';
import { system } from '../../../terminology/system.ts';

/** What an 837 cannot say, or what does not add up in it. The sentence holds no value of the chart. */
export interface Problem {
  readonly expression: string; // FHIRPath
  readonly text: string;
  /** The claim must not be sent so: money or a party would be wrong. */
  readonly refuses?: true;
}

export type ClaimForm = 'professional' | 'institutional' | 'oral';

/** A claim to be written, with everything that it refers to. */
export interface Sending {
  readonly claim: Claim;
  readonly form: ClaimForm;
  readonly known: Known;
  /** Patient control number: CLM01. */
  readonly number: string;
  readonly problems: Problem[];
}

export type Provider = Organization | Practitioner;

/** Who a reference means, and the taxonomy that a role or the resource names. */
export interface Named {
  readonly provider: Provider;
  readonly taxonomy?: string;
}

export function providerOf(known: Known, reference: Reference | undefined): Named | undefined {
  const role = knownAs<PractitionerRole>(known, 'PractitionerRole', reference);
  const person = knownAs<Practitioner>(known, 'Practitioner', role ? role.practitioner : reference);
  if (person) {
    const taxonomy =
      role?.specialty?.map((s) => codeOf(s, system.taxonomy)).find((code) => code !== undefined) ??
      person.qualification?.map((q) => codeOf(q.code, system.taxonomy)).find((code) => code !== undefined);
    return { provider: person, ...(taxonomy === undefined ? {} : { taxonomy }) };
  }
  const organization = knownAs<Organization>(known, 'Organization', reference);
  if (!organization) return undefined;
  const taxonomy = organization.type
    ?.map((t) => codeOf(t, system.taxonomy))
    .find((code) => code !== undefined);
  return { provider: organization, ...(taxonomy === undefined ? {} : { taxonomy }) };
}

export const organizationOf = (known: Known, reference: Reference | undefined): Organization | undefined =>
  knownAs<Organization>(known, 'Organization', reference);

export const locationOf = (known: Known, reference: Reference | undefined): Location | undefined =>
  knownAs<Location>(known, 'Location', reference);

export const coverageOf = (known: Known, reference: Reference | undefined): Coverage | undefined =>
  knownAs<Coverage>(known, 'Coverage', reference);

export type Person = Patient | RelatedPerson;

export const personOf = (known: Known, reference: Reference | undefined): Person | undefined =>
  knownAs<Patient>(known, 'Patient', reference) ?? knownAs<RelatedPerson>(known, 'RelatedPerson', reference);

/** The form of an 837 that carries a claim; a pharmacy claim has none. */
export function formOf(claim: Claim): ClaimForm | undefined {
  const code = codeOf(claim.type, system.claimType);
  return code === 'professional' || code === 'institutional' || code === 'oral' ? code : undefined;
}
