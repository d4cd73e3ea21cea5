import type { CodeableConcept } from '@medplum/fhirtypes';
import { codeOf, concept } from '../../datatypes/coding.ts';
import { nearRelationships } from '../../terminology/relationship.ts';
import { system } from '../../terminology/system.ts';

/** Codes of 270 and 271, and of FHIR where it has them. The words for them are FHIR's; X12's are not shipped. */

/** Who the patient is to the subscriber: 18 self, 01 spouse, 19 child, else G8; '' where nothing is said. */
export function relationshipCodeOf(relationship: CodeableConcept | undefined): string {
  const code = codeOf(relationship, system.subscriberRelationship) ?? relationship?.coding?.[0]?.code;
  return (
    codeOf(relationship, system.x12Relationship) ??
    (code === undefined ? '' : (nearRelationships[code] ?? 'G8'))
  );
}

export function relationshipOf(code: string): CodeableConcept {
  const name = Object.entries(nearRelationships).find(([, value]) => value === code)?.[0];
  if (name !== undefined) return concept(system.subscriberRelationship, name);
  return {
    coding: [
      { system: system.subscriberRelationship, code: 'other' },
      { system: system.x12Relationship, code },
    ],
  };
}

const qualifiers: readonly (readonly [qualifier: string, uri: string])[] = [
  ['HC', system.cpt],
  ['HC', system.hcpcs],
  ['HC', system.hcpcsHttp],
  ['AD', system.cdt],
  ['N4', system.ndc],
];

/** Qualifier and code of a service; undefined where its system has none. */
export function serviceQualifier(
  service: CodeableConcept | undefined,
): readonly [string, string] | undefined {
  for (const [qualifier, uri] of qualifiers) {
    const code = codeOf(service, uri);
    if (code !== undefined) return [qualifier, code];
  }
  return undefined;
}

/** The service of a composite: CPT numbers and HCPCS codes share a qualifier and are told apart by their form. */
export function serviceOf(qualifier: string, code: string): CodeableConcept | undefined {
  if (code === '') return undefined;
  if (qualifier === 'HC') return concept(/^[A-Z]\d{4}$/.test(code) ? system.hcpcs : system.cpt, code);
  const uri = qualifiers.find(([own]) => own === qualifier)?.[1];
  return uri === undefined ? undefined : concept(uri, code);
}

/** FHIR's code beside X12's, where there is one for the same. */
export const both = (
  uri: string,
  code: string,
  hl7: readonly [string, string | undefined],
): CodeableConcept => ({
  coding: [...(hl7[1] === undefined ? [] : [{ system: hl7[0], code: hl7[1] }]), { system: uri, code }],
});

/** EB01: coinsurance, copayment, deductible. */
export const benefitTypes: Readonly<Record<string, string>> = {
  A: 'copay-percent',
  B: 'copay',
  C: 'deductible',
};
/** EB02 */
export const units: Readonly<Record<string, string>> = { IND: 'individual', FAM: 'family' };
/** EB06: calendar year and service year, lifetime, day. */
export const terms: Readonly<Record<string, string>> = {
  '23': 'annual',
  '22': 'annual',
  '32': 'lifetime',
  '7': 'day',
};
/** EB12 */
export const networks: Readonly<Record<string, string>> = { Y: 'in', N: 'out' };
