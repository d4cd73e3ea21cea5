import type { Claim, ClaimResponse, Extension } from '@medplum/fhirtypes';
import { centsOf, sum, zero, type Cents } from '../../datatypes/cents.ts';
import { saidAgain } from '../../datatypes/claimAnswer.ts';
import { changed, without } from '../../datatypes/json.ts';
import { extension, system } from '../../terminology/system.ts';

/** A claim that a former system sent, and what is known of it. */
export interface SentClaim {
  readonly claim: Claim;
  readonly number: string; // under which it was sent
  readonly sent: string; // FHIR date
  readonly payer: string; // Organization/1
  readonly account: string; // Account/1
  readonly marks: readonly Extension[]; // what is kept of the former system
}

/** The number under which a claim was sent: the identifier of our system, else the one of type PLAC. */
export const numberSent = (claim: Claim): string | undefined =>
  (
    claim.identifier?.find((i) => i.system === system.patientControlNumber) ??
    claim.identifier?.find((i) => i.type?.coding?.some((c) => c.code === 'PLAC'))
  )?.value?.trim();

/** Extensions of ours that only our own claims have: they name charges, drafts and rounds that are not here. */
const ofOurRoad: readonly string[] = [
  ...[
    extension.account,
    extension.broughtForward,
    extension.formerAnswer,
    extension.crossedOver,
    extension.claimHold,
  ],
  ...[extension.resubmissionOf, extension.correctionReason, extension.claimPart],
];

/** The claim as it is kept: as it was sent, active, dated by its sending, under its number. */
export function keptClaim({ claim, number, sent, payer, account, marks }: SentClaim): Claim {
  const others = (claim.identifier ?? []).filter(
    (i) => i.system !== system.patientControlNumber && i.value?.trim() !== number,
  );
  return changed(without(claim, 'id', 'meta', 'text'), {
    status: 'active' as const,
    created: sent,
    insurer: { reference: payer },
    identifier: [
      {
        type: { coding: [{ system: system.identifierType, code: 'PLAC' }] },
        system: system.patientControlNumber,
        value: number,
      },
      ...others,
    ],
    extension: [
      ...(claim.extension ?? []).filter((e) => !ofOurRoad.includes(e.url)),
      { url: extension.account, valueReference: { reference: account } },
      ...marks,
    ],
  });
}

/** What stands for the answer of a payer that the former system sent a claim to and still waits for. */
export const awaitedAnswer = (
  claim: Claim & { id: string },
  {
    sent,
    on,
    payerNumber,
  }: { readonly sent: string; readonly on: string; readonly payerNumber: string | undefined },
): ClaimResponse => ({
  resourceType: 'ClaimResponse',
  ...(payerNumber === undefined
    ? {}
    : { identifier: [{ system: system.payerClaimControlNumber, value: payerNumber }] }),
  ...saidAgain(claim, on),
  outcome: 'queued',
  disposition: `Sent by the former system on ${sent}; its payer has not answered yet`,
});

/** Where what is open stands: on the lines where all of the charge is open, else on the claim as a whole. */
export function openedLines(
  claim: Claim,
  open: Cents,
): { readonly item?: number | undefined; readonly amount: Cents }[] {
  const lines = (claim.item ?? []).map((i) => ({ item: i.sequence, amount: centsOf(i.net) ?? zero }));
  const isAll = open === centsOf(claim.total) && open === sum(lines.map((l) => l.amount));
  return isAll && lines.every((l) => l.amount > 0) ? lines : [{ amount: open }];
}
