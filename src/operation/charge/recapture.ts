import type { ChargeItem, Encounter } from '@medplum/fhirtypes';
import { stands } from '../../billing/charge/difference.ts';
import { changed } from '../../datatypes/json.ts';
import { idOf } from '../../datatypes/reference.ts';
import { find, readResource } from '../../interaction/repository.ts';
import { codeOfIssue, decided, type Issue } from '../../outcome/issue.ts';
import { cancelDrafts, redraftClaims } from '../claim/draftClaims.ts';
import type { Call } from '../operation.ts';
import { captureCharges, withdrawAll } from './captureCharges.ts';
import { readVisit } from './visit.ts';

/** The charges of a visit as they stand now, and every decision on the way. */
export interface Recaptured {
  readonly charges: readonly ChargeItem[];
  readonly issues: readonly Issue[];
}

/**
 * Captures a visit again and brings its drafts up to date: what $capture-charges does, and what a sweep over changed
 * charts calls. Of a visit that was entered in error or cancelled all unsubmitted charges are reversed and its drafts
 * cancelled; what was billed already waits for people as a Task.
 */
export async function recapture(call: Call, id: string): Promise<Recaptured> {
  const { status, subject } = await readResource<Encounter>(call.tx, 'Encounter', id);
  if (status === 'entered-in-error' || status === 'cancelled') {
    return withdrawVisit(call, { id, status, patient: idOf(subject, 'Patient') ?? '' });
  }
  const captured = await captureCharges(call, await readVisit(call, id));
  const drafts = (await redraftClaims(call, captured)).filter((i) => codeOfIssue(i) !== 'already-there');
  return { charges: captured.charges.map((c) => c.charge), issues: [...captured.issues, ...drafts] };
}

async function withdrawVisit(
  call: Call,
  { id, status, patient }: { readonly id: string; readonly status: string; readonly patient: string },
): Promise<Recaptured> {
  const encounter = `Encounter/${id}`;
  const charges = (await find<ChargeItem>(call.tx, 'ChargeItem', { context: encounter })).filter(stands);
  const issues: Issue[] = [];
  for (const charge of charges) {
    const account = { id: idOf(charge.account?.[0], 'Account') ?? '' };
    issues.push(
      ...(await withdrawAll(call, [changed(charge, { id: charge.id ?? '' })], {
        account,
        patient,
        encounter,
      })),
    );
  }
  issues.push(...(await cancelDrafts(call, encounter)));
  const verdict = decided(
    'visit-withdrawn',
    'Encounter.status',
    `the visit is ${status}: nothing of it is charged`,
  );
  return { charges: [], issues: [verdict, ...issues] };
}
