import type { Claim, ChargeItem, Coverage, Encounter, Resource } from '@medplum/fhirtypes';
import { keepAdded } from '../../billing/claim/keepAdded.ts';
import { claimDifferences } from '../../billing/claim/claimDifference.ts';
import type { ClaimEdit } from '../../billing/claim/edit.ts';
import { visitDiagnoses } from '../../billing/coding/diagnosis.ts';
import { knownAs } from '../../billing/scrub/input.ts';
import type { Chart, Coder } from '../../datatypes/chart.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { extensionsOf } from '../../datatypes/extension.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { find, resolve } from '../../interaction/repository.ts';
import { businessFault, type Issue } from '../../outcome/issue.ts';
import { isVoidClaim } from '../../terminology/claimFrequency.ts';
import { extension, system } from '../../terminology/system.ts';
import { trialOf } from '../call/trial.ts';
import { captureCharges } from '../charge/captureCharges.ts';
import { practiceCoder } from '../charge/practice.ts';
import { readChart } from '../charge/readChart.ts';
import { readVisit } from '../charge/visit.ts';
import { isOfEdit } from '../claim/claimEdits.ts';
import { isOfFirstPayer, partOf, plannedFor } from '../claim/draftClaims.ts';
import type { Call } from '../operation.ts';

const outOfDate = (expression: string, text: string): Issue =>
  businessFault('draft-out-of-date', expression, `${text}: run $generate-claim again`);

/**
 * What a draft says otherwise than its chart and the biller's edits; nothing for a claim that was sent, that goes to a
 * further payer, or that others made. Where nothing in the chart is newer than its capture, and
 * nobody edited it, nothing is worked out.
 */
export async function compareWithChart(
  call: Call,
  claim: Claim,
  { known, edits }: { readonly known: ReadonlyMap<string, Resource>; readonly edits: readonly ClaimEdit[] },
): Promise<Issue[]> {
  const encounter = claim.item?.[0]?.encounter?.[0];
  const id = parseReference(encounter?.reference)?.id;
  // a void repeats what was sent, whatever the chart says now
  const isCompared = claim.status === 'draft' && !isVoidClaim(claim);
  if (!isCompared || partOf(claim) === '' || !isOfFirstPayer(claim) || id === undefined) return [];
  const trial = trialOf(call);
  const visit = await resolve<Encounter>(trial.tx, 'Encounter', encounter);
  if (visit?.status !== 'finished') {
    const text = visit ? `the visit is ${visit.status}` : 'the visit is not here any more';
    return [outOfDate('Claim.item[0].encounter', text)];
  }
  const chart = await readChart(trial.tx, id);
  if (
    edits.length === 0 &&
    (await isFresh(trial, claim, { chart, known, parties: await partiesOf(trial, chart, known) }))
  )
    return [];
  const captured = await captureCharges(trial, await readVisit(trial, id));
  const planned = await plannedFor(trial, captured, claim);
  if ('faults' in planned) return [...planned.faults];
  if (!planned.claim) return [outOfDate('Claim', 'the chart no longer gives this claim')];
  // what somebody wrote on the draft and no chart gives is kept by a re-draft, and is no difference
  const now = keepAdded(planned.claim, claim);
  const differences = claimDifferences(claim, now).map((d) => outOfDate(d.expression, d.text));
  return [...differences, ...planned.issues.filter(isOfEdit)];
}

/** Who is named by a claim and decides who pays: patient, payer, practice, and all coverages of the patient. */
async function partiesOf(
  { tx }: Call,
  { encounter }: Chart,
  known: ReadonlyMap<string, Resource>,
): Promise<Resource[]> {
  const types: readonly string[] = ['Coverage', 'Organization', 'Patient'];
  const named = [...known.values()].filter((r) => types.includes(r.resourceType));
  const beneficiary = encounter.subject?.reference ?? '';
  const episodes: Resource[] = [];
  for (const pointer of encounter.episodeOfCare ?? []) {
    const episode = await resolve(tx, 'EpisodeOfCare', pointer);
    if (episode) episodes.push(episode);
  }
  return [...named, ...episodes, ...(await find<Coverage>(tx, 'Coverage', { beneficiary }))];
}

/**
 * True when every charge of the claim was captured after the last change of the chart and of who is named by the claim,
 * and the diagnoses are those of the claim: what was deleted from the chart leaves nothing newer behind.
 */
async function isFresh(
  { tx, ...call }: Call,
  claim: Claim,
  {
    chart,
    known,
    parties,
  }: {
    readonly chart: Chart;
    readonly known: ReadonlyMap<string, Resource>;
    readonly parties: readonly Resource[];
  },
): Promise<boolean> {
  const times = [...chartTimes(chart), ...parties.map(timeOf)];
  const newest = times.reduce((a, b) => (a > b ? a : b), '');
  for (const item of claim.item ?? []) {
    for (const { valueReference } of extensionsOf(item, extension.chargeItem)) {
      const target = parseReference(valueReference?.reference);
      const charge = knownAs<ChargeItem>(known, 'ChargeItem', valueReference);
      if (!target || charge?.status !== 'billable') return false;
      const first = await tx.vread('ChargeItem', target.id, 1);
      if (!first || first.lastUpdated < newest) return false;
    }
  }
  return sameDiagnoses(claim, chart, await practiceCoder({ tx, ...call }));
}

const chartTimes = (chart: Chart): string[] =>
  [
    chart.encounter,
    ...chart.conditions,
    ...chart.procedures,
    ...chart.observations,
    ...chart.diagnosticReports,
    ...chart.medicationAdministrations,
    ...chart.medicationDispenses,
    ...chart.otherFills,
    ...chart.prescriptions.values(),
    ...chart.immunizations,
    ...chart.deviceUseStatements,
    ...chart.devices.values(),
    ...chart.medications.values(),
    ...chart.locations.values(),
  ].map(timeOf);

const timeOf = ({ meta }: Resource): string => meta?.lastUpdated ?? '9999';

/** Whether the claim has no diagnosis that the chart does not give. */
function sameDiagnoses(claim: Claim, chart: Chart, coder: Coder): boolean {
  const { diagnoses, admitting = '', reasonsForVisit } = visitDiagnoses(chart, coder);
  const given = new Set([...diagnoses.map((d) => d.code), admitting, ...reasonsForVisit]);
  const known = (claim.diagnosis ?? []).map((d) => codeOf(d.diagnosisCodeableConcept, system.icd10cm));
  return known.every((code) => code !== undefined && given.has(code));
}
