import type { Claim, Organization, Parameters, ParametersParameter, Task } from '@medplum/fhirtypes';
import { appealRules, deadlineOf, levelOf } from '../billing/appeal/appealLevel.ts';
import { codeOf, concept } from '../datatypes/coding.ts';
import { changed } from '../datatypes/json.ts';
import { referenceText } from '../datatypes/reference.ts';
import { withoutVersions } from '../datatypes/sentVersion.ts';
import { readResource, resolve, updateResource } from '../interaction/repository.ts';
import { conflict, unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided, toOutcome, unknownCode, wrongValue } from '../outcome/issue.ts';
import { system } from '../terminology/system.ts';
import { appealFacts, inputOf, lost, withInput } from './appeal/appealTask.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { dayOf, parameter } from './parameters.ts';

const at = (name: string): string => `Parameters.parameter.where(name='${name}').value`;
const decisions = ['upheld', 'overturned', 'partly-overturned', 'undecided', 'withdrawn'];

/** POST [base]/Task/[id]/$decide-appeal: what was decided, and which level may follow until when. No money moves. */
export const taskDecideAppeal: Operation = {
  definition: operationDefinition('Task-decide-appeal'),
  permission: 'submit-claim',
  async run(call): Promise<Parameters> {
    const { context, tx, input, on } = call;
    const task = await readResource<Task & { id: string }>(tx, 'Task', call.target.id ?? '');
    const name = referenceText(task);
    if (!appealFacts(task))
      throw unprocessable([businessFault('not-an-appeal', 'Task.code', `${name} is no appeal`)]);
    const decision = decisions.find((d) => d === parameter(input, 'decision')?.valueCode);
    if (decision === undefined)
      throw unprocessable([
        unknownCode('appeal-decision', at('decision'), `the decision is one of ${decisions.join(', ')}`),
      ]);
    const received = dayOf(input, 'receivedOn') ?? on;
    const filed = inputOf(task, 'filed')?.valueDate;
    if (received > call.today || (filed !== undefined && received < filed))
      throw unprocessable([
        wrongValue(
          'received-out-of-range',
          at('receivedOn'),
          'it was received after it was filed, and not later than today',
        ),
      ]);
    const state = codeOf(task.businessStatus, system.appealState);
    const next = await nextOf(call, task, { decision, received });
    if (state === decision)
      return told(task, next, [decided('already-there', 'Task', `${name} is ${decision} already`)]);
    if (state !== 'filed' && !(state === 'prepared' && decision === 'withdrawn'))
      throw conflict(
        'not-to-be-done',
        `${name} is ${state ?? task.status}: only what was filed is decided`,
        'Task.businessStatus',
      );
    const written = await updateResource<Task>(
      context,
      tx,
      changed(task, {
        status: decision === 'withdrawn' ? ('cancelled' as const) : ('completed' as const),
        businessStatus: concept(system.appealState, decision),
        lastModified: on,
        input: withInput(task, 'decision-received', { valueDate: received }),
      }),
    );
    const text = `${name} is ${decision}: what the payer pays now is posted with its answer`;
    return told(written, next, [decided('appeal-decided', 'Task', text)]);
  },
};

interface Next {
  readonly level: number;
  readonly name: string;
  readonly deadline: string | undefined;
}

function told(task: Task, next: Next | undefined, issues: ReturnType<typeof decided>[]): Parameters {
  const offered: ParametersParameter[] = next
    ? [
        { name: 'nextLevel', valuePositiveInt: next.level },
        ...(next.deadline === undefined ? [] : [{ name: 'nextDeadline', valueDate: next.deadline }]),
      ]
    : [];
  const more = next
    ? [
        decided(
          'next-level',
          'Task',
          `the ${next.name} may follow${next.deadline === undefined ? '' : ` until ${next.deadline}`}`,
        ),
      ]
    : [];
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'task', resource: task },
      ...offered,
      { name: 'outcome', resource: toOutcome([...issues, ...more]) },
    ],
  };
}

/** The level that may follow a decision against us. */
async function nextOf(
  { tx }: Call,
  task: Task,
  { decision, received }: { readonly decision: string; readonly received: string },
): Promise<Next | undefined> {
  const facts = appealFacts(task);
  if (!facts || !lost.includes(decision)) return undefined;
  const claim = await resolve<Claim>(tx, 'Claim', task.focus);
  const payer = claim && (await resolve<Organization>(tx, 'Organization', withoutVersions(claim).insurer));
  const level = levelOf(appealRules(payer), { route: facts.route, level: facts.level + 1 });
  if (!level) return undefined;
  // dispute resolution follows the end of the negotiation, however early it failed
  const from = (level.isBusiness === true ? task.restriction?.period?.end : undefined) ?? received;
  const deadline = deadlineOf(level, { dated: from, received: from });
  return { level: level.level, name: level.name, deadline };
}
