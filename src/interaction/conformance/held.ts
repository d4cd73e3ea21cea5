import { readFileSync } from 'node:fs';
import type { Resource, ResourceType } from '@medplum/fhirtypes';

const carin = 'http://hl7.org/fhir/us/carin-bb';
const usCore = 'http://hl7.org/fhir/us/core';
const profile = (name: string): string => `${carin}/StructureDefinition/${name}`;
const usCoreProfile = (name: string): string => `${usCore}/StructureDefinition/us-core-${name}`;

/** The version of this software. */
export const { version } = JSON.parse(
  readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
) as { readonly version: string };

/** What the road writes by (CARIN Blue Button 2.0.0), of a chart US Core, and what is exported by (Bulk Data 2.0.0). */
export const instantiates: readonly string[] = [
  `${carin}/CapabilityStatement/c4bb`,
  `${usCore}/CapabilityStatement/us-core-server`,
  'http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data',
];
export const implementationGuides: readonly string[] = [
  `${carin}/ImplementationGuide/hl7.fhir.us.carin-bb|2.0.0`,
];

/** The profiles of what the road writes, of what it brings up to them, and of the practices that are shipped. */
const ofRoad: Partial<Record<ResourceType, readonly string[]>> = {
  Condition: [usCoreProfile('condition-encounter-diagnosis')],
  Coverage: [profile('C4BB-Coverage'), usCoreProfile('coverage')],
  Encounter: [usCoreProfile('encounter')],
  ExplanationOfBenefit: [
    profile('C4BB-ExplanationOfBenefit'),
    profile('C4BB-ExplanationOfBenefit-Inpatient-Institutional'),
    profile('C4BB-ExplanationOfBenefit-Outpatient-Institutional'),
    profile('C4BB-ExplanationOfBenefit-Oral'),
    profile('C4BB-ExplanationOfBenefit-Pharmacy'),
    profile('C4BB-ExplanationOfBenefit-Professional-NonClinician'),
  ],
  Location: [usCoreProfile('location')],
  Organization: [profile('C4BB-Organization'), usCoreProfile('organization')],
  Patient: [profile('C4BB-Patient'), usCoreProfile('patient')],
  Practitioner: [profile('C4BB-Practitioner'), usCoreProfile('practitioner')],
  PractitionerRole: [usCoreProfile('practitionerrole')],
  Procedure: [usCoreProfile('procedure')],
  RelatedPerson: [profile('C4BB-RelatedPerson'), usCoreProfile('relatedperson')],
};

/** The profiles of each type that the server holds: those of the road, and those that packages bring along. */
export function heldProfiles(packaged: readonly Resource[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>(Object.entries(ofRoad));
  for (const definition of packaged) {
    if (definition.resourceType !== 'StructureDefinition') continue;
    const { kind, derivation, type, url } = definition;
    if (kind !== 'resource' || derivation !== 'constraint') continue;
    found.set(type, [...new Set([...(found.get(type) ?? []), url])]);
  }
  return found;
}
