import type { Claim, ClaimResponse, Consent, Coverage } from '@medplum/fhirtypes';
import type { Limits } from '../../billing/invoice/limits.ts';
import { isEmergencyLine, isNoSurprisesRemark, noticeModifiers } from '../../billing/collection/protected.ts';
import { addDays, dateOf } from '../../datatypes/date.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { find, resolve } from '../../interaction/repository.ts';
import { isMedicare } from '../../terminology/coverageType.ts';
import { system } from '../../terminology/system.ts';
import { has } from '../../datatypes/coding.ts';
import { isCompensation } from '../../billing/claim/episodeCase.ts';
import { recordsOf } from '../merge/replacedBy.ts';
import { caseOfClaim } from '../claim/caseOfVisit.ts';
import { lifeOf } from '../claim/claimLife.ts';
import type { Call } from '../operation.ts';
import { correctionKey, holderOf, taskKey } from '../uniqueKey.ts';
import { isOpen, serviceDay } from './patientLimits.ts';

/** What keeps the share of a claim from its patient by law, or while an appeal or a correction is open. */
export async function ruleLimits(
  call: Call,
  claims: readonly Claim[],
  responses: readonly ClaimResponse[],
): Promise<Pick<Limits, 'waits' | 'noSurprises' | 'noticed'>> {
  const last = claims.at(-1);
  if (!last) return {};
  const consents = await consentsOf(call, last);
  const remarked = responses.some((r) => remarksOf(r).some(isNoSurprisesRemark));
  const itemOf = (sequence: number | undefined) => (last.item ?? []).find((i) => i.sequence === sequence);
  const isEmergency = (sequence: number | undefined): boolean =>
    sequence === undefined
      ? (last.item ?? []).some(isEmergencyLine)
      : isEmergencyLine(itemOf(sequence) ?? { sequence: 0, productOrService: {} });
  const mayBalance = consents.some((c) => isBefore(c, last, 'no-surprises-consent'));
  const asksForNotice = await isOfMedicare(call, last);
  const isNoticed = (item: number | undefined): boolean => {
    const items = item === undefined ? (last.item ?? []) : [itemOf(item)];
    const codes = items.flatMap((i) => (i?.modifier ?? []).flatMap((m) => m.coding ?? []));
    return (
      codes.some((c) => noticeModifiers.has(c.code ?? '')) ||
      consents.some((c) => isBefore(c, last, 'notice-of-noncoverage'))
    );
  };
  return {
    waits: await waitsFor(call, claims),
    // an emergency is never consented to
    noSurprises: (item) => isEmergency(item) || (remarked && !mayBalance),
    // Medicare asks for a notice; other plans say nothing of one here
    noticed: (item) => !asksForNotice || isNoticed(item),
  };
}

async function isOfMedicare({ tx }: Call, { insurance }: Claim): Promise<boolean> {
  for (const { coverage } of insurance) {
    const found = await resolve<Coverage>(tx, 'Coverage', coverage);
    if (found && isMedicare(found)) return true;
  }
  return false;
}

/** Compensation for work, an appeal that is open, or a corrected claim that may still take the place of this one. */
async function waitsFor({ tx }: Call, claims: readonly Claim[]): Promise<Limits['waits']> {
  for (const claim of claims) {
    const ofCase = await caseOfClaim(tx, claim);
    if (ofCase && isCompensation(ofCase)) return 'compensation';
  }
  for (const claim of claims) {
    const name = referenceText(claim);
    if (isOpen(await holderOf(tx, taskKey('appeal', name)))) return 'appeal-open';
    const correction = await holderOf(tx, correctionKey(name));
    if (correction && !(await isSettled(tx, claim, correction))) return 'correction-open';
  }
  return undefined;
}

/**
 * Whether nothing more comes of a correction: its payer refused it, so that the claim stands, or it has been decided on
 * and stands in the place of the claim. One that was paid while the claim stands awaits that its answer is taken back.
 */
async function isSettled(tx: Call['tx'], claim: Claim, correction: Claim & { id: string }): Promise<boolean> {
  const { answer, state } = await lifeOf(tx, correction);
  if (state === 'rejected' || state === 'denied') return true;
  return claim.status === 'cancelled' && answer?.outcome === 'complete';
}

const consentsOf = async ({ tx }: Call, claim: Claim): Promise<Consent[]> =>
  (
    await find<Consent>(tx, 'Consent', {
      patient: (await recordsOf(tx, claim.patient.reference)).join(','),
    })
  ).filter((c) => c.status === 'active');

/** Whether a notice of a kind was signed in time: the consent to balance bills three days before, others by the day. */
function isBefore(
  consent: Consent,
  claim: Claim,
  kind: 'no-surprises-consent' | 'notice-of-noncoverage',
): boolean {
  const day = serviceDay(claim);
  if (day === undefined || consent.dateTime === undefined) return false;
  const isOfKind = consent.category.some((category) => has(category, system.notice, kind));
  const last = kind === 'no-surprises-consent' ? addDays(day, -3) : day;
  return isOfKind && dateOf(consent.dateTime) <= last;
}

/** The remark codes of an answer. */
const remarksOf = (response: ClaimResponse): string[] =>
  [
    ...(response.processNote ?? []).map((note) => note.text),
    ...JSON.stringify(response)
      .matchAll(/"code":"([A-Z]{1,2}\d{1,4})"/g)
      .map(([, code = '']) => code),
  ].flatMap((text) => text.match(/\b(?:N|MA|M)\d{1,3}\b/g) ?? []);
