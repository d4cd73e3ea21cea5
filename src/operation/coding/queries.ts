import type { Communication, Task } from '@medplum/fhirtypes';
import { concept, has } from '../../datatypes/coding.ts';
import { changed, without } from '../../datatypes/json.ts';
import { idOf } from '../../datatypes/reference.ts';
import type { Context, WriteHook } from '../../interaction/context.ts';
import { resolve, updateResource } from '../../interaction/repository.ts';
import type { Transaction } from '../../store/store.ts';
import { system } from '../../terminology/system.ts';

type Stored<T> = T & { id: string };

/** Why a piece of work waits, in its statusReason. */
export const queried = 'provider-query';

/** Whether a Communication asks a provider about what was charted. */
export const isQuery = ({ category }: Communication): boolean =>
  category?.some((one) => has(one, system.task, queried)) === true;

export const queryCategory = concept(system.task, queried);

/** The Task that a question is about. */
const taskOf = ({ about = [] }: Communication): string | undefined =>
  about.map((one) => idOf(one, 'Task')).find((id) => id !== undefined);

/** An answer to a question about the chart ends the question and brings its Task back, whichever way it is written. */
export const queryHook: WriteHook = {
  types: ['Communication'],
  run: (context, tx, { after }) => {
    if (after?.resourceType !== 'Communication' || after.status !== 'completed' || !after.inResponseTo)
      return Promise.resolve(undefined);
    const asked = after.inResponseTo;
    return Promise.resolve(async () => {
      for (const reference of asked) {
        const query = await resolve<Stored<Communication>>(tx, 'Communication', reference);
        if (query && isQuery(query) && query.status === 'in-progress')
          await endQuery(context, tx, query, `Communication/${after.id}`);
      }
    });
  },
};

async function endQuery(
  context: Context,
  tx: Transaction,
  query: Stored<Communication>,
  answer: string,
): Promise<void> {
  await updateResource<Communication>(context, tx, changed(query, { status: 'completed' as const }));
  const task = await resolve<Stored<Task>>(tx, 'Task', { reference: `Task/${taskOf(query) ?? ''}` });
  if (task?.status !== 'on-hold' || task.statusReason?.text !== queried) return;
  const output = { type: concept(system.task, 'answer'), valueReference: { reference: answer } };
  const back = changed(without(task, 'statusReason'), {
    status: 'requested' as const,
    output: [...(task.output ?? []), output],
  });
  await updateResource<Task>(context, tx, changed(back, { id: task.id }));
}
