import type { Claim, ClaimResponse, Task } from '@medplum/fhirtypes';
import { appealDecisionOf, outcomeOf } from '../../billing/denial/denied.ts';
import { centsOf, zero, type Cents } from '../../datatypes/cents.ts';
import { codeOf, concept, has } from '../../datatypes/coding.ts';
import { changed } from '../../datatypes/json.ts';
import { isOpen } from '../../datatypes/openTask.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { find, resolve, updateResource } from '../../interaction/repository.ts';
import { priorClaimOf } from '../../terminology/claimFrequency.ts';
import { system } from '../../terminology/system.ts';
import { endDenial } from '../claim/closeDenials.ts';
import { withInput } from '../appeal/appealTask.ts';
import type { Call } from '../operation.ts';

/** At most so many corrections of one claim are looked back on. */
const mostPriors = 20;

/**
 * What a new decision of a payer makes of the denials and appeals before it, on the claim itself and on those that it
 * corrects: what came of each is kept, and what is over is closed. A denial that is repeated on the same claim is to be
 * worked again.
 */
export async function judgeDenials(
  call: Pick<Call, 'context' | 'tx' | 'on'>,
  claim: Claim & { id: string },
  response: ClaimResponse & { id: string },
): Promise<void> {
  if (response.outcome !== 'complete') return;
  const own = referenceText(claim);
  for (const name of [own, ...(await priorsOf(call, claim))]) {
    for (const task of await find<Task>(call.tx, 'Task', { focus: name })) {
      if (task.reasonReference?.reference === referenceText(response)) continue;
      if (has(task.code, system.task, 'denial'))
        await judgeDenial(call, task, { response, isOther: name !== own });
      else if (has(task.code, system.task, 'appeal')) await concludeAppeal(call, task, response);
    }
  }
}

async function priorsOf({ tx }: Pick<Call, 'tx'>, claim: Claim): Promise<string[]> {
  const names: string[] = [];
  let before = priorClaimOf(claim)?.claim;
  while (before !== undefined && !names.includes(before) && names.length < mostPriors) {
    names.push(before);
    const prior = await resolve<Claim>(tx, 'Claim', { reference: before });
    before = prior && priorClaimOf(prior)?.claim;
  }
  return names;
}

async function judgeDenial(
  call: Pick<Call, 'context' | 'tx'>,
  task: Task,
  of: { readonly response: ClaimResponse; readonly isOther: boolean },
): Promise<void> {
  const isJudged = codeOf(task.businessStatus, system.denialOutcome) !== undefined;
  if (isJudged || !(isOpen(task) || task.status === 'completed')) return;
  const amount = moneyOf(task, 'denied');
  const carc = codeOf(task.reasonCode, system.carc);
  if (amount === undefined || carc === undefined) return; // one from before: nothing is counted of it
  const outcome = outcomeOf({ carc, amount }, of);
  if (outcome !== undefined) return endDenial(call, task, outcome);
  if (task.status === 'completed')
    await updateResource(
      call.context,
      call.tx,
      changed(task, { id: task.id ?? '', status: 'requested' as const }),
    );
}

/** An amount that a Task was made with. */
export const moneyOf = (task: Task, name: string): Cents | undefined =>
  centsOf(task.input?.find((i) => has(i.type, system.task, name))?.valueMoney);

/** An appeal that was filed is decided by the next answer: overturned, overturned in part, or upheld. */
async function concludeAppeal(
  { context, tx, on }: Pick<Call, 'context' | 'tx' | 'on'>,
  task: Task,
  response: ClaimResponse,
): Promise<void> {
  if (!isOpen(task) || codeOf(task.businessStatus, system.appealState) !== 'filed') return;
  const before = await resolve<ClaimResponse>(tx, 'ClaimResponse', task.reasonReference);
  const came = appealDecisionOf(moneyOf(task, 'disputed') ?? zero, { before, after: response });
  await updateResource(
    context,
    tx,
    changed(task, {
      id: task.id ?? '',
      status: 'completed' as const,
      businessStatus: concept(system.appealState, came),
      lastModified: on,
      input: withInput(task, 'decision-received', { valueDate: on }),
      output: [
        ...(task.output ?? []),
        { type: concept(system.task, 'answer'), valueReference: { reference: referenceText(response) } },
      ],
    }),
  );
}
