import type { ResourceType } from '@medplum/fhirtypes';
import { shipped } from '../search/registry.ts';
import type { Reader } from '../store/store.ts';
import { parsePairs } from '../search/parse.ts';
import type { Answer } from './answer.ts';
import { readPairs } from './body.ts';
import { bundleBytes, searchEntry, type Link } from './bundle.ts';
import type { Context } from './context.ts';
import type { FhirRequest } from './request.ts';

/** Parameters that are the transport's business. */
const transport = new Set(['_format', '_pretty']);

/**
 * GET [base]/[type]?…, POST [base]/[type]/_search: a page of matches and what they include.
 * See https://hl7.org/fhir/R4/http.html#search
 */
export async function searchType(context: Context, reader: Reader, request: FhirRequest): Promise<Answer> {
  const { type = 'Basic' } = request.place;
  const asked = readPairs(request.query).filter(([name]) => !transport.has(name));
  const pairs = request.lenient ? asked.filter(([name]) => isKnown(type, name)) : asked;
  const query = parsePairs(type, pairs, { base: context.publicUrl });
  const page = await reader.search(query);
  const url = `${context.publicUrl}/${type}`;
  const links: Link[] = [['self', withQuery(url, pairs)]];
  if (page.next !== undefined) {
    const kept = pairs.filter(([name]) => name !== '_cursor');
    links.push(['next', withQuery(url, [...kept, ['_cursor', page.next]])]);
  }
  const body = bundleBytes({ type: 'searchset', total: page.total, links }, [
    ...page.matches.map((match) => searchEntry(context.publicUrl, match, 'match')),
    ...page.included.map((included) => searchEntry(context.publicUrl, included, 'include')),
  ]);
  return { status: 200, body };
}

/** Prefer: handling=lenient asks to leave out what is unknown; the self link shows what was used. */
const isKnown = (type: ResourceType, name: string): boolean =>
  name.startsWith('_') || shipped.parametersOf(type).has(name.split(/[:.]/)[0] ?? '');

const withQuery = (url: string, pairs: [string, string][]): string =>
  pairs.length === 0 ? url : `${url}?${new URLSearchParams(pairs).toString()}`;
