import type { CodeableConcept, Coverage } from '@medplum/fhirtypes';
import { codeOf, concept } from '../../../datatypes/coding.ts';
import { isMedicaid, isMedicare, onlyBenefit } from '../../../terminology/coverageType.ts';
import { claimRelationships } from '../../../terminology/relationship.ts';
import { system } from '../../../terminology/system.ts';

/** Codes of SBR and PAT, each way. */

/** SBR01: the place of a payer, from primary to eleventh (billing rule 42). */
const places = 'PSTABCDEFGH';

export const placeOfPayer = (sequence: number): string => places[sequence - 1] ?? 'U';

/** The sequence of a payer; undefined where the sender did not know it. */
export function sequenceOfPlace(place: string): number | undefined {
  const at = place.length === 1 ? places.indexOf(place) : -1;
  return at < 0 ? undefined : at + 1;
}

/** SBR02 and PAT01. */
export function relationshipCode({ relationship }: Coverage): string {
  const own = codeOf(relationship, system.x12Relationship);
  if (own !== undefined) return own;
  const code = codeOf(relationship, system.subscriberRelationship) ?? relationship?.coding?.[0]?.code;
  return code === undefined ? '' : (claimRelationships[code] ?? 'G8');
}

/** Coverage.relationship; what FHIR calls only `other` keeps its own code beside. */
export function relationshipOf(code: string): CodeableConcept {
  const name = Object.entries(claimRelationships).find(([, value]) => value === code)?.[0];
  if (name !== undefined) return concept(system.subscriberRelationship, name);
  return {
    coding: [
      { system: system.subscriberRelationship, code: 'other' },
      { system: system.x12Relationship, code },
    ],
  };
}

/** Kinds of payer by the first digits of the Source of Payment Typology, Medicare and Medicaid apart. */
const typologies: readonly (readonly [RegExp, string])[] = [
  [/^31/, 'CH'],
  [/^32/, 'VA'],
  [/^3/, 'OF'],
  [/^511/, 'HM'],
  [/^512/, '12'],
  [/^5/, 'CI'],
  [/^6/, 'BL'],
  [/^95/, 'WC'],
  [/^96/, 'AM'],
  [/^8/, '09'],
];

/** The same by v3-ActCode. */
const actCodes: Readonly<Record<string, string>> = {
  EHCPOL: 'CI',
  HIP: 'CI',
  HMO: 'HM',
  PPO: '12',
  POS: '13',
  DENTAL: '17',
  DENTPRG: '17',
  WCBPOL: 'WC',
  AUTOPOL: 'AM',
  MILITARY: 'CH',
  pay: '09',
};

/** SBR09: who pays. `ZZ`, mutually defined, where the Coverage does not say. */
export function filingIndicator(coverage: Coverage): string {
  const { type } = coverage;
  const own = codeOf(type, system.x12FilingIndicator);
  if (own !== undefined) return own;
  if (isMedicaid(coverage)) return 'MC';
  if (isMedicare(coverage)) return coverage.type?.coding?.some((c) => c.code === 'MA') === true ? 'MA' : 'MB';
  if (onlyBenefit(coverage) === 'dental') return '17';
  const typology = type?.coding?.find((c) => c.system?.toLowerCase().endsWith('sopt') === true)?.code ?? '';
  const found = typologies.find(([pattern]) => pattern.test(typology))?.[1];
  return found ?? actCodes[codeOf(type, system.actCode) ?? ''] ?? 'ZZ';
}

export const insuranceType = ({ type }: Coverage): string => codeOf(type, system.x12InsuranceType) ?? '';

/** Coverage.type of SBR09 and SBR05. */
export function coverageType(filing: string, insurance: string): CodeableConcept | undefined {
  const coding = [
    ...(filing === '' ? [] : [{ system: system.x12FilingIndicator, code: filing }]),
    ...(insurance === '' ? [] : [{ system: system.x12InsuranceType, code: insurance }]),
  ];
  return coding.length === 0 ? undefined : { coding };
}
