import type { Claim, Organization, OrganizationAffiliation } from '@medplum/fhirtypes';
import { orderOf, partOf } from '../../billing/claim/claimPlace.ts';
import { correctingDraft, payerNumber, type CorrectionReason } from '../../billing/claim/correction.ts';
import { correctionRules, ruleFor, type CorrectionRule } from '../../billing/claim/correctionRule.ts';
import { refusalOf } from '../../billing/claim/life.ts';
import { addDays, dateOf } from '../../datatypes/date.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { changed } from '../../datatypes/json.ts';
import { parseReference, referenceText, same } from '../../datatypes/reference.ts';
import { withoutVersions } from '../../datatypes/sentVersion.ts';
import { find, resolve, updateResource } from '../../interaction/repository.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, decided, missing } from '../../outcome/issue.ts';
import { keepAdded } from '../../billing/claim/keepAdded.ts';
import { sameContent } from '../../billing/claim/sameContent.ts';
import { isReplacement } from '../../terminology/claimFrequency.ts';
import { extension } from '../../terminology/system.ts';
import { captureCharges } from '../charge/captureCharges.ts';
import { readVisit } from '../charge/visit.ts';
import type { Call } from '../operation.ts';
import { claimKey, correctionKey, holderOf, releaseKey, reserveKey } from '../uniqueKey.ts';
import { lifeOf, requireStep, type ClaimLife } from './claimLife.ts';
import type { Corrected, Correcting } from './correcting.ts';
import { createClaim, plannedFor, type WrittenClaim } from './draftClaims.ts';
import { isOfEdit } from './claimEdits.ts';
import { handedTo } from './endVoided.ts';
import { followPrior } from './followPrior.ts';
import { resubmit } from './resubmit.ts';
import { formOf } from './visitForms.ts';
import { giveBackPlace, withdraw } from './withdraw.ts';

/**
 * Drafts what corrects a claim, in the way its payer takes corrections: a replacement that follows the chart (7), a void
 * (8) after which the charges are billed anew, or a new original where the payer never judged it. A repeat finds the
 * same draft.
 */
export async function correctClaim(call: Call, claim: WrittenClaim, asked: Correcting): Promise<Corrected> {
  const known = await correctionOf(call, claim, '7');
  if (known) return known;
  const life = await lifeOf(call.tx, claim);
  requireStep(claim, life.state, 'correct');
  const rule = await correctionRule(call, claim, life);
  refuseLate(call, claim, { life, rule });
  if (rule.way === 'appeal') {
    const text = 'this payer takes no corrected claim here: appeal its decision';
    throw unprocessable([businessFault('correction-by-appeal', 'Claim.insurer', text)]);
  }
  if (rule.way === 'original') return resubmit(call, claim, { ...asked, life });
  requireChangeReason(rule, asked);
  if (rule.way === 'void-and-original') {
    const voided = await voidClaim(call, claim, asked);
    const text = 'this payer takes no replacement: after the void $generate-claim bills the charges anew';
    return { ...voided, issues: [decided('void-first', 'Claim.insurer', text), ...voided.issues] };
  }
  const made = await draftCorrection(call, claim, { life, reason: { ...asked, frequency: '7' } });
  const followed = await followChart(call, made, claim);
  const text = `Claim/${made.id} replaces ${referenceText(claim)}: $edit it where needed, then $submit`;
  return { claim: followed.claim, issues: [decided('created', 'Claim', text), ...followed.issues] };
}

/** Drafts the claim that takes another one back: the content that was sent, with frequency 8. */
export async function voidClaim(call: Call, claim: WrittenClaim, asked: Correcting): Promise<Corrected> {
  const known = await correctionOf(call, claim, '8');
  if (known) return known;
  const life = await lifeOf(call.tx, claim);
  requireStep(claim, life.state, 'void');
  if (refusalOf(life.state) === 'rejected') return resubmit(call, claim, { ...asked, life, dropped: true });
  const journal = await call.tx.journal(accountOf(claim));
  if (orderOf(claim) > 1 && handedTo(journal, referenceText(claim)).length === 0) {
    const text =
      'nothing was handed on to this claim of a further payer, or to one that it replaced: $correct it instead';
    throw unprocessable([businessFault('void-of-further-payer', 'Claim.insurance', text)]);
  }
  const made = await draftCorrection(call, claim, { life, reason: { ...asked, frequency: '8' } });
  const text = `Claim/${made.id} takes ${referenceText(claim)} back: $submit it`;
  return { claim: made, issues: [decided('created', 'Claim', text)] };
}

/** The correction that there is: a draft, or one that waits for its payer. One that its payer refused is no hindrance. */
async function correctionOf(
  call: Call,
  claim: WrittenClaim,
  frequency: CorrectionReason['frequency'],
): Promise<Corrected | undefined> {
  const known = await holderOf(call.tx, correctionKey(referenceText(claim)));
  if (!known) return undefined;
  const { answer, state } = await lifeOf(call.tx, known);
  if (claim.status === 'active' && (answer?.outcome === 'complete' || state === 'rejected')) {
    await releaseKey(call.tx, correctionKey(referenceText(claim)));
    await giveBackPlace(call.tx, known, claim);
    if (answer?.outcome === 'error')
      await withdraw(call, { claim: known, account: accountOf(known), state: 'withdrawn' });
    return undefined;
  }
  if (frequency === '7' && known.status === 'draft' && isReplacement(known) && orderOf(known) === 1) {
    // the chart may have changed since it was drafted
    const { claim: followed, issues } = await followChart(call, known, claim);
    const text = `Claim/${known.id} is the correction of ${referenceText(claim)} already, and follows the chart`;
    return { claim: followed, issues: [decided('already-there', 'Claim', text), ...issues] };
  }
  const what = frequency === '7' ? 'the correction' : 'the void';
  const text = `Claim/${known.id} is ${what} of ${referenceText(claim)} already, or stands in its place`;
  return { claim: known, issues: [decided('already-there', 'Claim', text)] };
}

