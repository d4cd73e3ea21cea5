import { saidAgain } from '../../datatypes/claimAnswer.ts';
import { changed } from '../../datatypes/json.ts';
import type { Claim, ClaimResponse } from '@medplum/fhirtypes';
import { withoutVersions } from '../../datatypes/sentVersion.ts';
import { extension, system } from '../../terminology/system.ts';

/** Why a claim that was submitted has no answer. */
const reasons = {
  'not-connected': 'Submitted; no payer is connected, so nothing answers yet',
  'not-enrolled': 'Submitted; the practice has no active enrolment with the payer, so it waits',
  waiting: 'Submitted; the payer has not answered yet',
  stuck: 'Submitted; a person has to find out whether the payer has it',
} as const;

/** What stands for the answer of a claim that nobody has answered yet. */
export const unanswered = (claim: Claim, on: string, why: keyof typeof reasons): ClaimResponse =>
  changed(head(claim, on), { outcome: 'queued' as const, disposition: reasons[why] });

/** The answer of a payer that has a claim and will not judge it. No money moves. */
export const refused = (claim: Claim, on: string, reason: string): ClaimResponse =>
  changed(head(claim, on), {
    outcome: 'error' as const,
    disposition: 'Refused; the payer has not judged the claim',
    error: [{ code: { text: reason } }],
  });

/** The answer of a payer that asks for something before it judges a claim. No money moves. */
export const asking = (
  claim: Claim,
  on: string,
  { text, messages, payerNumber, place }: Asking,
): ClaimResponse =>
  changed(head(claim, on), {
    ...(payerNumber === ''
      ? {}
      : { identifier: [{ system: system.payerClaimControlNumber, value: payerNumber }] }),
    outcome: 'queued' as const,
    disposition: 'Pended; the payer asks for information',
    processNote: [
      {
        number: 1,
        type: 'print' as const,
        text,
        extension: [{ url: extension.x12Position, valueString: place }],
      },
      ...messages.map((message, i) => ({ number: i + 2, type: 'display' as const, text: message })),
    ],
  });

interface Asking {
  readonly text: string;
  readonly messages: readonly string[]; // what the payer wrote itself
  readonly payerNumber: string; // of the claim; '' where it gave none
  readonly place: string; // the segment that asks: x12-position
}

const head = (sent: Claim, on: string): Omit<ClaimResponse, 'outcome'> => {
  const claim = withoutVersions(sent);
  return { resourceType: 'ClaimResponse', ...saidAgain(claim, on) };
};
