import type { CodeableConcept, Resource } from '@medplum/fhirtypes';
import { usCoreUrl, type Guide } from './guide.ts';

type Version = '3.1.1' | '6.1.0' | '7.0.0';

const versionOf = ({ name }: Guide): Version => name.split('-').at(-1) as Version;

const hasCode = (of: readonly CodeableConcept[] | CodeableConcept | undefined, ...codes: string[]): boolean =>
  [of ?? []].flat().some((c) => c.coding?.some(({ code }) => codes.includes(code ?? '')));

/** Observations that one LOINC code makes of a profile. */
const byLoinc: Readonly<Record<string, string>> = {
  '85354-9': 'us-core-blood-pressure',
  '39156-5': 'us-core-bmi',
  '8302-2': 'us-core-body-height',
  '8310-5': 'us-core-body-temperature',
  '29463-7': 'us-core-body-weight',
  '9843-4': 'us-core-head-circumference',
  '8867-4': 'us-core-heart-rate',
  '9279-1': 'us-core-respiratory-rate',
  '59408-5': 'us-core-pulse-oximetry',
  '8289-1': 'head-occipital-frontal-circumference-percentile',
  '59576-9': 'pediatric-bmi-for-age',
  '77606-2': 'pediatric-weight-for-height',
  '72166-2': 'us-core-smokingstatus',
  '11341-5': 'us-core-observation-occupation',
  '86645-9': 'us-core-observation-pregnancyintent',
  '82810-3': 'us-core-observation-pregnancystatus',
  '76690-7': 'us-core-observation-sexual-orientation',
  '95541-9': 'us-core-care-experience-preference',
  '75773-2': 'us-core-treatment-intervention-preference',
  '96607-7': 'us-core-average-blood-pressure',
};

const byType: Readonly<Record<string, string>> = {
  Patient: 'patient',
  Coverage: 'coverage',
  Encounter: 'encounter',
  Procedure: 'procedure',
  Immunization: 'immunization',
  Medication: 'medication',
  MedicationRequest: 'medicationrequest',
  MedicationDispense: 'medicationdispense',
  DocumentReference: 'documentreference',
  Organization: 'organization',
  Practitioner: 'practitioner',
  PractitionerRole: 'practitionerrole',
  Location: 'location',
  RelatedPerson: 'relatedperson',
  ServiceRequest: 'servicerequest',
  Specimen: 'specimen',
  Goal: 'goal',
  CarePlan: 'careplan',
  CareTeam: 'careteam',
  AllergyIntolerance: 'allergyintolerance',
  Provenance: 'provenance',
};

function nameOf(resource: Resource, version: Version): string | undefined {
  switch (resource.resourceType) {
    case 'Condition':
      if (version === '3.1.1') return 'us-core-condition';
      return hasCode(resource.category, 'encounter-diagnosis')
        ? 'us-core-condition-encounter-diagnosis'
        : 'us-core-condition-problems-health-concerns';
    case 'DiagnosticReport':
      return hasCode(resource.category, 'LAB')
        ? 'us-core-diagnosticreport-lab'
        : 'us-core-diagnosticreport-note';
    case 'Device':
      return resource.udiCarrier ? 'us-core-implantable-device' : undefined;
    case 'Observation': {
      const own = resource.code.coding?.map(({ code }) => byLoinc[code ?? '']).find((n) => n !== undefined);
      if (own !== undefined) return own;
      if (version === '7.0.0' && hasCode(resource.code, '8664-5')) return 'us-core-smokingstatus';
      if (hasCode(resource.category, 'laboratory')) return 'us-core-observation-lab';
      return version === '3.1.1' ? undefined : 'us-core-observation-clinical-result';
    }
    default: {
      const name = byType[resource.resourceType];
      return name === undefined ? undefined : `us-core-${name}`;
    }
  }
}

/** The US Core profile that a resource of a billing server must keep to; undefined where the guide has none for it. */
export function usCoreProfileOf(guide: Guide, resource: Resource): string | undefined {
  const name = nameOf(resource, versionOf(guide));
  const url = name === undefined ? undefined : usCoreUrl(name);
  return url !== undefined && guide.profiles.has(url) ? url : undefined;
}
