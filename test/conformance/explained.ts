import type {
  Account,
  ClaimSupportingInfo,
  CodeableConcept,
  ExplanationOfBenefit,
  Money,
  Parameters,
} from '@medplum/fhirtypes';
import type { Office } from '../firm/office.ts';
import { profileFaults } from './profile/check.ts';
import { c4bb, c4bbUrl } from './profile/guide.ts';

interface Entry {
  readonly category: CodeableConcept;
  readonly reason?: CodeableConcept;
  readonly amount?: Money;
}

/** Amounts by category; adjustments as group and reason: PR-1. */
export const amountsOf = (entries: readonly Entry[] | undefined): Readonly<Record<string, number>> =>
  Object.fromEntries(
    (entries ?? []).flatMap(({ category, reason, amount }) => {
      const code = category.coding?.[0]?.code ?? '';
      const why = reason?.coding?.[0]?.code;
      return amount?.value === undefined
        ? []
        : [[why === undefined ? code : `${code}-${why}`, amount.value] as const];
    }),
  );

/** What breaks the base profile and the one of the kind, by the published definitions. */
export function eobFaults(eob: ExplanationOfBenefit | undefined, kind: string): string[] {
  if (!eob) return ['no explanation'];
  const names = ['ExplanationOfBenefit', `ExplanationOfBenefit-${kind}`];
  return names.flatMap((name) => profileFaults(c4bb(), c4bbUrl(name), eob));
}

export const explanationsOf = (
  office: Office,
  patient: string,
): Promise<(ExplanationOfBenefit & { id: string })[]> =>
  office.find<ExplanationOfBenefit>(`ExplanationOfBenefit?patient=Patient/${patient}`);

/** What stands beside the lines under a category of C4BB. */
export const infoOf = (
  of: { readonly supportingInfo?: readonly ClaimSupportingInfo[] } | undefined,
  category: string,
): Omit<ClaimSupportingInfo, 'sequence' | 'category'>[] =>
  (of?.supportingInfo ?? [])
    .filter((s) => s.category.coding?.[0]?.code === category)
    .map(({ sequence: _sequence, category: _category, ...rest }) => rest);

/** Insurance, patient and total of the one Account of a patient. */
export async function balanceOf(office: Office, patient: string): Promise<Readonly<Record<string, number>>> {
  const [account] = await office.find<Account>(`Account?subject=Patient/${patient}`);
  const { body } = await office.send('get', `Account/${account?.id ?? ''}/$balance`);
  const named = (name: string): number =>
    (body as Parameters).parameter?.find((p) => p.name === name)?.valueMoney?.value ?? NaN;
  return { insurance: named('insurance'), patient: named('patient'), total: named('total') };
}
