import type { Address, Coverage } from '@medplum/fhirtypes';
import { codeOf } from '../../datatypes/coding.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { system } from '../../terminology/system.ts';
import type { ClaimView, Provider } from './view.ts';

/** The billing provider and everyone of the care team, with their places. */
export const parties = (
  claim: ClaimView,
): { at: string; provider: Provider | undefined; rendering: boolean }[] => [
  { at: 'Claim.provider', provider: claim.biller, rendering: false },
  ...claim.team.map((m) => ({
    at: `${m.at}.provider`,
    provider: m.provider,
    rendering: ['rendering', 'attending', 'primary', 'prescribing'].some((role) => m.roles.has(role)),
  })),
];

export const npiOf = (provider: Provider | undefined): string | undefined =>
  identifierOf(provider, system.npi);

/** The tax numbers of a provider, without their hyphens. */
export const taxIdsOf = (provider: Provider | undefined): string[] => {
  const all = (provider?.identifier ?? []).filter(
    (i) =>
      i.system === system.taxId || i.system === system.ein || codeOf(i.type, system.identifierType) === 'TAX',
  );
  return [...new Set(all.map((i) => (i.value ?? '').replaceAll('-', '')))];
};

/** The NUCC taxonomy codes of a provider: an organisation's types, a person's qualifications. */
export function taxonomiesOf(provider: Provider | undefined): string[] {
  const concepts =
    provider?.resourceType === 'Organization'
      ? (provider.type ?? [])
      : (provider?.qualification ?? []).map((q) => q.code);
  return concepts.flatMap((c) => codeOf(c, system.taxonomy) ?? []);
}

/** The street address, where there is one; a billing address (pay-to) is none. */
export const streetOf = (addresses: readonly Address[] | undefined): Address | undefined =>
  addresses?.find((a) => a.use !== 'billing') ?? addresses?.[0];

/** True for a PO box or lockbox. */
export const isPostBox = (line: string): boolean =>
  /\b(p\.?\s*o\.?|post\s+office)\s*box\b|\block\s*box\b|^box\s+\d/i.test(line);

/** The digits of a ZIP code. */
export const zipDigits = (address: Address | undefined): string =>
  (address?.postalCode ?? '').replace(/[\s-]/g, '');

/** The member id of a coverage: its identifier of type MB, else the id of the subscriber. */
export const memberIdOf = (coverage: Coverage | undefined): string | undefined =>
  coverage?.identifier?.find((i) => codeOf(i.type, system.identifierType) === 'MB')?.value ??
  coverage?.subscriberId;
