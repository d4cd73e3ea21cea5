import type { IncomingMessage } from 'node:http';
import { readBodyJson } from '../interaction/rest/bodyJson.ts';
import { limitsOf } from '../interaction/limits.ts';
import type { Answer } from '../interaction/rest/answer.ts';
import type { Context } from '../interaction/context.ts';
import { reading, writing } from '../interaction/rest/interactions.ts';
import { idempotentTransaction, type Key } from '../interaction/rest/idempotentTransaction.ts';
import { onlyParameters } from '../interaction/rest/onlyParameters.ts';
import { jsonPatchType } from '../interaction/patch/patchIn.ts';
import { requireMay } from '../interaction/permits.ts';
import { readCapabilities } from '../interaction/conformance/readCapabilities.ts';
import { requestTargetOf } from '../interaction/rest/requestTarget.ts';
import { interactionOf, type FhirRequest, type Interaction } from '../interaction/rest/request.ts';
import { actionBundle } from '../interaction/bundle/entry.ts';
import { refuseUnread } from '../interaction/rest/refuseUnread.ts';
import { system } from '../interaction/bundle/system.ts';
import { makeDue } from '../operation/audit/makeEvents.ts';
import { beginsLater, operate, refuseUnallowed, refuseUnfit } from '../operation/run.ts';
import type { AsyncJobs } from './asyncJobs.ts';
import { binaryFrom } from './binary.ts';
import { formType, jsonTypes, requireType } from './content.ts';
import { keyOf } from './idempotency.ts';
import { preferOf, type Prefer } from './prefer.ts';
import type { BodyBudget } from './bodyBudget.ts';
import { budgetedBody } from './budgetedBody.ts';
import { streamedOnce, streamingAt } from './streamedBody.ts';

/** What a route needs besides the request. */
export interface Served {
  readonly capabilities: () => string;
  readonly bodyBytesMax: number;
  readonly jobs: AsyncJobs;
  readonly budget: BodyBudget; // of large bodies
}

/** A request whose body is read, ready to be done now or later. */
interface Task {
  readonly interaction: Interaction;
  readonly request: FhirRequest;
  readonly key: Key | undefined;
}

/** What may take long, so that a client may want its answer later. */
const long = new Set<Interaction>([
  ...(['system', 'operation', 'search-type', 'search-system', 'history-type', 'history-system'] as const),
]);

/** A request at a path below the base, and the context of who sent it. */
interface Sent {
  readonly context: Context;
  readonly request: IncomingMessage;
  readonly path: string; // relative to the base
  readonly route?: string | undefined; // of the table of routes, where the path was found there
  readonly query: string;
  readonly recordImported?: Context['recordImported'] | undefined;
  /** Records work that is answered later, when it is done. */
  readonly record?: ((answer: Answer) => Promise<void>) | undefined;
}

/** Work that is answered later: its answer is kept once the access is recorded. */
async function recorded({ record }: Sent, work: Promise<Answer>): Promise<Answer> {
  const answer = await work;
  await record?.(answer);
  return answer;
}

/**
 * Answers a FHIR request: URL → interaction or operation. Only here a body is read: none for GET, streaming where an
 * operation takes lines, else within the budget. `form` is told of a query that came as a form.
 */
export async function answerFhir(served: Served, sent: Sent, form: (query: string) => void): Promise<Answer> {
  const { context, request, path, route, query } = sent;
  const method = request.method ?? 'GET';
  const target = requestTargetOf(path);
  const interaction = interactionOf(method, target, route);
  if (interaction === 'capabilities') {
    return readCapabilities({ query }, served.capabilities());
  }
  if (interaction === 'operation') refuseUnallowed(context, target);
  else requireMay(context, target.type, interaction);
  if (asksForAudit(path, query)) await makeDue(context);
  const streaming =
    interaction === 'operation' ? streamingAt(request, target, { context, query }) : undefined;
  if (streaming) {
    return streamedOnce({ ...context, ...importing(sent) }, request, streaming);
  }
  const prefer = preferOf(request.headers.prefer);
  const asked = { method: method === 'HEAD' ? 'GET' : method, target, query };
  const how = { interaction, asked, prefer };
  if (asked.method === 'GET') {
    const task = readingOf(sent, nothing, how);
    if (!isLater(task, prefer)) return perform(context, task);
    await refuseAhead(context, task);
    return served.jobs.start(context, (later) => recorded(sent, perform(later, task)));
  }
  const { bytes, reservation } = await budgetedBody(request, served.bodyBytesMax, served.budget, {
    ratioMax: limitsOf(context).unpackedRatio,
  });
  let isHandedOver = false;
  try {
    if (interaction === 'system' && bytes.includes('AuditEvent')) await makeDue(context);
    const task = await taskOf(sent, bytes, how);
    if (task.request.query !== query) form(task.request.query);
    if (!isLater(task, prefer)) return await perform(context, task);
    await refuseAhead(context, task);
    const work = (later: Context): Promise<Answer> =>
      recorded(sent, perform(later, task).finally(reservation.release));
    const answer = await served.jobs.start(context, work);
    isHandedOver = true;
    return answer;
  } finally {
    if (!isHandedOver) reservation.release();
  }
}

