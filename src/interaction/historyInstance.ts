import { epochOf } from '../datatypes/date.ts';
import { badRequest, notFound } from '../outcome/fhirError.ts';
import type { Reader } from '../store/store.ts';
import type { Answer } from './answer.ts';
import { readPairs } from './body.ts';
import { bundleBytes, historyEntry, type Link } from './bundle.ts';
import type { Context } from './context.ts';
import type { FhirRequest } from './request.ts';

const countDefault = 50;
const countMax = 1000;

interface Page {
  readonly count: number;
  readonly before?: number;
  readonly since?: number; // epoch milliseconds
}

/**
 * GET [base]/[type]/[id]/_history: every version, newest first; `_count`, `_since`, and `_before` for the next page.
 * See https://hl7.org/fhir/R4/http.html#history
 */
export async function historyInstance(
  context: Context,
  reader: Reader,
  request: FhirRequest,
): Promise<Answer> {
  const { type = 'Basic', id = '' } = request.place;
  const pairs = readPairs(request.query);
  const { count, before, since } = pageOf(pairs);
  const [newest] = await reader.history(type, id, { count: 1 });
  if (!newest) throw notFound(`${type}/${id}`);
  const found = await reader.history(type, id, {
    count: count + 1,
    ...(before === undefined ? {} : { before }),
  });
  const recent = found.filter((v) => since === undefined || (epochOf(v.lastUpdated) ?? 0) >= since);
  const versions = recent.slice(0, count);
  const url = `${context.publicUrl}/${type}/${id}/_history`;
  const links: Link[] = [['self', request.query === '' ? url : `${url}?${request.query}`]];
  const last = versions.at(-1);
  if (recent.length > count && last) {
    const kept = pairs.filter(([name]) => name !== '_before');
    links.push([
      'next',
      `${url}?${new URLSearchParams([...kept, ['_before', String(last.version)]]).toString()}`,
    ]);
  }
  const head = { type: 'history', links, ...(since === undefined ? { total: newest.version } : {}) };
  return {
    status: 200,
    body: bundleBytes(
      head,
      versions.map((v) => historyEntry(context.publicUrl, v)),
    ),
  };
}

function pageOf(pairs: readonly (readonly [string, string])[]): Page {
  let page: Page = { count: countDefault };
  for (const [name, value] of pairs) {
    if (name === '_count') page = { ...page, count: Math.min(whole(name, value), countMax) };
    else if (name === '_before') page = { ...page, before: whole(name, value) };
    else if (name === '_since') page = { ...page, since: instant(value) };
    else if (!/^_(?:format|pretty)$/.test(name)) {
      throw badRequest(
        'unknown-parameter',
        `a history has no parameter ${name.slice(0, 64)}; it has _count, _since`,
      );
    }
  }
  return page;
}

function whole(name: string, value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw badRequest('malformed-value', `${name} must be a whole number`);
  return Number(value);
}

function instant(value: string): number {
  const since = epochOf(value);
  if (since === undefined) throw badRequest('malformed-value', '_since must be an instant');
  return since;
}
