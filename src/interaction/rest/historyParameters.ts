import { badRequest } from '../../outcome/fhirError.ts';
import { askedStretchOf, type Stretch } from '../../search/kind/date.ts';
import { onlyParameters } from './onlyParameters.ts';
import type { FhirRequest } from './request.ts';
import { takeShape, type Shape } from '../search/summary.ts';

const countDefault = 50;
const countMax = 1000;

/** What a history is asked for. Times are epoch milliseconds, `high` exclusive. */
export interface HistoryParameters {
  readonly count: number;
  readonly since?: number;
  readonly at?: Stretch;
  readonly cursor?: string;
  readonly shape?: Shape;
  readonly pairs: readonly [string, string][]; // as they were given
}

/** Reads the query of a history. See https://hl7.org/fhir/R4/http.html#history */
export function historyParameters(request: FhirRequest): HistoryParameters {
  const known = ['_count', '_since', '_at', '_cursor', '_summary', '_elements'];
  const pairs = onlyParameters(request, 'a history', known);
  const { shape } = takeShape(pairs);
  if (shape && 'summary' in shape && shape.summary === 'count') {
    throw badRequest(
      'malformed-value',
      'a history is not counted: _summary is one of true, text, data, false',
    );
  }
  let asked: HistoryParameters = { count: countDefault, pairs, ...(shape ? { shape } : {}) };
  const given = new Set<string>();
  for (const [name, value] of pairs) {
    if (given.has(name)) throw badRequest('repeated-parameter', `${name} may be given once`);
    given.add(name);
    if (name === '_count') asked = { ...asked, count: Math.min(whole(value), countMax) };
    else if (name === '_since') asked = { ...asked, since: stretch(name, value).low };
    else if (name === '_at') asked = { ...asked, at: stretch(name, value) };
    else if (name === '_cursor') asked = { ...asked, cursor: value };
  }
  return asked;
}

function whole(value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) {
    throw badRequest('malformed-value', '_count must be a whole number of at least 1');
  }
  return Number(value);
}

function stretch(name: string, value: string): Stretch {
  const found = askedStretchOf(value);
  if (found) return found;
  const text = `${name} must be an instant, as in 2026-01-31T10:00:00Z, or a date`;
  throw badRequest('malformed-value', text);
}

/** The links of a page: itself, and the next where there is one. */
export function historyLinks(
  url: string,
  { pairs }: HistoryParameters,
  next: string | undefined,
): [string, string][] {
  const links: [string, string][] = [['self', withQuery(url, pairs)]];
  if (next === undefined) return links;
  const kept = pairs.filter(([name]) => name !== '_cursor');
  return [...links, ['next', withQuery(url, [...kept, ['_cursor', next]])]];
}

const withQuery = (url: string, pairs: readonly [string, string][]): string =>
  pairs.length === 0 ? url : `${url}?${new URLSearchParams([...pairs]).toString()}`;