/** How the payer takes corrections of such a claim: by its own rules, those of the route to it first. */
async function correctionRule(
  { tx }: Call,
  claim: WrittenClaim,
  { state }: ClaimLife,
): Promise<CorrectionRule> {
  const insurer = withoutVersions(claim).insurer;
  const routes = await find<OrganizationAffiliation>(tx, 'OrganizationAffiliation', {
    'primary-organization': insurer?.reference ?? '',
  });
  const ours = routes.filter(
    (r) => r.active !== false && same(r.participatingOrganization, withoutVersions(claim).provider),
  );
  const payer = await resolve<Organization>(tx, 'Organization', insurer);
  const rules = [...ours.flatMap(correctionRules), ...correctionRules(payer)];
  return ruleFor(rules, formOf(claim), refusalOf(state));
}

/** A correction after the days that the payer gives for it is refused before it is drafted. */
function refuseLate(
  { on }: Call,
  claim: WrittenClaim,
  { life, rule }: { readonly life: ClaimLife; readonly rule: CorrectionRule },
): void {
  if (rule.days === undefined || life.answer === undefined) return;
  const last = addDays(dateOf(life.answer.created), rule.days);
  if (on <= last) return;
  const text = `the payer takes corrections of ${referenceText(claim)} until ${last}: appeal, or write off`;
  throw unprocessable([businessFault('correction-too-late', 'Claim', text)]);
}

function requireChangeReason(rule: CorrectionRule, { changeReason }: Correcting): void {
  if (!rule.changeReason || changeReason !== undefined) return;
  const at = "Parameters.parameter.where(name='changeReason')";
  const text = 'this payer asks for a claim change reason: D0 to D9 or E0';
  throw unprocessable([missing('change-reason-missing', at, text)]);
}

const accountOf = (claim: WrittenClaim): string =>
  extensionOf(claim, extension.account)?.valueReference?.reference ?? '';

const visitOf = (claim: WrittenClaim): string =>
  claim.item?.find((i) => i.encounter)?.encounter?.[0]?.reference ?? `Claim/${claim.id}`;

/** Writes the draft, which takes the place of the claim among the claims of the visit (7), or none (8). */
async function draftCorrection(
  call: Call,
  claim: WrittenClaim,
  { life, reason }: { readonly life: ClaimLife; readonly reason: CorrectionReason },
): Promise<WrittenClaim> {
  const last = life.answer ?? life.answers.findLast((a) => payerNumber(a) !== undefined);
  if (!last || payerNumber(last) === undefined) {
    const text = `the payer gave ${referenceText(claim)} no control number, so it cannot be named in a correction`;
    throw unprocessable([missing('payer-number-missing', 'ClaimResponse.identifier', text)]);
  }
  const draft = changed(correctingDraft(claim, last, reason), { created: call.on });
  const encounter = visitOf(claim);
  const correction = correctionKey(referenceText(claim));
  if (reason.frequency === '8') return createClaim(call, draft, correction);
  const place = claimKey(encounter, orderOf(claim), partOf(claim));
  if ((await holderOf(call.tx, place))?.id === claim.id) await releaseKey(call.tx, place);
  const made = await createClaim(call, draft, place);
  await reserveKey(call.tx, correction, referenceText(made));
  return made;
}

/** A replacement says what the chart gives now; wrong patient, provider or payer need a void first. */
async function followChart(call: Call, draft: WrittenClaim, before: WrittenClaim): Promise<Corrected> {
  const encounter = parseReference(draft.item?.[0]?.encounter?.[0]?.reference);
  if (orderOf(draft) > 1) return followPrior(call, draft);
  if (partOf(draft) === '' || encounter?.type !== 'Encounter') {
    const text = 'it says what was sent: no chart gives it, change it as a draft';
    return { claim: draft, issues: [decided('content-as-sent', 'Claim', text)] };
  }
  const captured = await captureCharges(call, await readVisit(call, encounter.id));
  const planned = await plannedFor(call, captured, draft);
  if ('faults' in planned) throw unprocessable(planned.faults);
  if (!planned.claim) {
    const text = 'the chart gives nothing to this payer any more: $void takes the claim back';
    throw unprocessable([businessFault('void-first', 'Claim', text)]);
  }
  refuseOthers(planned.claim, withoutVersions(before));
  const now = keepAdded(planned.claim, draft);
  const late = captured.issues.filter((i) => i.severity === 'warning');
  const issues = [...late, ...planned.issues.filter(isOfEdit)];
  if (sameContent(now, draft, false)) return { claim: draft, issues };
  const { identifier = [] } = draft;
  const claim = await updateResource<Claim>(
    call.context,
    call.tx,
    changed(now, { id: draft.id, identifier, created: call.on }),
  );
  return { claim: changed(claim, { id: draft.id }), issues };
}

function refuseOthers(now: Omit<Claim, 'created'>, sent: Claim): void {
  const others = (['patient', 'provider', 'insurer'] as const).filter((name) => !same(now[name], sent[name]));
  if (others.length === 0) return;
  const text = `another ${others.join(' and ')}: $void the claim, then $generate-claim bills it anew`;
  throw unprocessable(others.map((name) => businessFault('void-first', `Claim.${name}`, text)));
}
