import type { Coverage } from '@medplum/fhirtypes';
import { system } from './system.ts';

/**
 * Who pays a Coverage, by Coverage.type: Source of Payment Typology (PHDSC; 1 and below Medicare, 2 and below Medicaid;
 * its URIs end in sopt), or the claim filing indicator of X12 (MC Medicaid, MA and MB Medicare).
 */
const typology = ({ type }: Coverage): string =>
  type?.coding?.find((x) => x.system?.toLowerCase().endsWith('sopt') === true)?.code ?? '';

export const coverageCodes = ({ type }: Coverage): readonly string[] =>
  type?.coding?.flatMap((c) => c.code ?? []) ?? [];

export const isMedicaid = (coverage: Coverage): boolean =>
  typology(coverage).startsWith('2') || coverageCodes(coverage).includes('MC');

export const isMedicare = (coverage: Coverage): boolean =>
  typology(coverage).startsWith('1') ||
  coverageCodes(coverage).some((code) => code === 'MA' || code === 'MB');

/** The one benefit that a Coverage is for, by v3-ActCode; undefined where it is for all. */
export function onlyBenefit({ type }: Coverage): 'dental' | 'drug' | undefined {
  const codes = type?.coding?.flatMap((c) => (c.system === system.actCode ? (c.code ?? []) : [])) ?? [];
  if (codes.includes('DENTAL') || codes.includes('DENTPRG')) return 'dental';
  return codes.includes('DRUGPOL') ? 'drug' : undefined;
}
