import type {
  ClaimResponse,
  OperationOutcome,
  Parameters,
  ParametersParameter,
  Task,
} from '@medplum/fhirtypes';
import { toMoney } from '../datatypes/cents.ts';
import { codeOf, has } from '../datatypes/coding.ts';
import { parseJson } from '../datatypes/json.ts';
import { extensionOf } from '../datatypes/extension.ts';
import { parseReference } from '../datatypes/reference.ts';
import type { Claim } from '@medplum/fhirtypes';
import type { Awaited } from '../interaction/rest/answer.ts';
import { resolve } from '../interaction/repository.ts';
import { FhirError, fhirError, unprocessable } from '../outcome/fhirError.ts';
import { businessFault, codeOfIssue, decided, missing, toOutcome, unknownCode } from '../outcome/issue.ts';
import { asServer } from '../store/access/asServer.ts';
import { extension, system } from '../terminology/system.ts';
import { operationDefinition } from './definition.ts';
import { openOf } from './denial/readDenials.ts';
import type { Call, Operation, OperationContext } from './operation.ts';
import { parameter, parameters } from './parameters.ts';

const at = (name: string): string => `Parameters.parameter.where(name='${name}').value`;
const most = 200;
const actions = ['assign', 'write-off', 'resubmit'] as const;

/** What is to be done with which denials; kept as text while it is done. */
interface Asked {
  readonly tasks: readonly string[];
  readonly action: (typeof actions)[number];
  readonly given: readonly ParametersParameter[]; // of $assign
  readonly reason: string;
}

/**
 * POST [base]/Task/$work-denials: does one thing with each of some denials, each in a transaction of its own and as its
 * caller might do it alone; what is refused leaves the others done.
 */
export const taskWorkDenials: Operation = {
  definition: operationDefinition('Task-work-denials'),
  permission: 'assign-work',
  asCaller: true,
  run(call): Promise<Awaited> {
    if (call.isPart)
      throw fhirError(422, 'not-supported', 'not-in-bundle', '$work-denials cannot be part of a Bundle');
    return Promise.resolve({ awaited: JSON.stringify(askedOf(call)) });
  },
  async answer(context, { awaited }, dryRun): Promise<Parameters> {
    const asked = JSON.parse(awaited) as Asked;
    const items: ParametersParameter[] = [];
    let done = 0;
    for (const task of asked.tasks) {
      const became = await workOne(context, { ...asked, task, dryRun });
      if (became.result === 'done') done += 1;
      items.push({
        name: 'item',
        part: [
          { name: 'task', valueReference: { reference: task } },
          { name: 'result', valueCode: became.result },
          ...(became.claim === undefined
            ? []
            : [{ name: 'claim', valueReference: { reference: became.claim } }]),
          { name: 'outcome', resource: became.outcome },
        ],
      });
    }
    const text = `${done.toString()} of ${asked.tasks.length.toString()} denials are done`;
    return {
      resourceType: 'Parameters',
      parameter: [
        ...items,
        { name: 'outcome', resource: toOutcome([decided('denials-worked', 'Task', text)]) },
      ],
    };
  },
};

/** Reads what is asked; 422 with every fault at once. */
function askedOf({ input }: Call): Asked {
  const tasks = [...new Set(parameters(input, 'task').flatMap((p) => p.valueReference?.reference ?? []))];
  const action = actions.find((a) => a === parameter(input, 'action')?.valueCode);
  const reason = parameter(input, 'reason')?.valueString ?? '';
  const given = (input.parameter ?? []).filter(({ name }) =>
    ['assignee', 'due', 'snoozeUntil'].includes(name),
  );
  const isUnfit =
    tasks.length === 0 || tasks.length > most || tasks.some((t) => parseReference(t)?.type !== 'Task');
  const faults = [
    ...(isUnfit ? [businessFault('denials-unfit', at('task'), `name 1 to ${most.toString()} Tasks`)] : []),
    ...(action === undefined
      ? [unknownCode('denial-action', at('action'), `the action is one of ${actions.join(', ')}`)]
      : []),
    ...(action !== undefined && action !== 'assign' && reason === ''
      ? [missing('reason-missing', at('reason'), `${action} needs a reason`)]
      : []),
    ...(action === 'assign' && given.length === 0
      ? [
          missing(
            'nothing-asked',
            'Parameters.parameter',
            'say who does it, when it is due, or until when it sleeps',
          ),
        ]
      : []),
  ];
  if (action === undefined || faults.length > 0) throw unprocessable(faults);
  return { tasks, action, given, reason };
}

interface One extends Asked {
  readonly task: string;
  readonly dryRun: boolean;
}

interface Became {
  readonly result: 'done' | 'waiting' | 'refused';
  readonly claim?: string;
  readonly outcome: OperationOutcome;
}

