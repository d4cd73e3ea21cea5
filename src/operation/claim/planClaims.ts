import type { Claim, Organization, PaymentNotice, ServiceRequest } from '@medplum/fhirtypes';
import { assemble, type ClaimBasis } from '../../billing/claim/assemble.ts';
import { authorizeLines } from '../../billing/claim/authorize.ts';
import { assign, type Assigned } from '../../billing/claim/assign.ts';
import type { ClaimForm, ClaimLine } from '../../billing/claim/claimLine.ts';
import { missingTeethOf } from '../../billing/claim/oralSite.ts';
import type { PayerOrder } from '../../billing/claim/payerOrder.ts';
import { split } from '../../billing/claim/split.ts';
import { visitDiagnoses } from '../../billing/coding/diagnosis.ts';
import { dayIn } from '../../billing/charge/night.ts';
import { paidAhead } from '../../billing/ledger/index.ts';
import { zero, type Cents } from '../../datatypes/cents.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { find, resolve } from '../../interaction/repository.ts';
import { decided, type Issue } from '../../outcome/issue.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { authorizedFor, usedFor } from '../authorization/inHand.ts';
import type { CapturedVisit } from '../charge/captureCharges.ts';
import { cliniciansOf } from '../charge/clinicians.ts';
import { withEdits } from './claimEdits.ts';
import { caseOfVisit } from './caseOfVisit.ts';
import { coverOf } from './cover.ts';
import { restrictedAmong } from './restricted.ts';
import { formFaults, formIssues } from './visitForms.ts';
import { linesOfVisit, noneAssigned, payersOfVisit } from './visitLines.ts';
import { participants } from '../charge/visit.ts';

/** What the chart would bill to the first payer, part by part. */
export interface ClaimPlan {
  readonly parts: readonly { readonly key: string; readonly claim: Omit<Claim, 'created'> }[];
  readonly payers: PayerOrder;
  /** Charges that no claim of this visit can carry. */
  readonly left: readonly ClaimLine[];
  /** Where the lines go that are on no claim because of their coverage. */
  readonly assigned: Omit<Assigned, 'groups' | 'issues'>;
  readonly issues: readonly Issue[];
  readonly faults: readonly Issue[];
}

/** Decides payer, form, parts, diagnoses and lines of a visit, all at once; writes nothing. */
export async function planClaims(call: Call, visit: CapturedVisit, asked?: ClaimForm): Promise<ClaimPlan> {
  const { tx } = call;
  const { chart, coder, account, patient, practice, zone, day } = visit;
  const { encounter } = chart;
  const read = linesOfVisit(visit, asked);
  const { place, inpatient, rendering, left } = read;
  const { lines, told } = await tellable(call, encounter.id, read.lines);
  const cover = await coverOf(call, { ...visit, encounter: visit.chart.encounter }, account);
  const assigned = assign(lines, cover, inpatient);
  const payers = payersOfVisit(cover, lines);
  const issues: Issue[] = [...payers.issues, ...told];
  const none = { parts: [], payers, left: [], issues, assigned: noneAssigned };
  const charted = visitDiagnoses(chart, coder);
  if (payers.selfPay || (lines.length === 0 && told.length > 0)) return { ...none, faults: [] };
  const isDiagnosed = charted.diagnoses.length > 0;
  const faults = [...payers.faults, ...formFaults({ ...read, lines }, { asked, isDiagnosed })];
  issues.push(...charted.issues, ...formIssues({ ...read, lines }, asked));
  issues.push(decided('place-of-service', 'Encounter.location', `${place.code}: ${place.why}`));
  if (lines.length === 0)
    issues.push(decided('nothing-to-bill', 'ChargeItem', 'no charge of the visit can be claimed'));
  if (faults.length > 0 || lines.length === 0) return { ...none, left, faults };
  issues.push(...assigned.issues);
  const groups = assigned.groups.map((group) => ({
    ...group,
    parts: split(group.lines, inpatient).map((part) => ({ ...part, key: `${part.key}${group.suffix}` })),
  }));
  const parts = groups.flatMap((g) => g.parts);
  const start = encounter.period?.start ?? day;
  const attending = participants(encounter, 'ATND')[0]?.reference ?? rendering;
  const referral = encounter.basedOn?.[0];
  const ofCase = await caseOfVisit(tx, encounter);
  const referring = await referrer(call, visit);
  const basis: ClaimBasis = {
    encounter,
    coder,
    patient: `Patient/${patient.id}`,
    account: {
      reference: `Account/${account.id}`,
      number: identifierOf(account, system.accountNumber) ?? account.id,
    },
    practice,
    inpatient,
    period: { start: day, end: dayIn(zone, encounter.period?.end ?? start) },
    diagnoses: charted,
    coverages: [],
    organizations: await organizations(call, [practice, ...parts.map((p) => p.provider)]),
    clinician: await cliniciansOf(tx, [
      ...[attending, referring, ...parts.map((p) => p.rendering)],
      ...lines.map((l) => l.fill?.prescriber),
    ]),
    missingTeeth: missingTeethOf(chart, coder),
    ...(attending === undefined ? {} : { attending }),
    ...(referring === undefined ? {} : { referring }),
    ...(referral ? { referral } : {}),
    ...(ofCase ? { ofCase } : {}),
    patientPaid: await patientPaid(call, visit),
  };
  const made = groups.flatMap(({ parts: own, coverages, bill }, i) => {
    // what was paid ahead is told to the first payer only
    const of = {
      ...basis,
      coverages,
      patientPaid: i === 0 ? basis.patientPaid : zero,
      ...(bill ? { bill } : {}),
    };
    return own.map((part) => ({ key: part.key, claim: assemble(of, part, issues) }));
  });
  const laid = await edited(call, visit, made, issues);
  return { parts: await authorized(call, visit, laid), payers, left, issues, assigned, faults: [] };
}

