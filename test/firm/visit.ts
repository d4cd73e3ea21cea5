import type {
  CodeableConcept,
  Condition,
  Coverage,
  Encounter,
  EncounterLocation,
  Extension,
  MedicationAdministration,
  Patient,
  Procedure,
} from '@medplum/fhirtypes';

export const hcpcs = 'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets';
export const cpt = 'http://www.ama-assn.org/go/cpt';
export const own = (name: string): string => `https://claimwright.example/fhir/StructureDefinition/${name}`;
export const rule = (code: string): CodeableConcept =>
  coded('https://claimwright.example/fhir/CodeSystem/benefit-rule', code);
export const coded = (system: string, code: string): CodeableConcept => ({ coding: [{ system, code }] });
export const modifier = (code: string): Extension => ({
  url: 'http://hl7.org/fhir/StructureDefinition/chargeitem-modifier',
  valueCodeableConcept: coded(hcpcs, code),
});

type Stored<T> = T & { id: string };

export const patient = (id: string, over: Partial<Patient> = {}): Stored<Patient> => ({
  resourceType: 'Patient',
  id,
  name: [{ family: 'Marlow', given: ['Ada', id] }],
  gender: 'female',
  birthDate: '1970-05-05',
  address: [{ line: ['12 Quince Lane'], city: 'Albany', state: 'NY', postalCode: '12207-1234' }],
  ...over,
});

/** An own plan of the patient with Juniper, in force since 2025. */
export const coverage = (
  id: string,
  of: string,
  over: Partial<Coverage> & { readonly plan?: string } = {},
): Stored<Coverage> => {
  const { plan = 'juniper-ppo-1500', ...more } = over;
  return {
    resourceType: 'Coverage',
    id,
    status: 'active',
    subscriber: { reference: `Patient/${of}` },
    subscriberId: `JRH${id.toUpperCase()}`,
    beneficiary: { reference: `Patient/${of}` },
    relationship: coded('http://terminology.hl7.org/CodeSystem/subscriber-relationship', 'self'),
    payor: [{ reference: 'Organization/juniper-ridge' }],
    order: 1,
    period: { start: '2025-01-01' },
    class: [{ type: coded('http://terminology.hl7.org/CodeSystem/coverage-class', 'plan'), value: plan }],
    ...more,
  };
};

/** An office visit (T1015, 168.45) on a day, an hour in the morning. */
export const visit = (
  id: string,
  of: string,
  day: string,
  over: Partial<Encounter> = {},
): Stored<Encounter> => ({
  resourceType: 'Encounter',
  id,
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
  type: [coded(hcpcs, 'T1015')],
  subject: { reference: `Patient/${of}` },
  serviceProvider: { reference: 'Organization/alder-street-clinic' },
  participant: [{ individual: { reference: 'Practitioner/ruth-abernathy' } }],
  location: [{ location: { reference: 'Location/alder-street-clinic-office' } }],
  period: { start: `${day}T09:00:00-05:00`, end: `${day}T09:40:00-05:00` },
  ...over,
});

export const ward = (start?: string, end?: string, location = 'bellwater-ward-3'): EncounterLocation => ({
  location: { reference: `Location/${location}` },
  ...(start === undefined && end === undefined
    ? {}
    : { period: { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) } }),
});

/** A stay in ward 3 of the hospital (1,846.50 a night), as an emergency from home, discharged home. */
export const stay = (
  id: string,
  of: string,
  { start, end }: { readonly start: string; readonly end?: string },
  over: Partial<Encounter> = {},
): Stored<Encounter> => ({
  resourceType: 'Encounter',
  id,
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
  type: [coded('http://snomed.info/sct', '32485007')],
  priority: coded('https://www.nubc.org/CodeSystem/PriorityTypeOfAdmitOrVisit', '1'),
  subject: { reference: `Patient/${of}` },
  serviceProvider: { reference: 'Organization/bellwater-hospital' },
  participant: [
    {
      type: [coded('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', 'ATND')],
      individual: { reference: 'Practitioner/helen-marsh' },
    },
  ],
  location: [ward()],
  hospitalization: {
    admitSource: coded('https://www.nubc.org/CodeSystem/PointOfOrigin', '1'),
    dischargeDisposition: coded('https://www.nubc.org/CodeSystem/PatDischargeStatus', '01'),
  },
  period: { start, ...(end === undefined ? {} : { end }) },
  ...over,
});

export const condition = (of: string, encounter: string, code = 'M17.11'): Stored<Condition> => ({
  resourceType: 'Condition',
  id: `${encounter}-condition`,
  extension: [
    {
      url: own('present-on-admission'),
      valueCodeableConcept: coded('https://www.nubc.org/CodeSystem/PresentOnAdmissionIndicator', 'Y'),
    },
  ],
  subject: { reference: `Patient/${of}` },
  encounter: { reference: `Encounter/${encounter}` },
  code: coded('http://hl7.org/fhir/sid/icd-10-cm', code),
});

export const procedure = (
  id: string,
  of: { readonly patient: string; readonly encounter: string; readonly at: string },
  over: Partial<Procedure> = {},
): Stored<Procedure> => ({
  resourceType: 'Procedure',
  id,
  status: 'completed',
  subject: { reference: `Patient/${of.patient}` },
  encounter: { reference: `Encounter/${of.encounter}` },
  performedDateTime: of.at,
  ...over,
});

/** 40 mg of triamcinolone (39.00) unless it says otherwise. */
export const drug = (
  id: string,
  of: { readonly patient: string; readonly encounter: string; readonly at: string },
  over: Partial<MedicationAdministration> = {},
): Stored<MedicationAdministration> => ({
  resourceType: 'MedicationAdministration',
  id,
  status: 'completed',
  medicationCodeableConcept: coded(hcpcs, 'J3301'),
  subject: { reference: `Patient/${of.patient}` },
  context: { reference: `Encounter/${of.encounter}` },
  effectiveDateTime: of.at,
  dosage: { dose: { value: 40, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' } },
  ...over,
});
