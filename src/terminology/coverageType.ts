import type { Coverage } from '@medplum/fhirtypes';

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
