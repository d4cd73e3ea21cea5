import type { Reader } from '../../store/store.ts';
import type { Answer } from './answer.ts';
import { bundleBytes, historyEntry } from '../bundle/bundle.ts';
import type { Context } from '../context.ts';
import { historyLinks, historyParameters } from './historyParameters.ts';
import type { FhirRequest } from './request.ts';

/**
 * GET [base]/[type]/_history and GET [base]/_history: the versions of all resources, newest first; `_count`, `_since`,
 * `_at`. See https://hl7.org/fhir/R4/http.html#history
 */
export async function historyType(context: Context, reader: Reader, request: FhirRequest): Promise<Answer> {
  const { type } = request.target;
  const asked = historyParameters(request);
  const { count, since, at, cursor } = asked;
  const { versions, next } = await reader.changes({
    count,
    ...(type === undefined ? {} : { type }),
    ...(since === undefined ? {} : { since }),
    ...(at === undefined ? {} : { at }),
    ...(cursor === undefined ? {} : { cursor }),
  });
  const url = `${context.publicUrl}${type === undefined ? '' : `/${type}`}/_history`;
  const head = { type: 'history', links: historyLinks(url, asked, next) };
  const revived = await reader.revivals(versions);
  const entries = versions.map((version) =>
    historyEntry(context.publicUrl, version, revived.has(version), asked.shape),
  );
  return { status: 200, body: bundleBytes(head, entries), shown: versions };
}
