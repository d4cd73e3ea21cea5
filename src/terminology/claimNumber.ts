import type { Claim, ClaimSupportingInfo } from '@medplum/fhirtypes';
import { system } from './system.ts';

/** CLM01: the patient control number. */
export const controlNumberOf = ({ identifier = [] }: Claim): string =>
  (
    identifier.find((i) => i.type?.coding?.some(({ code }) => code === 'PLAC') === true) ??
    identifier.find((i) => i.system === system.patientControlNumber) ??
    identifier[0]
  )?.value ?? '';

/**
 * The number that a document of a claim comes with (837 PWK06, box 19, cover sheet): given, else made of the number of the
 * claim and the sequence. A claim that is sent once more keeps it, whatever round its own number (CLM01) names.
 */
export const attachmentNumber = ({ valueReference, sequence }: ClaimSupportingInfo, claim: Claim): string =>
  valueReference?.identifier?.value ?? `${controlNumberOf(claim) || (claim.id ?? '')}A${sequence}`;
