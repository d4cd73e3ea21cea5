import type { Claim, Encounter, ExplanationOfBenefit } from '@medplum/fhirtypes';
import { changed } from '../../datatypes/json.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import { find, resolve } from '../../interaction/repository.ts';
import type { Issue } from '../../outcome/issue.ts';
import type { Handler } from '../../job/queue.ts';
import { orderOf } from '../../billing/claim/claimPlace.ts';
import type { Lease } from '../../store/job.ts';
import { isReplacement, isVoidClaim } from '../../terminology/claimFrequency.ts';
import { captureCharges } from '../charge/captureCharges.ts';
import { recapture } from '../charge/recapture.ts';
import { readVisit } from '../charge/visit.ts';
import { draftClaims } from '../claim/draftClaims.ts';
import { explanationOfBenefitGenerateInvoice } from '../explanationOfBenefitGenerateInvoice.ts';
import type { Call, OperationContext } from '../operation.ts';
import { laterCall } from '../submission/laterCall.ts';
import { submitClaim } from '../submission/submitClaim.ts';
import { automationKind, automationOfVisit, type About } from './enqueue.ts';
import type { Automation } from './settings.ts';
import { inStep, reasonOf, stopped, type Of } from './inStep.ts';

/**
 * Takes a finished visit as far as its practice has switched on: capture, drafts, submission, and the Invoice once a
 * payer has decided. Each step is a transaction that reads the switch and the visit anew, and does nothing where the
 * step was done before. What cannot go on is a Task with its reason. See docs/decision/0056
 */
export const automation = (context: OperationContext): Handler => ({
  kind: automationKind,
  alone: true,
  run: async (lease) => {
    const about = JSON.parse(lease.job.payload) as About;
    const later = await waits(context, about);
    if (later === undefined) await goOn(context, about);
    const end = later === undefined ? ({ state: 'done' } as const) : ({ state: 'due', due: later } as const);
    await context.store.transaction((tx) => tx.jobs.change(lease, end));
    return undefined;
  },
  giveUp: async (tx, lease: Lease) => {
    const about = JSON.parse(lease.job.payload) as About;
    const visit = await resolve<Encounter>(tx, 'Encounter', { reference: about.encounter });
    if (!visit) return;
    const { practice } = await automationOfVisit(tx, visit);
    const focus = about.explanation ?? about.encounter;
    const call = laterCall(context, tx, '');
    await stopped(
      changed(call, { on: call.today }),
      { focus, visit, practice },
      'the server could not do the next step',
    );
  },
});

/** When a visit is taken up, where that is not now: a chart is often written in several steps. */
async function waits({ store, now }: OperationContext, about: About): Promise<number | undefined> {
  if (about.explanation !== undefined) return undefined;
  const visit = await resolve<Encounter>(store, 'Encounter', { reference: about.encounter });
  const { wait } = await automationOfVisit(store, visit);
  const due = Date.parse(visit?.meta?.lastUpdated ?? '') + wait;
  return due > Date.parse(now()) ? due : undefined;
}

async function goOn(context: OperationContext, { encounter, explanation }: About): Promise<void> {
  const of: Of = { encounter, focus: encounter };
  const isCharted = explanation === undefined;
  if (isCharted && !(await inStep(context, of, chart))) return;
  for (const claim of await drafts(context, encounter))
    await inStep(context, { ...of, focus: claim }, (call, automated) => submit(call, claim, automated));
  if (explanation !== undefined)
    await inStep(context, { ...of, focus: explanation }, (call, automated) =>
      invoice(call, explanation, automated),
    );
}

/** The claims of a visit that ask a payer for money. */
const claimsOf = async (reader: Call['tx'] | OperationContext['store'], encounter: string) =>
  (await find<Claim>(reader, 'Claim', { encounter })).filter(({ use }) => use === 'claim');

/** Captures, and drafts claims where none was sent: what was sent or taken back is for people. */
async function chart(call: Call, { steps }: Automation, visit: Encounter): Promise<string | undefined> {
  if (!steps.has('capture') && !steps.has('draft')) return undefined;
  const id = visit.id ?? '';
  const claims = await claimsOf(call.tx, `Encounter/${id}`);
  if (claims.some(({ status }) => status === 'active')) return undefined; // the sweep tells of what changed since
  if (claims.length > 0 && claims.every(({ status }) => status !== 'draft'))
    return 'its claim was taken back: $generate-claim drafts another';
  if (!steps.has('draft')) return unclear((await recapture(call, id)).issues);
  const captured = await captureCharges(call, await readVisit(call, id));
  const drafted = await draftClaims(call, captured);
  if (drafted.claims.length > 0) return unclear(captured.issues);
  return reasonOf('no claim came of it', [...captured.issues, ...drafted.issues]);
}

/** What a capture warns of is not all that was charted: a person looks at it before anything is sent. */
function unclear(issues: readonly Issue[]): string | undefined {
  const warned = issues.filter(({ severity }) => severity !== 'information');
  return warned.length === 0 ? undefined : reasonOf('the capture warns', warned);
}

/** The drafts of a visit that are new claims, the first payer's first; a correction is sent by who makes it. */
async function drafts({ store }: OperationContext, encounter: string): Promise<readonly string[]> {
  const claims = (await claimsOf(store, encounter)).filter(({ status }) => status === 'draft');
  return claims
    .filter((claim) => !isReplacement(claim) && !isVoidClaim(claim))
    .sort((a, b) => orderOf(a) - orderOf(b))
    .map(referenceText);
}

async function submit(call: Call, reference: string, { steps }: Automation): Promise<undefined> {
  if (!steps.has('submit')) return;
  const claim = await resolve<Claim>(call.tx, 'Claim', { reference });
  if (claim?.id === undefined || claim.status !== 'draft') return;
  await submitClaim(call, changed(claim, { id: claim.id }));
}

async function invoice(call: Call, reference: string, { steps }: Automation): Promise<undefined> {
  if (!steps.has('invoice')) return;
  const found = await resolve<ExplanationOfBenefit>(call.tx, 'ExplanationOfBenefit', { reference });
  if (found?.status !== 'active') return; // another took its place, with a job of its own
  const id = parseReference(reference)?.id ?? '';
  await explanationOfBenefitGenerateInvoice.run({ ...call, target: { type: 'ExplanationOfBenefit', id } });
}
