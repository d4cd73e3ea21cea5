import type {
  CodeableConcept,
  Coverage,
  Identifier,
  Organization,
  Patient,
  Practitioner,
  RelatedPerson,
  Resource,
} from '@medplum/fhirtypes';
import { concept, has } from '../../datatypes/coding.ts';
import { changed } from '../../datatypes/json.ts';
import { same } from '../../datatypes/reference.ts';
import { system } from '../../terminology/system.ts';

/**
 * What C4BB 2.0.0 asks of whom an explanation names: the patient, the coverage, the payer and the provider. Others wrote
 * them; only what is known is added, and a profile only where all that it asks for is there. Undefined: nothing to add.
 * See https://hl7.org/fhir/us/carin-bb/STU2/
 */
const profiled = <T extends Resource>(resource: T, name: string): T | undefined => {
  const canonical = `http://hl7.org/fhir/us/carin-bb/StructureDefinition/${name}`;
  const profile = resource.meta?.profile ?? [];
  if (profile.some((one) => one === canonical || one.startsWith(`${canonical}|`))) return undefined;
  return changed(resource, {
    meta: changed(resource.meta ?? {}, { profile: [...profile, `${canonical}|2.0.0`] }),
  });
};

const isMemberId = ({ type }: Identifier): boolean => has(type, system.identifierType, 'MB');

/** The number that the payer knows the patient by: of the coverage itself, else the subscriber's own. */
function memberIdOf(coverage: Coverage): Identifier | undefined {
  const own = coverage.identifier?.find((one) => isMemberId(one) && one.value !== undefined);
  const value = own?.value ?? (isSelf(coverage) ? coverage.subscriberId : undefined);
  if (value === undefined) return undefined;
  const [payor] = coverage.payor;
  return {
    type: concept(system.identifierType, 'MB'),
    system: own?.system ?? system.memberId,
    value,
    ...(payor?.reference === undefined ? {} : { assigner: { reference: payor.reference } }),
  };
}

const self: CodeableConcept = concept(system.subscriberRelationship, 'self');

const isSelf = ({ relationship, subscriber, beneficiary }: Coverage): boolean =>
  has(relationship, system.subscriberRelationship, 'self') ||
  (relationship === undefined && same(subscriber, beneficiary));

/** With the member id that the coverage gives, and the profile where name and sex are there. */
export function c4bbPatient(patient: Patient, coverage: Coverage): Patient | undefined {
  const known = patient.identifier ?? [];
  const memberId = known.some((one) => isMemberId(one)) ? undefined : memberIdOf(coverage);
  const numbered = memberId ? changed(patient, { identifier: [...known, memberId] }) : patient;
  const isWhole =
    numbered.identifier?.some(
      (one) => isMemberId(one) && one.system !== undefined && one.value !== undefined,
    ) === true &&
    numbered.gender !== undefined &&
    (numbered.name ?? []).some(({ family, given }) => family !== undefined || given !== undefined);
  const found = isWhole ? profiled(numbered, 'C4BB-Patient') : undefined;
  return found ?? (memberId ? numbered : undefined);
}

/** With the relationship of a patient who is the subscriber, and the profile where all that it asks for is there. */
export function c4bbCoverage(coverage: Coverage): Coverage | undefined {
  const related = coverage.relationship === undefined && isSelf(coverage);
  const known = related ? changed(coverage, { relationship: self }) : coverage;
  const isWhole =
    known.relationship !== undefined && known.subscriberId !== undefined && known.payor.length === 1;
  const found = isWhole ? profiled(known, 'C4BB-Coverage') : undefined;
  return found ?? (related ? known : undefined);
}

const numberTypes: Readonly<Record<string, string>> = {
  [system.npi]: 'NPI',
  [system.taxId]: 'TAX',
};

/** Numbers whose system says what they are, with the type that says it too. */
function typed<T extends { identifier?: Identifier[] }>(of: T): T | undefined {
  const { identifier = [] } = of;
  const named = identifier.map((one) => {
    const code = numberTypes[one.system ?? ''];
    return code === undefined || one.type
      ? one
      : changed(one, { type: concept(system.identifierType, code) });
  });
  return named.some((one, i) => one !== identifier[i]) ? changed(of, { identifier: named }) : undefined;
}

/** With the types of its numbers, and the profile where it has a name and says whether it is active. */
export function c4bbOrganization(organization: Organization): Organization | undefined {
  const numbered = typed(organization);
  const known = numbered ?? organization;
  const isWhole = known.active !== undefined && known.name !== undefined;
  return (isWhole ? profiled(known, 'C4BB-Organization') : undefined) ?? numbered;
}

/** With the types of its numbers, and the profile where it has a family name and an NPI or tax number. */
export function c4bbPractitioner(practitioner: Practitioner): Practitioner | undefined {
  const numbered = typed(practitioner);
  const known = numbered ?? practitioner;
  const isWhole =
    (known.name ?? []).length > 0 &&
    known.name?.every(({ family }) => family !== undefined) === true &&
    known.identifier?.some(
      ({ type, system: uri, value }) =>
        uri !== undefined &&
        value !== undefined &&
        (has(type, system.identifierType, 'NPI') || has(type, system.identifierType, 'TAX')),
    ) === true;
  return (isWhole ? profiled(known, 'C4BB-Practitioner') : undefined) ?? numbered;
}

/** With the profile where it says whether it is active, and has a name or a relationship. */
export const c4bbRelatedPerson = (person: RelatedPerson): RelatedPerson | undefined =>
  person.active === undefined || (person.name === undefined && person.relationship === undefined)
    ? undefined
    : profiled(person, 'C4BB-RelatedPerson');
