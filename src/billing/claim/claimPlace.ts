import type { Claim } from '@medplum/fhirtypes';
import { extensionOf } from '../../datatypes/extension.ts';
import { extension } from '../../terminology/system.ts';

/** The part of its visit that a claim is for; empty for a claim that others made. */
export const partOf = (claim: Pick<Claim, 'extension'>): string =>
  extensionOf(claim, extension.claimPart)?.valueString ?? '';

/** The place of the payer a claim goes to: 1 for the first. */
export const orderOf = ({ insurance }: Pick<Claim, 'insurance'>): number =>
  insurance.find((i) => i.focal)?.sequence ?? 1;

const late = / late \d+$/;

/** Whether a claim bills charges that came after the claim of its visit had been sent, by themselves. */
export const isLate = (claim: Pick<Claim, 'extension'>): boolean => late.test(partOf(claim));

/** The part of a claim for late charges: that of the visit's claim, and which of them it is. */
export const latePart = (part: string, which: number): string => `${part} late ${which.toString()}`;
