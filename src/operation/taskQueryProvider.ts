import type { Communication, Encounter, Parameters, Reference, Task } from '@medplum/fhirtypes';
import { changed } from '../datatypes/json.ts';
import { parseReference } from '../datatypes/reference.ts';
import { createResource, find, resolve, updateResource } from '../interaction/repository.ts';
import { unprocessable } from '../outcome/fhirError.ts';
import { decided, missing, wrongValue } from '../outcome/issue.ts';
import { performerOf } from './charge/visit.ts';
import { codingWork, requireOpen } from './coding/codingTask.ts';
import { isQuery, queried, queryCategory } from './coding/queries.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { answer, dayOf, parameter } from './parameters.ts';

const at = (name: string): string => `Parameters.parameter.where(name='${name}').value`;

/** POST [base]/Task/[id]/$query-provider: asks who gave the care about what was charted; the work waits until they answer. */
export const taskQueryProvider: Operation = {
  definition: operationDefinition('Task-query-provider'),
  permission: 'capture',
  async run(call): Promise<Parameters> {
    const { context, tx } = call;
    const work = await codingWork(call);
    requireOpen(work);
    const { task } = work;
    const question = parameter(call.input, 'question')?.valueString?.trim() ?? '';
    if (question === '')
      throw unprocessable([missing('question-missing', at('question'), 'say what is asked')]);
    const due = dayOf(call.input, 'due');
    if (due !== undefined && due < call.today)
      throw unprocessable([
        wrongValue('due-in-past', at('due'), `due ${due} is before today, ${call.today}`),
      ]);
    const asked = await openQuery(call, task);
    if (asked?.payload?.[0]?.contentString === question)
      return answer(
        [
          ['task', task],
          ['query', asked],
        ],
        [decided('already-there', 'Communication', 'it was asked')],
      );
    const recipient = await recipientOf(call, task);
    const patient = task.for?.reference;
    const query = await createResource<Communication>(context, tx, {
      resourceType: 'Communication',
      status: 'in-progress',
      category: [queryCategory],
      about: [{ reference: `Task/${task.id}` }, { reference: work.focus }],
      ...(patient === undefined ? {} : { subject: { reference: patient } }),
      ...(task.encounter ? { encounter: task.encounter } : {}),
      recipient: [recipient],
      ...sender(call),
      sent: context.now(),
      payload: [{ contentString: question }],
    });
    const period = due === undefined ? undefined : changed(task.restriction?.period ?? {}, { end: due });
    const held = changed(task, {
      status: 'on-hold' as const,
      statusReason: { text: queried },
      ...(period ? { restriction: changed(task.restriction ?? {}, { period }) } : {}),
    });
    const written = await updateResource<Task>(context, tx, changed(held, { id: task.id }));
    const text = `Task/${task.id} waits for the answer to Communication/${query.id}`;
    return answer(
      [
        ['task', written],
        ['query', query],
      ],
      [decided('queried', 'Task', text)],
    );
  },
};

const openQuery = async ({ tx }: Call, task: Task): Promise<Communication | undefined> => {
  const encounter = task.encounter?.reference;
  if (encounter === undefined || task.status !== 'on-hold') return undefined;
  const about = `Task/${task.id ?? ''}`;
  return (await find<Communication>(tx, 'Communication', { encounter, status: 'in-progress' })).find(
    (one) => isQuery(one) && one.about?.some(({ reference }) => reference === about),
  );
};

/** Whom to ask: who is named, else who gave the care. */
async function recipientOf({ tx, input }: Call, task: Task): Promise<Reference<never>> {
  const named = parameter(input, 'recipient')?.valueReference;
  const visit = await resolve<Encounter>(tx, 'Encounter', task.encounter);
  const who = named ?? (visit && performerOf(visit));
  const target = parseReference(who?.reference);
  const isPerson = target?.type === 'Practitioner' || target?.type === 'PractitionerRole';
  if (!isPerson || !(await tx.read(target.type, target.id))) {
    const text = 'a Practitioner or PractitionerRole that is here is asked: the visit names none';
    throw unprocessable([wrongValue('recipient-unknown', at('recipient'), text)]);
  }
  return { reference: `${target.type}/${target.id}` };
}

/** Who asks, where they are somebody in FHIR. */
export function sender({ context }: Pick<Call, 'context'>): Pick<Communication, 'sender'> {
  const user = parseReference(context.permits?.user);
  const isNamed = user && ['Practitioner', 'PractitionerRole'].includes(user.type);
  return isNamed ? { sender: { reference: `${user.type}/${user.id}` } } : {};
}
