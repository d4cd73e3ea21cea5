import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { badRequest } from '../../outcome/fhirError.ts';
import type { Criterion, SearchParameter, SearchQuery } from '../../search/query.ts';

/** Where a page begins: after a row, by its sort values and its rid. */
export interface Position {
  readonly keys: readonly (string | number | null)[];
  readonly rid: number;
}

const malformed = (): Error =>
  badRequest('malformed-cursor', 'The cursor was not made by this server for this search');

/** What a cursor belongs to: the criteria and the order, not the size of the page. */
const about = ({ type, filters, sort }: SearchQuery): string =>
  createHash('sha256')
    .update(JSON.stringify([type, filters.map(criterionText), sort.map(sortText)]))
    .digest('base64url')
    .slice(0, 8);
const criterionText = (criterion: Criterion): unknown =>
  JSON.parse(
    JSON.stringify(criterion, (key, value: unknown) =>
      key === 'parameter' ? (value as SearchParameter).code : value,
    ),
  ) as unknown;
const sortText = ({ parameter, descending }: SearchQuery['sort'][number]): string =>
  `${descending ? '-' : ''}${typeof parameter === 'string' ? parameter : parameter.code}`;

const seal = (secret: string, text: string): string =>
  createHmac('sha256', secret).update(text).digest('base64url').slice(0, 16);

/** A cursor is sealed with the secret of the store, so that nothing but what it gave out is taken back. */
export function toCursor(secret: string, query: SearchQuery, position: Position): string {
  const text = JSON.stringify([position.rid, ...position.keys]);
  return `${Buffer.from(text).toString('base64url')}.${seal(secret, text + about(query))}`;
}

/** Throws 400 for what toCursor did not make for this search. */
export function fromCursor(secret: string, query: SearchQuery): Position | undefined {
  if (query.cursor === undefined) return undefined;
  const [body = '', given = ''] = query.cursor.split('.');
  const text = Buffer.from(body, 'base64url').toString();
  const expected = seal(secret, text + about(query));
  if (given.length !== expected.length || !timingSafeEqual(Buffer.from(given), Buffer.from(expected)))
    throw malformed();
  const [rid, ...keys] = JSON.parse(text) as [number, ...(string | number | null)[]];
  return { rid, keys };
}
