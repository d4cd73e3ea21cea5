import type { OperationDefinition, Parameters, ResourceType } from '@medplum/fhirtypes';
import { dateInZone } from '../datatypes/date.ts';
import { parseJson, toJson } from '../datatypes/json.ts';
import { fhirError, methodNotAllowed, unsupported } from '../outcome/fhirError.ts';
import { asServer, seesAll } from '../store/access/asServer.ts';
import type { Stored, Transaction } from '../store/store.ts';
import type { Answer, Awaited } from '../interaction/rest/answer.ts';
import type { Context, Operate } from '../interaction/context.ts';
import type { FhirRequest } from '../interaction/rest/request.ts';
import { readPairs } from '../interaction/rest/strictJson.ts';
import { idempotentTransaction, type Key } from '../interaction/rest/idempotentTransaction.ts';
import { requireOperation } from '../interaction/permits.ts';
import type { RequestTarget } from '../interaction/rest/requestTarget.ts';
import { readStored } from '../interaction/repository.ts';
import { isResourceType } from '../datatypes/resourceType.ts';
import { businessDate } from './call/businessDate.ts';
import { refuseNumbers } from './payment/refuseNumbers.ts';
import { assertMayDate } from './call/datedStep.ts';
import { zoneOfCall } from './call/practiceZone.ts';
import { operations } from './index.ts';
import { inputOf } from './call/input.ts';
import { onlySeen, requireSeen } from './call/callerView.ts';
import { traced } from './origin/traced.ts';
import type { Call, Later, Operation, OperationContext, Target } from './operation.ts';
import { parameter } from './parameters.ts';

export interface OperationRequest {
  readonly code: string; // without its dollar sign
  readonly target: Target;
  readonly method: 'GET' | 'POST';
  readonly query?: readonly (readonly [string, string])[];
  readonly body?: unknown; // Parameters, or the resource itself
  readonly key?: Key | undefined;
  readonly tx?: Transaction | undefined; // the transaction it is part of; else it has one of its own
  readonly later?: Later | undefined; // how HTTP asks for work that is answered later
}

const answersAt = (
  { code, resource = [], system, type, instance }: OperationDefinition,
  target: Target,
): boolean => {
  if (target.type === undefined) return system;
  if (target.version !== undefined && code !== 'meta') return false; // R4 has no other of a past version
  const names: readonly string[] = resource;
  const named = names.includes(target.type) || names.includes('Resource');
  return (target.id === undefined ? type : instance) && named;
};

/** The operation that answers at a place; 404 that names those that do. */
export function operationAt(code: string, target: Target): Operation {
  const here = operations.filter(({ definition }) => answersAt(definition, target));
  const found = here.find(({ definition }) => definition.code === code);
  if (found) return found;
  const names = here.map(({ definition }) => `$${definition.code}`);
  const there = names.length > 0 ? `there are ${[...new Set(names)].join(', ')}` : 'there is none';
  throw unsupported(404, 'unknown-operation', `$${code.slice(0, 64)} is no operation here; ${there}`);
}

/** Refuses what no run of an operation would take: an unknown one, a wrong method, unknown or unsound parameters. */
export function refuseUnfit(context: Context, { method, target, query, resource }: FhirRequest): void {
  const { type, id, version, operation: code = '' } = target;
  const operation = operationAt(code, {
    ...(type === undefined ? {} : { type }),
    ...(id === undefined ? {} : { id }),
    ...(version === undefined ? {} : { version }),
  });
  refuseMethod(operation, method);
  inputOf(context, operation, { query: readPairs(query), body: resource });
}

/** Whether the operation that a request names answers later by itself: then nobody else puts it off. */
export const beginsLater = ({ type, id, version, operation: code }: RequestTarget): boolean =>
  operations.some(
    ({ begin, definition }) =>
      begin !== undefined &&
      definition.code === code &&
      answersAt(definition, {
        ...(type === undefined ? {} : { type }),
        ...(id === undefined ? {} : { id }),
        ...(version === undefined ? {} : { version }),
      }),
  );

/** Refuses an operation that the caller may not run, before anything is read. One that is none is refused as such. */
export function refuseUnallowed(
  context: Context,
  { type, id, version, operation: code = '' }: RequestTarget,
): void {
  if (!context.permits) return;
  const target: Target = {
    ...(type === undefined ? {} : { type }),
    ...(id === undefined ? {} : { id }),
    ...(version === undefined ? {} : { version }),
  };
  requireAllowed(context, operationAt(code, target), target);
}

function requireAllowed(context: Context, { definition, permission }: Operation, { type }: Target): void {
  const { code, affectsState = true } = definition;
  const at = type !== undefined && isResourceType(type) ? type : undefined;
  requireOperation(context, code, { permission, type: at, changes: affectsState });
}

function refuseMethod({ definition: { affectsState = true, code } }: Operation, method: string): void {
  if (method !== 'POST' && affectsState)
    throw methodNotAllowed(`$${code} changes what is stored: use POST`, 'POST');
}

/** Finds the operation that a request names and runs it. */
export const runOperation = (context: Context, request: OperationRequest): Promise<Answer> =>
  perform(context, operationAt(request.code, request.target), request);

/**
 * Runs an operation wholly inside one transaction, taken back for a dry run. What it has to wait for (a payer) is waited
 * for after that.
 * See https://hl7.org/fhir/R4/operations.html#executing
 */
