import type { Claim } from '@medplum/fhirtypes';
import { extensionOf } from '../../datatypes/extension.ts';
import { extension } from '../../terminology/system.ts';

/** The part of its visit that a claim is for; empty for a claim that others made. */
export const partOf = (claim: Pick<Claim, 'extension'>): string =>
  extensionOf(claim, extension.claimPart)?.valueString ?? '';

/** The place of the payer a claim goes to: 1 for the first. */
export const orderOf = ({ insurance }: Pick<Claim, 'insurance'>): number =>
  insurance.find((i) => i.focal)?.sequence ?? 1;