/** An import records each of its commits: it may end before its last. */
const importing = ({ recordImported }: Sent): Pick<Context, 'recordImported'> =>
  recordImported ? { recordImported } : {};

/** Whether the answer may hold AuditEvents: those that are due are made first. */
const asksForAudit = (path: string, query: string): boolean =>
  path.startsWith('AuditEvent') || path === '_history' || query.includes('AuditEvent');

interface Asked {
  readonly interaction: Interaction;
  readonly asked: Pick<FhirRequest, 'method' | 'target' | 'query'>;
  readonly prefer: Prefer;
}

async function taskOf(sent: Sent, bytes: Buffer, how: Asked): Promise<Task> {
  const task = readingOf(sent, bytes, how);
  return { ...task, request: { ...task.request, ...(await contentOf(sent, bytes, how)) } };
}

/** What a request says without its body. */
function readingOf({ context, request }: Sent, bytes: Buffer, how: Asked): Task {
  const { interaction, asked, prefer } = how;
  const { method } = asked;
  const { headers } = request;
  const key = method === 'POST' ? keyOf(request, context.principal ?? '', bytes) : undefined;
  const fallback = interaction === 'system' ? 'minimal' : 'representation';
  const read: FhirRequest = {
    ...asked,
    ifMatch: headers['if-match'],
    ifNoneMatch: headers['if-none-match'],
    ifModifiedSince: headers['if-modified-since'],
    ifNoneExist: headerText(request, 'if-none-exist'),
    prefer: prefer.answer ?? fallback,
    lenient: prefer.lenient,
    later: {
      isAsync: prefer.async,
      isLenient: prefer.lenient,
      query: asked.query,
      ...(headers.accept === undefined ? {} : { accept: headers.accept }),
    },
  };
  return { interaction, key, request: read };
}

const nothing = Buffer.alloc(0);
/** What a reference to resolve has in its text: a question mark or urn:, either of which may be escaped. */
const signs = ['?', 'urn:', '\\u'];

/** What a body says: a form is more of the query, a patch has a language, all else is a resource. */
async function contentOf(
  { context, request }: Sent,
  bytes: Buffer,
  { interaction, asked: { method, target, query } }: Asked,
): Promise<Partial<FhirRequest>> {
  const limits = limitsOf(context);
  if (reading[interaction]) {
    if (bytes.length === 0) return {};
    requireType(request, formType);
    return { query: [query, bytes.toString('utf8')].filter((part) => part !== '').join('&') };
  }
  if (method === 'PATCH') {
    const type = requireType(request, [jsonPatchType, ...jsonTypes]);
    const patchFormat = type === jsonPatchType ? 'json-patch' : 'fhirpath-patch';
    return { resource: await readBodyJson(bytes, limits), patchFormat };
  }
  if (interaction === 'create' || interaction === 'update') {
    const resource = binaryFrom(request, bytes, { target });
    if (resource) return { resource };
  }
  if (bytes.length > 0 && method !== 'DELETE') requireType(request, jsonTypes);
  if (method === 'DELETE' || (interaction === 'operation' && bytes.length === 0)) return {};
  return {
    resource: await readBodyJson(bytes, limits),
    isLiteral: !signs.some((sign) => bytes.includes(sign)),
  };
}

/** Whether the client wants the answer of a long task later. */
const isLater = ({ interaction, request: { target } }: Task, prefer: Prefer): boolean =>
  prefer.async && long.has(interaction) && !(interaction === 'operation' && beginsLater(target));

/** What can be refused before anything is done is refused before the client gets its 202. */
async function refuseAhead(context: Context, { interaction, request }: Task): Promise<void> {
  if (interaction === 'operation') refuseUnfit(context, request);
  else if (interaction === 'system') {
    onlyParameters(request, 'a batch or transaction');
    actionBundle(context, request.resource);
  } else await refuseUnread(context, interaction, request);
}

function perform(context: Context, { interaction, request, key }: Task): Promise<Answer> {
  if (interaction === 'operation') return operate(context, request, { key });
  if (interaction === 'system') {
    onlyParameters(request, 'a batch or transaction');
    return system(context, request.resource, { key, prefer: request.prefer, lenient: request.lenient });
  }
  const read = reading[interaction];
  if (read && !key) return read(context, context.store, request);
  const work = read ?? writing[interaction];
  if (!work) throw new Error(`no interaction ${interaction}`);
  return idempotentTransaction(context, { key, keep: 'day' }, (tx) => work(context, tx, request));
}

const headerText = ({ headers }: IncomingMessage, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
};
