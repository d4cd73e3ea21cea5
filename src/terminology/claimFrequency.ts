import type { Claim, ClaimSupportingInfo } from '@medplum/fhirtypes';
import { system } from './system.ts';

/**
 * The claim frequency code (837 CLM05-3): 1 an original, 7 a replacement, 8 a void; of interim bills 2 to 4. On an
 * institutional claim it is the last character of the type of bill, on others supportingInfo of category
 * `claim-frequency`; without either the claim is an original. Billing rules 13 and 14.
 */
export function frequencyOf({ supportingInfo = [] }: Pick<Claim, 'supportingInfo'>): string {
  const of = (uri: string, code: string): string | undefined =>
    supportingInfo.find((s) => isOf(s, uri, code))?.code?.coding?.[0]?.code;
  const own = of(system.supportingInfo, category);
  return own ?? of(system.c4bbSupportingInfo, 'typeofbill')?.slice(-1) ?? '1';
}

const category = 'claim-frequency';

const isOf = ({ category: given }: ClaimSupportingInfo, uri: string, code: string): boolean =>
  given.coding?.some((c) => (c.system ?? uri) === uri && c.code === code) === true;

/** What a claim says beside its lines, of another frequency: the end of its type of bill, else an entry of its own. */
export function supportOfFrequency(
  support: readonly ClaimSupportingInfo[],
  frequency: string,
): ClaimSupportingInfo[] {
  const bill = support.find((s) => isOf(s, system.c4bbSupportingInfo, 'typeofbill'));
  const rest = support.filter((s) => !isOf(s, system.supportingInfo, category));
  if (bill) {
    const former = bill.code?.coding?.[0]?.code ?? '';
    const code = { coding: [{ system: system.typeOfBill, code: `${former.slice(0, -1)}${frequency}` }] };
    return rest.map((s) => (s === bill ? { ...s, code } : s));
  }
  if (frequency === '1') return rest;
  const entry: ClaimSupportingInfo = {
    sequence: Math.max(0, ...rest.map((s) => s.sequence)) + 1,
    category: { coding: [{ system: system.supportingInfo, code: category }] },
    code: { coding: [{ system: system.typeOfBill, code: frequency }] },
  };
  return [...rest, entry];
}

/** What a replacement or void is for: the prior claim, and the number its payer gave it (837 REF*F8). */
export interface PriorClaim {
  readonly claim: string | undefined; // Claim/1
  readonly number: string | undefined; // the payer's claim control number
}

/** The prior claim that a replacement or void names; undefined for an original. */
export function priorClaimOf({ related = [] }: Pick<Claim, 'related'>): PriorClaim | undefined {
  const prior = related.find(
    ({ relationship }) =>
      relationship === undefined || relationship.coding?.some((c) => c.code === 'prior') === true,
  );
  return prior && { claim: prior.claim?.reference?.split('/_history/')[0], number: prior.reference?.value };
}

/** Whether a claim replaces an earlier one (frequency 7), or takes one back (8). */
export const isReplacement = (claim: Claim): boolean =>
  priorClaimOf(claim) !== undefined && frequencyOf(claim) === '7';
export const isVoidClaim = (claim: Claim): boolean =>
  priorClaimOf(claim) !== undefined && frequencyOf(claim) === '8';
