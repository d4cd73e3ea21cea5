import { createHmac, timingSafeEqual } from 'node:crypto';
import { badRequest } from '../../../outcome/fhirError.ts';
import type { FilterValue, SearchParameter, SearchQuery } from '../../../search/query.ts';

/** Where a page begins: after a row, by its sort values and its rid. */
export interface Position {
  readonly keys: readonly (string | number | null)[];
  readonly rid: number;
}

const malformed = (): Error =>
  badRequest('malformed-cursor', 'The cursor was not made by this server for this search');

/** Criteria as text: the same for the same criteria, also where `ap` depends on the day. */
export const criteriaText = ({ type, filters }: SearchQuery): string =>
  JSON.stringify([type, filters], (key, value: unknown) => {
    if (key === 'parameter') return (value as SearchParameter).code;
    const near = value as FilterValue | undefined | null;
    return typeof near === 'object' && near?.prefix === 'ap' ? { near: near.text } : value;
  });

/** The criteria and the order that a cursor is valid for; the size of the page may change. */
const about = (query: SearchQuery): string => criteriaText(query) + query.sort.map(sortText).join(',');
const sortText = ({ parameter, descending }: SearchQuery['sort'][number]): string =>
  `${descending ? '-' : ''}${typeof parameter === 'string' ? parameter : parameter.code}`;

const seal = (secret: string, text: string): string =>
  createHmac('sha256', secret).update(text).digest('base64url').slice(0, 16);

/** A text for one purpose, signed with the secret of the store. */
export const toCursorText = (secret: string, about: string, text: string): string =>
  `${Buffer.from(text).toString('base64url')}.${seal(secret, text + about)}`;

/** Throws 400 for what toCursorText did not make for this purpose. */
export function fromCursorText(secret: string, about: string, cursor: string): string {
  const [body = '', given = ''] = cursor.split('.');
  const text = Buffer.from(body, 'base64url').toString();
  const [seen, expected] = [Buffer.from(given), Buffer.from(seal(secret, text + about))];
  if (seen.length !== expected.length || !timingSafeEqual(seen, expected)) throw malformed();
  return text;
}

export const toCursor = (secret: string, query: SearchQuery, { rid, keys }: Position): string =>
  toCursorText(secret, about(query), JSON.stringify([rid, ...keys]));

/** Throws 400 for what toCursor did not make for this search. */
export function fromCursor(secret: string, query: SearchQuery): Position | undefined {
  if (query.cursor === undefined) return undefined;
  const text = fromCursorText(secret, about(query), query.cursor);
  const [rid, ...keys] = JSON.parse(text) as [number, ...(string | number | null)[]];
  return { rid, keys };
}
