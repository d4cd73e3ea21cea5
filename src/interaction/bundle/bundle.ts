import type { Stored } from '../../store/store.ts';
import { etag } from '../rest/answer.ts';
import { shaped, type Shape } from '../search/summary.ts';

/** A link of a Bundle: [relation, url]. */
export type Link = readonly [relation: string, url: string];
type Piece = string | Uint8Array;

/** A Bundle made of stored bytes as they are, so that nothing is parsed and written anew. */
export function bundleBytes(
  head: { readonly type: string; readonly total?: number | undefined; readonly links?: readonly Link[] },
  entries: readonly (readonly Piece[])[],
): Uint8Array {
  const link = (head.links ?? []).map(([relation, url]) => ({ relation, url }));
  const start = JSON.stringify({
    resourceType: 'Bundle',
    type: head.type,
    ...(head.total === undefined ? {} : { total: head.total }),
    ...(link.length > 0 ? { link } : {}),
  });
  const pieces: Piece[] = [entries.length > 0 ? `${start.slice(0, -1)},"entry":[` : start];
  entries.forEach((entry, i) => {
    if (i > 0) pieces.push(',');
    pieces.push(...entry);
  });
  if (entries.length > 0) pieces.push(']}');
  return Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)));
}

/** One row of a searchset. */
export const searchEntry = (
  base: string,
  { type, id, json }: { readonly type: string; readonly id: string; readonly json: Piece },
  mode: 'match' | 'include',
): Piece[] => [`{"fullUrl":"${base}/${type}/${id}","resource":`, json, `,"search":{"mode":"${mode}"}}`];

/**
 * One version of a history. `revived`: it follows a deletion, so what wrote it created.
 * See https://hl7.org/fhir/R4/http.html#history
 */
export function historyEntry(base: string, version: Stored, revived: boolean, shape?: Shape): Piece[] {
  const { type, id, method, deleted, lastUpdated } = version;
  const json = shape && !deleted ? shaped(type, version.json, shape) : version.json;
  const url = method === 'POST' ? type : `${type}/${id}`;
  const status = deleted ? '204' : version.version === 1 || revived ? '201' : '200';
  const rest = JSON.stringify({
    request: { method, url },
    response: { status, etag: etag(version), lastModified: lastUpdated },
  }).slice(1);
  const start = `{"fullUrl":"${base}/${type}/${id}",`;
  return deleted ? [start + rest] : [`${start}"resource":`, json, `,${rest}`];
}
