import type { Claim } from '@medplum/fhirtypes';
import type { ClaimForm } from '../../billing/claim/claimLine.ts';
import { isLate, orderOf, partOf } from '../../billing/claim/claimPlace.ts';
import { claimDifferences } from '../../billing/claim/claimDifference.ts';
import { keepAdded } from '../../billing/claim/keepAdded.ts';
import { withoutLine } from '../../billing/claim/layEdits.ts';
import { sameContent } from '../../billing/claim/sameContent.ts';
import { stands } from '../../billing/claim/stands.ts';
import { extensionsOf } from '../../datatypes/extension.ts';
import { changed } from '../../datatypes/json.ts';
import { createResource, find, updateResource } from '../../interaction/repository.ts';
import { conflict, unprocessable } from '../../outcome/fhirError.ts';
import { decided, warning, type Issue } from '../../outcome/issue.ts';
import { isVoidClaim } from '../../terminology/claimFrequency.ts';
import { extension, system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import type { CapturedVisit } from '../charge/captureCharges.ts';
import { claimKey, claimNumberKey, holderOf, releaseKey, reserveKey, type UniqueKey } from '../uniqueKey.ts';
import { editsOfClaim, isOfEdit } from './claimEdits.ts';
import { chargesOfClaim } from './correctedCharges.ts';
import { visitFormOf } from './visitForms.ts';
import { reportCoverage } from './coverageTasks.ts';
import { planClaims, type ClaimPlan } from './planClaims.ts';
import { raiseTask } from '../worklist/task.ts';
import { withoutVersions } from '../../datatypes/sentVersion.ts';

export type WrittenClaim = Claim & { id: string };

/** The claims of a visit, and every decision on the way. */
export interface DraftedClaims {
  readonly claims: readonly WrittenClaim[];
  readonly issues: readonly Issue[];
}

export { partOf };

export const isOfFirstPayer = (claim: Claim): boolean => orderOf(claim) === 1;

/**
 * Drafts the claims of a captured visit, or brings its drafts up to date with the chart; 422 when it cannot be billed,
 * 409 when a submitted claim would say something else now.
 */
export async function draftClaims(
  call: Call,
  visit: CapturedVisit,
  asked?: ClaimForm,
): Promise<DraftedClaims> {
  const known = await claimsOf(call, visit);
  const { billable, invoiced } = apart(visit, known);
  const plan = await planClaims(call, billable, asked);
  if (plan.faults.length > 0) {
    throw unprocessable([...plan.faults, ...visit.issues.filter((i) => i.severity === 'warning')]);
  }
  const submitted = known.filter((c) => c.status === 'active' && orderOf(c) === 1 && !isLate(c));
  for (const claim of submitted) assertAsSent(claim, plan, visit);
  const issues: Issue[] = [...plan.issues, ...invoiced, ...(await reportLeft(call, visit, plan))];
  issues.push(...(await reportCoverage(call, visit, plan.assigned)));
  const first = await writeDrafts(call, visit, { plan, known, issues });
  const later = known.filter((c) => orderOf(c) > 1);
  return { claims: [...first, ...later], issues };
}

/** 409 where the chart would give a submitted claim another content, also only of quantity; it names the lines. */
function assertAsSent(claim: WrittenClaim, plan: ClaimPlan, { review }: CapturedVisit): void {
  const planned = plan.parts.find((p) => p.key === partOf(claim));
  const names = new Set(review.map((c) => `ChargeItem/${c.id}`));
  const changedLines = (claim.item ?? []).flatMap((item) =>
    extensionsOf(item, extension.chargeItem).some((e) => names.has(e.valueReference?.reference ?? ''))
      ? [`line ${item.sequence}: what it bills has changed in the chart`]
      : [],
  );
  const other = samePart(plan, claim);
  const sent = withoutVersions(claim);
  const differences = other ? claimDifferences(sent, other.claim).map((d) => d.text) : ['no line is left'];
  const isSame = planned !== undefined && sameContent(sent, keepAdded(planned.claim, sent), true);
  if (isSame && changedLines.length === 0) return;
  const what = [...new Set([...changedLines, ...(isSame ? [] : differences)])].join('; ');
  const text = `Claim/${claim.id} was submitted and the chart would give another content now ($correct replaces it)`;
  throw conflict('claim-already-submitted', what === '' ? text : `${text}: ${what}`, 'Claim.status');
}

/** What the chart and the biller's edits give for one claim of a visit now; nothing where they no longer give it. */
export async function plannedFor(
  call: Call,
  visit: CapturedVisit,
  claim: Claim,
): Promise<
  | { readonly claim?: Omit<Claim, 'created'>; readonly issues: readonly Issue[] }
  | { readonly faults: readonly Issue[] }
> {
  const known = await claimsOf(call, visit);
  const { billable } = isLate(claim) ? ofClaim(visit, claim) : apart(visit, known);
  const plan = await planClaims(call, billable, visitFormOf([claim, ...known]));
  if (plan.faults.length > 0) return { faults: plan.faults };
  const planned = samePart(plan, claim);
  return { ...(planned ? { claim: planned.claim } : {}), issues: plan.issues };
}

/** The part of a plan that is a claim's: of its name, else the only one, where the visit has moved to another place. */
const samePart = ({ parts }: ClaimPlan, claim: Claim): ClaimPlan['parts'][number] | undefined =>
  parts.find((p) => p.key === partOf(claim)) ?? (parts.length === 1 ? parts[0] : undefined);

/** Cancels the drafts of a visit that never was. */
export async function cancelDrafts(call: Call, encounter: string): Promise<Issue[]> {
  const issues: Issue[] = [];
  for (const claim of await find<Claim>(call.tx, 'Claim', { encounter, status: 'draft' })) {
    if (claim.id === undefined || partOf(claim) === '' || !isOfFirstPayer(claim)) continue;
    const cancelled = changed(claim, { id: claim.id, status: 'cancelled' as const });
    await updateResource<Claim>(call.context, call.tx, cancelled);
    await releaseKey(call.tx, claimKey(encounter, 1, partOf(claim)));
    issues.push(decided('cancelled', 'Claim', `Claim/${claim.id} is cancelled: the visit never was`));
  }
  return issues;
}

/** Brings the drafts of a visit up to date after its charges changed; submitted claims stay as they are. */
export async function redraftClaims(call: Call, visit: CapturedVisit): Promise<Issue[]> {
  const known = await claimsOf(call, visit);
  const drafts = known.filter((c) => c.status === 'draft' && orderOf(c) === 1 && !isLate(c));
  if (drafts.length === 0) return [];
  const plan = await planAgain(call, apart(visit, known).billable, drafts);
  if (plan.faults.length > 0) {
    const standing = new Set(visit.charges.map(({ charge }) => `ChargeItem/${charge.id}`));
    const { empty = [], left = [] } = Object.groupBy(drafts, (d) =>
      billsAny(d, standing) ? 'left' : 'empty',
    );
    const text = `Claim/${left[0]?.id ?? ''} is a draft the chart no longer gives`;
    return [
      ...(await cancelGone(call, `Encounter/${visit.chart.encounter.id}`, empty)),
      ...(left.length > 0 ? [warning('draft-not-updated', 'Claim', text)] : []),
    ];
  }
  const issues: Issue[] = await reportCoverage(call, visit, plan.assigned);
  await writeDrafts(call, visit, { plan, known, issues });
  issues.push(...plan.issues.filter(isOfEdit));
  return issues;
}

/** The plan of drafts that are there; in the form that was asked for, where the usual one does not give them. */
async function planAgain(call: Call, visit: CapturedVisit, drafts: readonly Claim[]): Promise<ClaimPlan> {
  const gives = ({ parts }: ClaimPlan): boolean =>
    drafts.every((d) => parts.some((p) => p.key === partOf(d)));
  const usual = await planClaims(call, visit);
  if (gives(usual)) return usual;
  const asked = await planClaims(call, visit, visitFormOf(drafts));
  return gives(asked) ? asked : usual;
}

/** Every claim of the visit that counts, oldest first. */
async function claimsOf({ tx }: Call, { chart }: CapturedVisit): Promise<WrittenClaim[]> {
  const encounter = `Encounter/${chart.encounter.id}`;
  const claims = (await find<Claim>(tx, 'Claim', { encounter })).flatMap((c) =>
    stands(c) && partOf(c) !== '' && c.id !== undefined && !isVoidClaim(c) ? [changed(c, { id: c.id })] : [],
  );
  const place = (c: WrittenClaim): string => `${orderOf(c)}|${partOf(c)}`;
  const counting: WrittenClaim[] = [];
  for (const claim of claims) {
    // a claim and its replacement are for the same place: the one that holds it counts
    const isAlone = claims.every((c) => c === claim || place(c) !== place(claim));
    const holder = isAlone ? claim : await holderOf(tx, claimKey(encounter, orderOf(claim), partOf(claim)));
    if (holder === undefined || holder.id === claim.id) counting.push(claim);
  }
  return counting;
}

/** Charges that the patient was billed himself stay off the claims: nothing is billed twice. */
function apart(
  visit: CapturedVisit,
  known: readonly WrittenClaim[],
): { readonly billable: CapturedVisit; readonly invoiced: readonly Issue[] } {
  const claimed = new Set(
    known
      .flatMap((c) => c.item ?? [])
      .flatMap((i) => extensionsOf(i, extension.chargeItem).map((e) => e.valueReference?.reference)),
  );
  const isInvoiced = ({ charge }: CapturedVisit['charges'][number]): boolean =>
    charge.status === 'billed' && !claimed.has(`ChargeItem/${charge.id}`);
  const late = new Set(known.filter(isLate).flatMap(chargesOfClaim));
  const isOnLate = ({ charge }: CapturedVisit['charges'][number]): boolean =>
    late.has(`ChargeItem/${charge.id}`);
  const charges = visit.charges.filter((c) => !isInvoiced(c) && !isOnLate(c));
  const invoiced = visit.charges
    .filter(isInvoiced)
    .map(({ charge }) =>
      decided(
        'already-invoiced',
        'ChargeItem.status',
        `ChargeItem/${charge.id} is on an Invoice to the patient`,
      ),
    );
  return { billable: { ...visit, charges }, invoiced };
}

/** A visit with the charges of one claim only. */
function ofClaim(visit: CapturedVisit, claim: Claim): { readonly billable: CapturedVisit } {
  const own = new Set(chargesOfClaim(claim));
  const charges = visit.charges.filter(({ charge }) => own.has(`ChargeItem/${charge.id}`));
  return { billable: { ...visit, charges } };
}

async function writeDrafts(
  call: Call,
  visit: CapturedVisit,
  {
    plan,
    known,
    issues,
  }: { readonly plan: ClaimPlan; readonly known: readonly WrittenClaim[]; readonly issues: Issue[] },
): Promise<WrittenClaim[]> {
  const encounter = `Encounter/${visit.chart.encounter.id}`;
  const claims: WrittenClaim[] = [];
  const first = known.filter((c) => orderOf(c) === 1);
  for (const { key, claim } of plan.parts) {
    const old = first.find((c) => partOf(c) === key);
    const now = old ? keepAdded(claim, old) : claim;
    if (old && (old.status === 'active' || sameContent(old, now, false))) {
      issues.push(decided('already-there', 'Claim', `Claim/${old.id} is there already`));
      claims.push(old);
    } else if (old) {
      const { identifier = [] } = old;
      const draft = changed(now, { id: old.id, identifier, created: call.on });
      claims.push(await updateResource<Claim>(call.context, call.tx, draft));
      issues.push(decided('updated', 'Claim', `Claim/${old.id} follows the chart`));
    } else {
      const made = await createClaim(call, changed(claim, { created: call.on }), claimKey(encounter, 1, key));
      issues.push(decided('created', 'Claim', `Claim/${made.id} is new`));
      claims.push(made);
    }
  }
  const gone = first.filter((c) => c.status === 'draft' && !plan.parts.some((p) => p.key === partOf(c)));
  issues.push(...(await cancelGone(call, encounter, gone)));
  return claims;
}

/** Cancels drafts that the chart no longer gives; the edits of their lines are named. */
async function cancelGone(call: Call, encounter: string, drafts: readonly WrittenClaim[]): Promise<Issue[]> {
  const issues: Issue[] = [];
  for (const gone of drafts) {
    await updateResource<Claim>(call.context, call.tx, changed(gone, { status: 'cancelled' }));
    await releaseKey(call.tx, claimKey(encounter, 1, partOf(gone)));
    issues.push(decided('cancelled', 'Claim', `Claim/${gone.id} is cancelled: the chart no longer gives it`));
    issues.push(...(await editsOfClaim(call.tx, gone)).edits.map(withoutLine));
  }
  return issues;
}

/** Whether a claim bills a charge that stands; a line that names none may, for others wrote it. */
const billsAny = ({ item = [] }: Claim, standing: ReadonlySet<string>): boolean =>
  item.some((line) => {
    const named = extensionsOf(line, extension.chargeItem);
    return named.length === 0 || named.some((e) => standing.has(e.valueReference?.reference ?? ''));
  });

/** Writes a new draft under a patient control number of its own; the keys hold it unique. */
export async function createClaim(call: Call, claim: Claim, key: UniqueKey<Claim>): Promise<WrittenClaim> {
  const number = controlNumber(call.context.newId());
  const type = { coding: [{ system: system.identifierType, code: 'PLAC' }] };
  const identifier = [{ type, system: system.patientControlNumber, value: number }];
  const made = await createResource<Claim>(call.context, call.tx, changed(claim, { identifier }));
  await reserveKey(call.tx, claimNumberKey(number), `Claim/${made.id}`);
  await reserveKey(call.tx, key, `Claim/${made.id}`);
  return made;
}

/** At most 20 characters, letters and digits (billing rule 11); the end of an id is its random part. */
const controlNumber = (id: string): string =>
  `CW${id
    .replace(/[^A-Za-z0-9]/g, '')
    .toUpperCase()
    .slice(-16)
    .padStart(16, '0')}`;

/** A charge that no claim can carry waits on the coding worklist. */
async function reportLeft(call: Call, visit: CapturedVisit, plan: ClaimPlan): Promise<Issue[]> {
  const issues: Issue[] = [];
  for (const { charge, code } of plan.left) {
    const text = `${charge}: ${code.code} is no HCPCS or CPT code, and only an inpatient claim can carry it`;
    issues.push(warning('no-billing-code', 'ChargeItem.code', text));
    await raiseTask(call, {
      code: 'coding',
      focus: charge,
      detail: 'no-billing-code',
      text,
      patient: `Patient/${visit.patient.id}`,
      encounter: `Encounter/${visit.chart.encounter.id}`,
    });
  }
  return issues;
}
