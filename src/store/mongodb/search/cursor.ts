import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { badRequest } from '../../../outcome/fhirError.ts';
import type { SearchQuery } from '../../../search/query.ts';
import type { HistoryQuery } from '../../store.ts';

/** Where a page begins: after a row, by its sort values and its place in the order of creation. */
export interface Position {
  readonly keys: readonly (string | number | null)[];
  readonly order: number;
}

const malformed = (): Error =>
  badRequest('malformed-cursor', 'The cursor was not made by this server for this search');

/** The same text for the same criteria, also where `ap` depends on the day. */
const hash = (about: unknown): string =>
  createHash('sha256')
    .update(
      JSON.stringify(about, (key, value: unknown) => {
        if (typeof value !== 'object' || value === null) return value;
        if (key === 'parameter') return (value as { readonly code?: unknown }).code;
        const { prefix, text } = value as { readonly prefix?: unknown; readonly text?: unknown };
        return prefix === 'ap' ? { near: text } : value;
      }),
    )
    .digest('base64url')
    .slice(0, 8);

/** The criteria and the order that a cursor is valid for; the size of the page may change. */
export const aboutSearch = ({ type, filters, sort }: SearchQuery): string => hash([type, filters, sort]);
export const aboutHistory = ({ type, since, at }: HistoryQuery): string => hash(['history', type, since, at]);

const seal = (secret: string, text: string): string =>
  createHmac('sha256', secret).update(text).digest('base64url').slice(0, 16);

/** A cursor is signed with the secret of the store, so that only cursors it made are accepted. */
export function toCursor(secret: string, about: string, { order, keys }: Position): string {
  const text = JSON.stringify([order, ...keys]);
  return `${Buffer.from(text).toString('base64url')}.${seal(secret, text + about)}`;
}

/** Throws 400 for what toCursor did not make for this search. */
export function fromCursor(secret: string, about: string, cursor: string | undefined): Position | undefined {
  if (cursor === undefined) return undefined;
  const [body = '', given = ''] = cursor.split('.');
  const text = Buffer.from(body, 'base64url').toString();
  const expected = seal(secret, text + about);
  if (given.length !== expected.length || !timingSafeEqual(Buffer.from(given), Buffer.from(expected)))
    throw malformed();
  const [order, ...keys] = JSON.parse(text) as [number, ...(string | number | null)[]];
  return { order, keys };
}
