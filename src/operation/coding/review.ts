import type { Claim, Encounter, Task } from '@medplum/fhirtypes';
import { concept, has } from '../../datatypes/coding.ts';
import { changed } from '../../datatypes/json.ts';
import { isOpen } from '../../datatypes/openTask.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import { createResource, resolve, updateResource } from '../../interaction/repository.ts';
import { businessFault, type Issue } from '../../outcome/issue.ts';
import { system } from '../../terminology/system.ts';
import { requester } from '../approval/secondPerson.ts';
import type { Call } from '../operation.ts';
import { holderOf, reserveKey, taskKey } from '../uniqueKey.ts';

/** Whether a Task is a second review of what was coded. */
export const isReview = ({ code }: Pick<Task, 'code'>): boolean => has(code, system.task, 'coding-review');

/** Asks another person to look at how a visit was coded; until they agree no claim of it is sent. */
export async function askReview(call: Call, encounter: string): Promise<Task & { id: string }> {
  const { context, tx } = call;
  const key = taskKey('coding-review', encounter);
  const known = await holderOf(tx, key);
  const asker = requester(call);
  if (known)
    return updateResource<Task>(
      context,
      tx,
      changed(changed(known, { status: 'requested' as const }), asker),
    );
  const visit = await resolve<Encounter>(tx, 'Encounter', { reference: encounter });
  const task = await createResource<Task>(context, tx, {
    resourceType: 'Task',
    status: 'requested',
    intent: 'order',
    code: concept(system.task, 'coding-review'),
    description: `${encounter} was coded and waits for a second person`,
    focus: { reference: encounter },
    encounter: { reference: encounter },
    ...(visit?.subject ? { for: visit.subject } : {}),
    ...(visit?.serviceProvider ? { owner: visit.serviceProvider } : {}),
    authoredOn: call.on,
    ...(asker.requester ? { requester: asker.requester } : {}),
  });
  await reserveKey(tx, key, `Task/${task.id}`);
  return task;
}

/** The fault of a claim whose visit waits for a second review. */
export async function reviewFaults({ tx }: Call, claim: Claim): Promise<Issue[]> {
  const visits = new Set(
    (claim.item ?? []).flatMap((item) => unversionedText(item.encounter?.[0]?.reference) ?? []),
  );
  for (const visit of visits) {
    const task = await holderOf(tx, taskKey('coding-review', visit));
    if (!task || !isOpen(task)) continue;
    const text = `how the visit was coded waits for a second person: Task/${task.id}, $review-coding`;
    return [businessFault('coding-review-open', 'Claim', text)];
  }
  return [];
}
