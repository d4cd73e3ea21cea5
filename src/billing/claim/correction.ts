import type { Claim, ClaimResponse, ClaimSupportingInfo } from '@medplum/fhirtypes';
import { concept, has } from '../../datatypes/coding.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { changed, without } from '../../datatypes/json.ts';
import { withoutVersions } from '../../datatypes/sentVersion.ts';
import { frequencyOf, priorClaimOf, supportOfFrequency } from '../../terminology/claimFrequency.ts';
import { isLate } from './claimPlace.ts';
import { extension, system } from '../../terminology/system.ts';

/** Why a claim is sent again or taken back. */
export interface CorrectionReason {
  readonly reason: string;
  readonly changeReason?: string | undefined; // D0 to D9, E0
  readonly frequency: '7' | '8';
}

/**
 * The draft that replaces (7) or takes back (8) a claim: for now with the content that was sent, the prior claim with the
 * number its payer gave it, and the reason. Billing rules 14 and 15.
 */
export function correctingDraft(
  sent: Claim & { id: string },
  answer: ClaimResponse | undefined,
  { reason, changeReason, frequency }: CorrectionReason,
): Claim {
  const claim = withoutVersions(sent);
  const number = answer && payerNumber(answer);
  const own = (claim.extension ?? []).filter((e) => e.url !== extension.correctionReason);
  return changed(without(claim, 'id', 'meta', 'identifier', 'text', 'related'), {
    extension: [...own, { url: extension.correctionReason, valueString: reason }],
    status: 'draft' as const,
    related: [
      {
        claim: { reference: `Claim/${sent.id}` },
        relationship: concept(system.relatedClaim, 'prior'),
        ...(number === undefined
          ? {}
          : { reference: { system: system.payerClaimControlNumber, value: number } }),
      },
    ],
    supportingInfo: supportOfFrequency(withChangeReason(claim.supportingInfo ?? [], changeReason), frequency),
  });
}

/** The number a payer gave a claim (835 CLP07, 277CA): a replacement or void carries it. */
export const payerNumber = (answer: ClaimResponse): string | undefined =>
  identifierOf(answer, system.payerClaimControlNumber);

/** A claim change reason is a condition code beside those that are there. */
function withChangeReason(
  support: readonly ClaimSupportingInfo[],
  changeReason: string | undefined,
): ClaimSupportingInfo[] {
  const isChange = (s: ClaimSupportingInfo): boolean =>
    has(s.category, system.supportingInfo, 'condition-code') &&
    /^(?:D[0-9]|E0)$/.test(s.code?.coding?.[0]?.code ?? '');
  const rest = support.filter((s) => !isChange(s));
  if (changeReason === undefined) return rest;
  const entry: ClaimSupportingInfo = {
    sequence: Math.max(0, ...rest.map((s) => s.sequence)) + 1,
    category: concept(system.supportingInfo, 'condition-code'),
    code: concept(system.conditionCode, changeReason),
  };
  return [...rest, entry];
}

/** What the chart gives now for a claim that corrects another, with what makes it a correction. */
export function keepCorrection<T extends Omit<Claim, 'created'>>(planned: T, before: Claim): T {
  if (!priorClaimOf(before) && !before.extension?.some(isOfCorrection) && !isLate(before)) return planned;
  const kept = (before.extension ?? []).filter(isOfCorrection);
  const frequency = frequencyOf(before);
  const isKept = ['7', '8', lateCharges].includes(frequency);
  return changed(planned, {
    extension: [...(planned.extension ?? []).filter((e) => !isOfCorrection(e)), ...kept],
    ...(isKept ? { supportingInfo: supportOfFrequency(planned.supportingInfo ?? [], frequency) } : {}),
  });
}

/** The frequency of an institutional claim for late charges only. */
const lateCharges = '5';

/** What the chart gives for charges that came late: a claim by itself, which names no other. */
export const lateClaim = <T extends Omit<Claim, 'created'>>(planned: T, part: string): T =>
  changed(planned, {
    extension: [
      ...(planned.extension ?? []).filter((e) => e.url !== extension.claimPart),
      { url: extension.claimPart, valueString: part },
    ],
    ...(has(planned.type, system.claimType, 'institutional')
      ? { supportingInfo: supportOfFrequency(planned.supportingInfo ?? [], lateCharges) }
      : {}),
  });

const isOfCorrection = ({ url }: { readonly url: string }): boolean =>
  url === extension.correctionReason || url === extension.resubmissionOf;

/** Where a correction bills a charge of the claim before it: its line there; undefined where it does not. */
export function lineOfCharge(claim: Claim, charge: string): number | undefined {
  return claim.item?.find((item) =>
    item.extension?.some((e) => e.url === extension.chargeItem && e.valueReference?.reference === charge),
  )?.sequence;
}
