import type { IncomingMessage } from 'node:http';
import { readJson, readPairs } from '../interaction/body.ts';
import type { Answer } from '../interaction/answer.ts';
import type { Context } from '../interaction/context.ts';
import { reading, writing } from '../interaction/interactions.ts';
import { once } from '../interaction/once.ts';
import { placeOf } from '../interaction/place.ts';
import { interactionOf, type FhirRequest } from '../interaction/request.ts';
import { system } from '../interaction/system.ts';
import { runOperation } from '../operation/run.ts';
import { readBody } from './body.ts';
import { formType, jsonTypes, requireType } from './content.ts';
import { keyOf } from './idempotency.ts';
import { preferOf } from './prefer.ts';

/** What a route needs besides the request. */
export interface Served {
  readonly context: Context;
  readonly capabilities: () => string;
  readonly bodyBytesMax: number;
}

/** Answers a FHIR request: URL → interaction or operation. `path` is below the base, without a slash in front. */
export async function route(
  served: Served,
  request: IncomingMessage,
  path: string,
  query: string,
): Promise<Answer> {
  const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET');
  const place = placeOf(path);
  const interaction = interactionOf(method, place);
  if (interaction === 'capabilities') return { status: 200, body: served.capabilities() };
  const { context } = served;
  const read = reading[interaction];
  if (read)
    return read(context, context.store, await readingRequest(served, request, { method, place, query }));
  const bytes = method === 'GET' ? new Uint8Array() : await readBody(request, served.bodyBytesMax);
  if (method !== 'DELETE' && bytes.length > 0) requireType(request, jsonTypes);
  const key = method === 'POST' ? keyOf(request, context.principal ?? '', bytes) : undefined;
  if (interaction === 'operation') {
    const body = bytes.length === 0 ? undefined : readJson(bytes);
    const { type, id, operation: code = '' } = place;
    const target = { ...(type === undefined ? {} : { type }), ...(id === undefined ? {} : { id }) };
    const get = method === 'GET' ? 'GET' : 'POST';
    return runOperation(context, { code, target, method: get, query: readPairs(query), body, key });
  }
  const prefer = preferOf(request.headers.prefer);
  if (interaction === 'system') {
    return system(context, readJson(bytes), { key, prefer: prefer.answer ?? 'minimal' });
  }
  const write = writing[interaction];
  if (!write) throw new Error(`no interaction ${interaction}`);
  const resource = method === 'DELETE' ? undefined : readJson(bytes);
  const asked: FhirRequest = {
    method,
    place,
    query,
    resource,
    ifMatch: request.headers['if-match'],
    ifNoneExist: headerText(request, 'if-none-exist'),
    prefer: prefer.answer ?? 'representation',
    lenient: prefer.lenient,
  };
  return once(context, { key, keep: 'day' }, (tx) => write(context, tx, asked));
}

type Asked = Pick<FhirRequest, 'method' | 'place' | 'query'>;

/** A request that changes nothing; a search may come as a form. */
async function readingRequest(served: Served, request: IncomingMessage, asked: Asked): Promise<FhirRequest> {
  const { headers } = request;
  const prefer = preferOf(headers.prefer);
  let { query } = asked;
  if (asked.method === 'POST') {
    const form = (await readBody(request, served.bodyBytesMax)).toString('utf8');
    if (form !== '') requireType(request, formType);
    query = [query, form].filter((part) => part !== '').join('&');
  }
  return {
    ...asked,
    query,
    ifNoneMatch: headers['if-none-match'],
    ifModifiedSince: headers['if-modified-since'],
    prefer: 'representation',
    lenient: prefer.lenient,
  };
}

const headerText = ({ headers }: IncomingMessage, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
};
