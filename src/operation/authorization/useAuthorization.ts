import type { Claim } from '@medplum/fhirtypes';
import { numberOfLine, numbersFor } from '../../billing/claim/authorize.ts';
import { adjudicated } from '../../datatypes/adjudication.ts';
import type { Authorized } from '../../datatypes/authorized.ts';
import { changed } from '../../datatypes/json.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import { unversionedText, withoutVersions } from '../../datatypes/sentVersion.ts';
import { find, resolve } from '../../interaction/repository.ts';
import type { Handler } from '../../job/queue.ts';
import { FhirError } from '../../outcome/fhirError.ts';
import { codeOfIssue } from '../../outcome/issue.ts';
import type { Transaction } from '../../store/store.ts';
import { correctClaim } from '../claim/correctClaim.ts';
import type { WrittenClaim } from '../claim/draftClaims.ts';
import { recapture } from '../charge/recapture.ts';
import type { Call, OperationContext } from '../operation.ts';
import { traced } from '../origin/traced.ts';
import { standingAnswer } from '../submission/answers.ts';
import { laterCall } from '../submission/laterCall.ts';
import { raiseTask } from '../worklist/task.ts';
import { authorizedFor, usedFor } from './inHand.ts';
import { authorizationUseKind } from './useDecision.ts';

/** Denials that an authorization cures (CARC): none, another number, more than authorized, not authorized by its plan. */
const curable: ReadonlySet<string> = new Set(['15', '39', '197', '198', '243', '296']);

/**
 * Brings a decision to what it is for: drafts of the patient follow it, and a claim that was denied for want of an
 * authorization is corrected with the number. Billing rule 54. Done twice, it changes nothing.
 */
export const authorizationUse = (context: OperationContext): Handler => ({
  kind: authorizationUseKind,
  run: async (lease) => {
    const { store } = context;
    const { claim: name } = JSON.parse(lease.job.payload) as { claim: string };
    const request = await resolve<Claim>(store, 'Claim', { reference: name });
    const patient = unversionedText(request?.patient.reference);
    if (request && patient !== undefined) {
      for (const encounter of await draftedVisits(context, patient)) await redraft(context, encounter);
      const payer = unversionedText(request.insurer?.reference);
      for (const claim of await deniedClaims(context, { patient, payer })) await cure(context, claim);
    }
    await store.transaction((tx) => tx.jobs.change(lease, { state: 'done' }));
    return undefined;
  },
  giveUp: (tx, lease) => {
    const { claim } = JSON.parse(lease.job.payload) as { claim: string };
    return raiseTask(dayOf(context, tx), {
      ...{ code: 'authorization-review', focus: claim, detail: 'use' },
      text: 'the decision could not be brought to the claims of the patient: $generate-claim and $correct take it up',
    });
  },
});

const dayOf = (context: OperationContext, tx: Transaction): Call =>
  changed(laterCall(context, tx, ''), { on: laterCall(context, tx, '').today });

async function draftedVisits({ store }: OperationContext, patient: string): Promise<Set<string>> {
  const drafts = await find<Claim>(store, 'Claim', { patient, use: 'claim', status: 'draft' });
  return new Set(drafts.flatMap(({ item = [] }) => item.flatMap((i) => i.encounter?.[0]?.reference ?? [])));
}

/** The drafts of a visit follow what is authorized now; one that cannot stays, and says so when it is submitted. */
async function redraft(context: OperationContext, encounter: string): Promise<void> {
  await unlessRefused(() =>
    context.store.transaction((tx) =>
      traced(context, tx, { activity: 'authorization of a payer', byServer: true }, () =>
        recapture(dayOf(context, tx), parseReference(encounter)?.id ?? ''),
      ),
    ),
  );
}

/** What was refused, where something was; any other fault is none of the chart. */
async function unlessRefused(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    return [...new Set(error.issue.map(codeOfIssue))].join(', ');
  }
}

interface Of {
  readonly patient: string;
  readonly payer: string | undefined;
}

/** Claims with a line that was denied for want of an authorization that is in hand now. */
async function deniedClaims({ store }: OperationContext, of: Of): Promise<WrittenClaim[]> {
  const { patient, payer } = of;
  const sent = await find<Claim>(store, 'Claim', { patient, use: 'claim', status: 'active' });
  const own = sent.filter(({ insurer }) => unversionedText(insurer?.reference) === payer);
  if (own.length === 0) return [];
  const inHand = await authorizedFor(store, { patient, payer });
  const found: WrittenClaim[] = [];
  for (const one of own) {
    if (one.id === undefined) continue;
    const claim = changed(one, { id: one.id });
    const answer = await standingAnswer(store, referenceText(claim));
    const denied = answer?.outcome === 'complete' ? adjudicated(answer) : [];
    const lines = denied
      .filter(({ adjustments }) => adjustments.some((a) => curable.has(a.reason) && a.amount > 0))
      .map(({ sequence }) => sequence);
    if (lines.length > 0 && (await isCured(store, claim, { inHand, lines }))) found.push(claim);
  }
  return found;
}

interface Cure {
  readonly inHand: readonly Authorized[];
  readonly lines: readonly (number | undefined)[]; // undefined: the claim as a whole
}

/** Whether a denied line would go with another number now than it was sent with. */
async function isCured(
  reader: OperationContext['store'],
  claim: WrittenClaim,
  { inHand, lines }: Cure,
): Promise<boolean> {
  const visit = claim.item?.find((i) => i.encounter)?.encounter?.[0]?.reference;
  const used = await usedFor(reader, unversionedText(claim.patient.reference) ?? '', visit ?? '');
  const numbers = numbersFor(withoutVersions(claim), inHand, used);
  return (claim.item ?? []).some((item, n) => {
    const number = numbers[n];
    const isDenied = lines.includes(undefined) || lines.includes(item.sequence);
    return isDenied && number !== undefined && number !== numberOfLine(claim, item);
  });
}

/** The denied claim is corrected with the number; where its payer takes no correction, a person is told what to do. */
async function cure(context: OperationContext, claim: WrittenClaim): Promise<void> {
  const name = referenceText(claim);
  const tell = (tx: Transaction, text: string): Promise<void> =>
    raiseTask(dayOf(context, tx), {
      ...{ code: 'authorization-cure', focus: name, detail: '', text },
      patient: unversionedText(claim.patient.reference),
      encounter: claim.item?.find((i) => i.encounter)?.encounter?.[0]?.reference,
    });
  const refused = await unlessRefused(() =>
    context.store.transaction((tx) =>
      traced(context, tx, { activity: 'authorization of a payer', byServer: true }, async () => {
        const reason = 'the payer has authorized the service since';
        const made = await correctClaim(dayOf(context, tx), claim, { reason });
        const text = `the payer has authorized what it denied: ${referenceText(made.claim)} is the correction with the number, $submit sends it`;
        await tell(tx, text);
      }),
    ),
  );
  if (refused === undefined) return;
  await context.store.transaction((tx) =>
    tell(
      tx,
      `the payer has authorized what it denied, and the claim cannot be corrected (${refused}): appeal with the number`,
    ),
  );
}
