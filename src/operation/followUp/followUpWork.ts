import type { Claim, ClaimResponse, Task } from '@medplum/fhirtypes';
import { has } from '../../datatypes/coding.ts';
import { addDays } from '../../datatypes/date.ts';
import { isOpen, openStatuses } from '../../datatypes/openTask.ts';
import { changed } from '../../datatypes/json.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import { find, resolve } from '../../interaction/repository.ts';
import { system } from '../../terminology/system.ts';
import { inPages, referenceOf } from '../nightly/inPages.ts';
import type { NightlyWork } from '../nightly/nightly.ts';
import type { Call } from '../operation.ts';
import { laterCall } from '../submission/laterCall.ts';
import { closeTask, raiseTask } from '../worklist/task.ts';
import { lastDayToAppeal } from './appealClock.ts';
import { escalate } from './escalate.ts';
import { lastDayToFile } from './filingClock.ts';
import { settingsOfPractice } from './settings.ts';
import { oneBehindAnother, wayOf } from './ways.ts';

/** So many days before the last one the work is due: what is sent on the last day may come too late. */
const sparedDays = 5;

const drafts = inPages('Claim', ['status', 'draft'], ['use', 'claim']);
const open = inPages('Task', ['status', openStatuses.join(',')]);
const taskCoded = (codes: readonly string[]): readonly [string, string] => [
  'code',
  codes.map((code) => `${system.task}|${code}`).join(','),
];
/** Claims that came back, or never arrived: what a partner or a payer refused, and what could not be brought there. */
const returned = inPages('Task', taskCoded(['submission']), [
  'business-status',
  ['rejected', 'undelivered'].map((code) => `${system.claimState}|${code}`).join(','),
]);
const undelivered = inPages('Task', taskCoded(['submission-failed', 'submission-refused']));
const refused = inPages('ClaimResponse', ['outcome', 'error'], ['status', 'active']);

/**
 * Clocks of claims: the time to file what is not with its payer, and to appeal against what was denied. Then every open
 * Task: what is over is closed, what was not done in time is escalated. Payers are asked by jobs of the claims.
 */
export const followUpWork: NightlyWork = {
  code: 'follow-up',
  text: 'watches the time to file and to appeal, and escalates work that is overdue',
  next: oneBehindAnother(
    ['drafts', () => drafts],
    ['returned', () => returned],
    ['undelivered', () => undelivered],
    ['refused', () => refused],
    ['open', () => open],
  ),
  one: async (context, tx, item, { date }) => {
    const call = changed(laterCall(context, tx, date), { on: date });
    const name = referenceOf(item);
    if (name.startsWith('Claim/')) return watchFiling(call, name);
    const answer = await resolve<ClaimResponse>(tx, 'ClaimResponse', { reference: name });
    if (answer) return watchFiling(call, answer.request?.reference ?? '');
    const task = await resolve<Task & { id: string }>(tx, 'Task', { reference: name });
    if (!task) return undefined;
    if (wayOf(item) !== 'open') return watchFiling(call, task.focus?.reference ?? '');
    if (!isOpen(task)) return undefined;
    if (has(task.code, system.task, 'denial')) {
      await watchAppeal(call, task);
      await watchFiling(call, task.focus?.reference ?? ''); // one that the payer could not process counts as rejected
    }
    if (await isOver(call, task)) return closeTask(call, task);
    return escalate(call, task);
  },
};

const aboutClaim = (
  claim: Claim,
): { readonly patient: string | undefined; readonly encounter: string | undefined } => ({
  patient: unversionedText(claim.patient.reference),
  encounter: claim.item?.find((item) => item.encounter)?.encounter?.[0]?.reference,
});

/** When the work of a clock is due: some days before its end, but not before today. */
const dueOf = (last: string, today: string): string => {
  const due = addDays(last, -sparedDays);
  return due < today ? (last < today ? today : last) : due;
};

async function watchFiling(call: Call, reference: string): Promise<void> {
  const claim = await resolve<Claim & { id: string }>(call.tx, 'Claim', { reference });
  const last = claim && (await lastDayToFile(call, claim));
  if (!claim || last === undefined) return;
  const { filingDays } = await settingsOfPractice(call.tx, unversionedText(claim.provider.reference));
  if (addDays(last, -filingDays) > call.on) return;
  const when = last < call.on ? `ended on ${last}` : `ends on ${last}`;
  const text = `the time to file ${when}, and the claim is not with its payer: send it`;
  await raiseTask(call, {
    ...{ code: 'timely-filing', focus: referenceText(claim), detail: last, text },
    ...aboutClaim(claim),
    due: dueOf(last, call.on),
  });
}

async function watchAppeal(call: Call, denial: Task): Promise<void> {
  const clock = await lastDayToAppeal(call.tx, denial);
  const claim = await resolve<Claim>(call.tx, 'Claim', denial.focus);
  if (!clock || !claim || clock.last < call.on) return; // what is too late ranks last among the denials
  const { filingDays } = await settingsOfPractice(call.tx, unversionedText(claim.provider.reference));
  if (addDays(clock.last, -filingDays) > call.on) return;
  await raiseTask(call, {
    ...{ code: 'appeal-ending', focus: referenceText(claim), detail: clock.last },
    text: `the time for the ${clock.level} ends on ${clock.last}: $appeal, or give the denial up`,
    ...aboutClaim(claim),
    due: dueOf(clock.last, call.on),
  });
}

/** Whether the clock of a Task has stopped, or runs to another day. */
async function isOver(call: Call, task: Task): Promise<boolean> {
  const last = task.reasonCode?.text;
  const reference = task.focus?.reference ?? '';
  const claim = await resolve<Claim & { id: string }>(call.tx, 'Claim', { reference });
  if (has(task.code, system.task, 'timely-filing'))
    return !claim || (await lastDayToFile(call, claim)) !== last;
  if (!has(task.code, system.task, 'appeal-ending')) return false;
  if (last === undefined || last < call.on) return true; // nothing can be filed any more
  return !(await isDenied(call, reference, last));
}

async function isDenied({ tx }: Call, focus: string, last: string): Promise<boolean> {
  for (const denial of await find<Task>(tx, 'Task', { focus, code: `${system.task}|denial` }))
    if (isOpen(denial) && (await lastDayToAppeal(tx, denial))?.last === last) return true;
  return false;
}
