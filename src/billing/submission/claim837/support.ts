import type { Claim, ClaimItem, ClaimSupportingInfo } from '@medplum/fhirtypes';

/** What a claim says beside its lines, by category and by where it belongs. */

const isOf = ({ category }: ClaimSupportingInfo, code: string): boolean =>
  category.coding?.some((c) => c.code === code) === true;

export const categoryOf = ({ category }: ClaimSupportingInfo): string => category.coding?.[0]?.code ?? '';

/** All entries of a category. */
export const supportOf = ({ supportingInfo = [] }: Claim, category: string): ClaimSupportingInfo[] =>
  supportingInfo.filter((info) => isOf(info, category));

/** What belongs to no line. */
export function ofClaim({ supportingInfo = [], item = [] }: Claim): ClaimSupportingInfo[] {
  const ofLines = new Set(item.flatMap(({ informationSequence = [] }) => informationSequence));
  return supportingInfo.filter(({ sequence }) => !ofLines.has(sequence));
}

/** What one line points at. */
export function ofLine(
  { supportingInfo = [] }: Claim,
  { informationSequence = [] }: ClaimItem,
): ClaimSupportingInfo[] {
  return supportingInfo.filter(({ sequence }) => informationSequence.includes(sequence));
}

/** An entry that was read and has no sequence yet. */
export type ReadSupport = Omit<ClaimSupportingInfo, 'sequence'>;