export async function perform(
  context: OperationContext,
  operation: Operation,
  request: Omit<OperationRequest, 'code'>,
): Promise<Answer> {
  const { target, method, key, tx: given } = request;
  const { affectsState = true, code } = operation.definition;
  requireAllowed(context, operation, target);
  refuseMethod(operation, method);
  if (operation.begin) {
    if (given || !request.later) throw notInBundle(code);
    const { later, query: pairs = [], body } = request;
    return operation.begin({ ...later, context, target, pairs, body });
  }
  const input = inputOf(context, operation, request);
  if (operation.ask) {
    if (given) throw notInBundle(code);
    return { status: 200, body: toJson(await operation.ask(context)) };
  }
  const dryRun = parameter(input, 'dryRun')?.valueBoolean === true;
  // Work may be run again: an operation may write into its input, so every later run reads the request anew.
  const text = request.body === undefined ? undefined : toJson(request.body);
  let isFirst = given === undefined;
  const again = (): Parameters =>
    inputOf(context, operation, { ...request, body: text === undefined ? text : parseJson(text) });
  const work = async (tx: Transaction): Promise<Answer> => {
    const own = isFirst ? input : again();
    isFirst = false;
    refuseNumbers(operation, own);
    const { type, id, version } = target;
    const isCurrent = type !== undefined && id !== undefined && version === undefined;
    const named = isCurrent && isResourceType(type) ? await instance(context, tx, { type, id }) : undefined;
    const isLimited = operation.asCaller !== true && !seesAll(tx);
    if (isLimited) await requireNamed({ context, tx }, operation, own);
    const running = operation.asCaller === true ? { context, tx } : serverSide(context, tx);
    const today = dateInZone(
      context.now(),
      await zoneOfCall(running.context, running.tx, { target, input: own }),
    );
    const on = businessDate(today, own);
    await assertMayDate(running, { code, today, on });
    const isPart = given !== undefined;
    const view = isLimited ? { view: tx } : {};
    const call = { ...running, ...view, target, input: own, today, on, dryRun, isPart };
    const result = await tracedRun(operation, call);
    if ('awaited' in result) return { status: 200, awaited: result, ...(named ? { shown: [named] } : {}) };
    const shown = isLimited ? await onlySeen(context, tx, result) : result;
    return {
      status: 200,
      body: shown instanceof Uint8Array ? shown : toJson(shown),
      ...(named ? { shown: [named] } : {}),
    };
  };
  const finish = async (awaited: Awaited): Promise<Answer> => {
    if (!operation.answer) throw new Error(`$${code} awaits nothing`);
    const result = await operation.answer(context, awaited, dryRun);
    if (operation.asCaller === true || seesAll(context.store)) return { status: 200, body: toJson(result) };
    const shown = await context.store.transaction((tx) => onlySeen(context, tx, result));
    return { status: 200, body: toJson(shown) };
  };
  if (!given)
    return idempotentTransaction(
      context,
      { key, keep: affectsState ? 'forever' : 'day', rollBack: dryRun, finish },
      work,
    );
  if (dryRun)
    throw fhirError(422, 'not-supported', 'not-in-bundle', 'a dry run cannot be part of a transaction');
  return work(given);
}

/** The resource that an operation is called on; undefined for one that the server brings along and nobody has stored. */
async function instance(
  { builtIn }: Context,
  tx: Transaction,
  { type, id }: { readonly type: ResourceType; readonly id: string },
): Promise<Stored | undefined> {
  const isBroughtAlong = builtIn?.ids.get(type)?.includes(id) === true;
  const stored = isBroughtAlong ? await tx.read(type, id) : await readStored(tx, type, id);
  return stored?.deleted === true ? undefined : stored;
}

/** What a caller names has to be what they see; a Bundle of another server is matched by the operation that takes it. */
async function requireNamed(
  { context, tx }: Pick<Call, 'context' | 'tx'>,
  { namesOthers }: Operation,
  input: Parameters,
): Promise<void> {
  const isForeign = namesOthers?.(parameter(input, 'resource')?.resource) === true;
  if (!isForeign) await requireSeen(context, tx, input);
}

/** Runs an operation; what it makes of other resources is written with where it comes from. */
function tracedRun(operation: Operation, call: Call): ReturnType<Operation['run']> {
  const { definition, asCaller = false } = operation;
  const { affectsState = true, code, url } = definition;
  if (!affectsState || call.dryRun || asCaller) return operation.run(call);
  const step = { activity: `$${code}`, definition: url, input: call.input };
  return traced(call.context, call.tx, step, () => operation.run(call));
}

const notInBundle = (code: string): Error =>
  fhirError(422, 'not-supported', 'not-in-bundle', `$${code} cannot be part of a Bundle`);

/** What an operation computes with and writes is read and written as the server does. */
const serverSide = (context: Context, tx: Transaction): Pick<Call, 'context' | 'tx'> =>
  seesAll(tx)
    ? { context, tx }
    : { context: { ...context, store: asServer(context.store) }, tx: asServer(tx) };

/** Runs the operation that a FHIR request names, from HTTP or from an entry of a Bundle. */
export const operate: Operate = (context, { method, target, query, resource, later }, { key, tx }) => {
  const { type, id, version, operation: code = '' } = target;
  const of = {
    ...(type === undefined ? {} : { type }),
    ...(id === undefined ? {} : { id }),
    ...(version === undefined ? {} : { version }),
  };
  const how = method === 'POST' ? 'POST' : 'GET';
  return Promise.resolve().then(() =>
    runOperation(context, {
      code,
      target: of,
      method: how,
      query: readPairs(query),
      body: resource,
      key,
      tx,
      later,
    }),
  );
};

/** An operation called from inside the server: the same runner, parameters as a list. */
export const callOperation = (
  context: Context,
  code: string,
  target: Target,
  given: NonNullable<Parameters['parameter']> = [],
  key?: Key,
): Promise<Answer> =>
  runOperation(context, {
    code,
    target,
    method: 'POST',
    body: { resourceType: 'Parameters', ...(given.length > 0 ? { parameter: given } : {}) },
    key,
  });
