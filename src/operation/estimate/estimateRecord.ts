import type { Claim } from '@medplum/fhirtypes';
import { referenceText } from '../../datatypes/reference.ts';
import type { ToKeep } from '../statement/keepDocument.ts';
import type { patientRecipient } from '../statement/recipient.ts';
import type { AskedEstimate } from './readEstimate.ts';

/** How the letter of an estimate is kept: what it is of, whom it goes to, and `more` that it tells of. */
export const estimateRecord = (
  claim: Claim & { readonly id: string },
  { patient, practice, labels, appointment }: AskedEstimate,
  recipient: ReturnType<typeof patientRecipient>,
  more: readonly string[] = [],
): ToKeep => ({
  type: 'estimate',
  of: referenceText(claim),
  number: claim.identifier?.[0]?.value ?? '',
  practice: referenceText(practice),
  subject: referenceText(patient),
  recipient: recipient.reference.reference ?? '',
  channel: recipient.channel,
  language: recipient.language,
  labels,
  related: [referenceText(claim), ...more, ...(appointment === undefined ? [] : [appointment])],
  figures: [],
});
