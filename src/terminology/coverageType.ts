import type { Coverage } from '@medplum/fhirtypes';
import { isDrugSystem } from './serviceCode.ts';
import { system } from './system.ts';

/**
 * Who pays a Coverage, by Coverage.type: Source of Payment Typology (PHDSC; 1 and below Medicare, 2 and below Medicaid;
 * its URIs end in sopt), or the claim filing indicator of X12 (MC Medicaid, MA and MB Medicare).
 */
export const typology = ({ type }: Coverage): string =>
  type?.coding?.find((x) => x.system?.toLowerCase().endsWith('sopt') === true)?.code ?? '';

export const coverageCodes = ({ type }: Coverage): readonly string[] =>
  type?.coding?.flatMap((c) => c.code ?? []) ?? [];

export const isMedicaid = (coverage: Coverage): boolean =>
  typology(coverage).startsWith('2') || coverageCodes(coverage).includes('MC');

export const isMedicare = (coverage: Coverage): boolean =>
  typology(coverage).startsWith('1') ||
  coverageCodes(coverage).some((code) => code === 'MA' || code === 'MB');

/** Programmes of the federal government, or paid for in part by it: Medicare, Medicaid, TRICARE, veterans and others. */
export const isFederal = (coverage: Coverage): boolean =>
  isMedicare(coverage) ||
  isMedicaid(coverage) ||
  typology(coverage).startsWith('3') ||
  coverageCodes(coverage).some((code) => ['CH', 'VA', 'OF', '16'].includes(code));

/** The benefit that a code of a charge is for: CDT dental care, NDC a drug; undefined for medical care. */
export const benefitOf = (uri: string | undefined): 'dental' | 'drug' | undefined =>
  uri === system.cdt ? 'dental' : isDrugSystem(uri) ? 'drug' : undefined;

/** Of some coverages those that pay for a benefit: those for it alone, else those for all. */
export function payingFor<T>(
  coverages: readonly T[],
  benefit: 'dental' | 'drug' | undefined,
  coverageOf: (one: T) => Coverage,
): T[] {
  const own = coverages.filter((one) => benefit !== undefined && onlyBenefit(coverageOf(one)) === benefit);
  return own.length > 0 ? own : coverages.filter((one) => onlyBenefit(coverageOf(one)) === undefined);
}

/** The one benefit that a Coverage is for, by v3-ActCode; undefined where it is for all. */
export function onlyBenefit({ type }: Coverage): 'dental' | 'drug' | undefined {
  const codes = type?.coding?.flatMap((c) => (c.system === system.actCode ? (c.code ?? []) : [])) ?? [];
  if (codes.includes('DENTAL') || codes.includes('DENTPRG')) return 'dental';
  return codes.includes('DRUGPOL') ? 'drug' : undefined;
}