/** The lines that a payer may be told of; the others are the patient's own by his Consent. */
async function tellable(
  call: Call,
  encounter: string,
  lines: readonly ClaimLine[],
): Promise<{ readonly lines: readonly ClaimLine[]; readonly told: readonly Issue[] }> {
  const name = `Encounter/${encounter}`;
  const restricted = await restrictedAmong(call, [name, ...lines.map((l) => l.charge)]);
  if (restricted.size === 0) return { lines, told: [] };
  const text = `no payer may be told of ${[...restricted].join(', ')} (Consent): $generate-invoice bills the patient`;
  return {
    lines: restricted.has(name) ? [] : lines.filter((l) => !restricted.has(l.charge)),
    told: [decided('hipaa-self-pay', 'Consent', text)],
  };
}

/** The parts with the edits of their billers laid over them. */
async function edited(
  { tx }: Call,
  { chart, charges }: CapturedVisit,
  parts: ClaimPlan['parts'],
  issues: Issue[],
): Promise<ClaimPlan['parts']> {
  const laid: ClaimPlan['parts'][number][] = [];
  for (const { key, claim } of parts) {
    const encounter = `Encounter/${chart.encounter.id}`;
    const of = { encounter, order: 1, part: key };
    const result = await withEdits(tx, claim, { of, charges: charges.map((c) => c.charge) });
    issues.push(...result.issues);
    laid.push({ key, claim: result.claim });
  }
  return laid;
}

/** The parts with the numbers of the authorizations in hand; most patients have none. */
async function authorized(
  { tx }: Call,
  { chart, patient }: CapturedVisit,
  parts: ClaimPlan['parts'],
): Promise<ClaimPlan['parts']> {
  const name = `Patient/${patient.id}`;
  const inHand = await authorizedFor(tx, { patient: name });
  if (inHand.length === 0) return parts;
  const used = await usedFor(tx, name, `Encounter/${chart.encounter.id}`);
  return parts.map(({ key, claim }) => ({ key, claim: authorizeLines(claim, inHand, used) }));
}

/** What the patient paid ahead for this visit; the journal is read only where the Account has such a payment. */
async function patientPaid({ tx }: Call, { account, chart }: CapturedVisit): Promise<Cents> {
  const request = `Account/${account.id}`;
  const payments = await find<PaymentNotice>(tx, 'PaymentNotice', { request });
  return payments.length === 0
    ? zero
    : paidAhead(await tx.journal(request), `Encounter/${chart.encounter.id}`);
}

/** Who referred: a participant of that role, else who signed the order of the visit. */
async function referrer({ tx }: Call, { chart }: CapturedVisit): Promise<string | undefined> {
  const [named] = participants(chart.encounter, 'REF');
  if (named) return named.reference;
  const order = await resolve<ServiceRequest>(tx, 'ServiceRequest', chart.encounter.basedOn?.[0]);
  const requester = order?.requester?.reference;
  return requester?.startsWith('Practitioner') === true ? requester : undefined;
}

async function organizations(
  { tx }: Call,
  references: readonly string[],
): Promise<Map<string, Organization>> {
  const found = new Map<string, Organization>();
  for (const reference of new Set(references)) {
    const organization = await resolve<Organization>(tx, 'Organization', { reference });
    if (organization) found.set(reference, organization);
  }
  return found;
}