async function workOne(context: OperationContext, one: One): Promise<Became> {
  try {
    const { action, given } = one;
    const { task, claim } = await denialOf(context, one.task);
    if (action === 'assign')
      return became(await operate(context, one, { on: one.task, code: 'assign', given }));
    if (action === 'write-off') return became(await writeOff(context, one, { task, claim }));
    return await resubmit(context, one, claim);
  } catch (error) {
    if (!(error instanceof FhirError) || error.status >= 500) throw error;
    return { result: 'refused', outcome: toOutcome(error.issue) };
  }
}

/** The denial as its caller sees it; 404 where they do not, 422 where it is none. */
async function denialOf(
  context: OperationContext,
  reference: string,
): Promise<{ readonly task: Task; readonly claim: string }> {
  const task = await context.store.transaction((tx) => resolve<Task>(tx, 'Task', { reference }));
  if (!task) throw fhirError(404, 'not-found', 'not-found', `${reference} is not known`);
  const claim = task.focus?.reference ?? '';
  if (has(task.code, system.task, 'denial') && parseReference(claim)?.type === 'Claim')
    return { task, claim };
  throw unprocessable([businessFault('not-a-denial', 'Task.code', `${reference} is no denial`)]);
}

/** Gives up what stands open of a denial, once. */
async function writeOff(
  context: OperationContext,
  one: One,
  { task, claim }: { readonly task: Task; readonly claim: string },
): Promise<Parameters> {
  const carc = codeOf(task.reasonCode, system.carc) ?? '';
  const open = await asServer(context.store).transaction(async (tx) => {
    const of = await resolve<Claim>(tx, 'Claim', { reference: claim });
    const account = extensionOf(of, extension.account)?.valueReference?.reference ?? '';
    const response = await resolve<ClaimResponse>(tx, 'ClaimResponse', task.reasonReference);
    return openOf(await tx.journal(account), { name: claim, carc, response });
  });
  if (open === 0)
    throw unprocessable([businessFault('above-denied-amount', 'Task', 'nothing of it stands open')]);
  return operate(context, one, {
    on: claim,
    code: 'write-off',
    given: [
      { name: 'amount', valueMoney: toMoney(open) },
      { name: 'reason', valueCode: one.reason },
      { name: 'reference', valueString: `DENIAL-${task.id ?? ''}` },
    ],
  });
}

/** Drafts what corrects the claim and sends it. What was drafted stays where sending it is refused: a person looks at it. */
async function resubmit(context: OperationContext, one: One, claim: string): Promise<Became> {
  const given = [{ name: 'reason', valueString: one.reason }];
  const corrected = await operate(context, one, { on: claim, code: 'correct', given });
  const draft = corrected.parameter?.find((p) => p.name === 'claim')?.resource as Claim | undefined;
  const name = `Claim/${draft?.id ?? ''}`;
  if (one.dryRun || draft?.status !== 'draft') return { ...became(corrected), claim: name };
  try {
    await operate(context, one, { on: name, code: 'submit', given: [] });
  } catch (error) {
    if (!(error instanceof FhirError) || error.status >= 500) throw error;
    const left = decided('drafted', 'Claim', `${name} is drafted and was not sent`);
    return { result: 'refused', claim: name, outcome: toOutcome([...error.issue, left]) };
  }
  return {
    result: 'done',
    claim: name,
    outcome: toOutcome([decided('resubmitted', 'Claim', `${name} was sent`)]),
  };
}

/** Runs an operation as the caller, in a transaction of its own. */
async function operate(
  context: OperationContext,
  { dryRun }: One,
  of: { readonly on: string; readonly code: string; readonly given: readonly ParametersParameter[] },
): Promise<Parameters> {
  const target = parseReference(of.on);
  if (!context.operate || !target) throw new Error('operations are not connected');
  const takesDryRun = dryRun ? [{ name: 'dryRun', valueBoolean: true }] : [];
  const parameter = [...of.given, ...takesDryRun];
  const answer = await context.operate(
    context,
    {
      ...{ method: 'POST', query: '', prefer: 'representation', lenient: false },
      target: { type: target.type, id: target.id, operation: of.code },
      resource: { resourceType: 'Parameters', ...(parameter.length > 0 ? { parameter } : {}) },
    },
    {},
  );
  const text = typeof answer.body === 'string' ? answer.body : new TextDecoder().decode(answer.body);
  const body = parseJson(text) as Parameters | OperationOutcome;
  if (answer.status >= 400 && body.resourceType === 'OperationOutcome')
    throw new FhirError(answer.status, body.issue);
  return body as Parameters;
}

function became(done: Parameters): Became {
  const outcome = done.parameter?.find((p) => p.name === 'outcome')?.resource as OperationOutcome | undefined;
  const isWaiting = outcome?.issue.some((i) => codeOfIssue(i) === 'second-person-needed') === true;
  return { result: isWaiting ? 'waiting' : 'done', outcome: outcome ?? toOutcome([]) };
}
