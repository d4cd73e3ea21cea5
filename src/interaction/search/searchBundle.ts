import { randomUUID } from 'node:crypto';
import type { Explanation, SearchPage, Stored } from '../../store/store.ts';
import { details, toOutcome, type Issue } from '../../outcome/issue.ts';
import type { Answer } from '../rest/answer.ts';
import { bundleBytes, searchEntry, type Link } from '../bundle/bundle.ts';
import type { Context } from '../context.ts';
import type { Asked } from './searchAsked.ts';
import { shaped } from './summary.ts';

interface Found {
  readonly url: string; // of the search, without its parameters
  readonly asked: Asked;
  readonly page: SearchPage;
  readonly notes: readonly Issue[]; // what the client should know: entry of mode outcome
}

/** A searchset: matches, included resources, and an outcome about the search itself. */
export function searchBundle({ publicUrl }: Context, { url, asked, page, notes }: Found): Answer {
  const { pairs, shape } = asked;
  const links: Link[] = [['self', withQuery(url, pairs)]];
  if (page.next !== undefined) {
    const kept = pairs.filter(([name]) => name !== '_cursor');
    links.push(['next', withQuery(url, [...kept, ['_cursor', page.next]])]);
  }
  const row = (stored: Stored, mode: 'match' | 'include') =>
    shape
      ? searchEntry(publicUrl, { ...stored, json: shaped(stored.type, stored.json, shape) }, mode)
      : searchEntry(publicUrl, stored, mode);
  const outcome = `{"fullUrl":"urn:uuid:${randomUUID()}","resource":${JSON.stringify(toOutcome(notes))},"search":{"mode":"outcome"}}`;
  const body = bundleBytes({ type: 'searchset', total: page.total, links }, [
    ...page.matches.map((match) => row(match, 'match')),
    ...page.included.map((included) => row(included, 'include')),
    ...(notes.length > 0 ? [[outcome]] : []),
  ]);
  return { status: 200, body, shown: [...page.matches, ...page.included] };
}

const withQuery = (url: string, pairs: Asked['pairs']): string =>
  pairs.length === 0 ? url : `${url}?${new URLSearchParams(pairs.map(([n, v]) => [n, v])).toString()}`;

/** How the store answers a search, step by step. */
export const explained = ({ store, steps }: Explanation): Issue[] =>
  steps.map(({ what, index, plan }) => ({
    severity: 'information',
    code: 'informational',
    details: details('search-plan', `${store}: ${what}${index === undefined ? '' : `, by ${index}`}`),
    diagnostics: plan,
  }));
