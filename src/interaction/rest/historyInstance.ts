import { epochOf } from '../../datatypes/date.ts';
import { badRequest, notFound } from '../../outcome/fhirError.ts';
import { seesAll } from '../../store/access/asServer.ts';
import type { Reader, Stored } from '../../store/store.ts';
import type { Answer } from './answer.ts';
import { builtIn } from '../conformance/builtIn.ts';
import { bundleBytes, historyEntry } from '../bundle/bundle.ts';
import type { Context } from '../context.ts';
import { historyLinks, historyParameters, type HistoryParameters } from './historyParameters.ts';
import type { FhirRequest } from './request.ts';

/**
 * GET [base]/[type]/[id]/_history: every version, newest first; `_count`, `_since`, `_at`.
 * See https://hl7.org/fhir/R4/http.html#history
 */
export async function historyInstance(
  context: Context,
  reader: Reader,
  request: FhirRequest,
): Promise<Answer> {
  const { type = 'Basic', id = '' } = request.target;
  const asked = historyParameters(request);
  const [stored] = await reader.history(type, id, { count: 1 });
  const newest = stored ?? (await builtIn(context, type, id));
  if (!newest) throw notFound(`${type}/${id}`);
  const found = stored ? await wanted(reader, stored, asked) : [newest];
  const versions = found.slice(0, asked.count);
  const next = found.length > asked.count ? versions.at(-1)?.version : undefined;
  const isWhole = asked.since === undefined && asked.at === undefined;
  const head = {
    type: 'history',
    links: historyLinks(`${context.publicUrl}/${type}/${id}/_history`, asked, next?.toString()),
    ...(isWhole && seesAll(reader) ? { total: newest.version } : {}), // versions that are hidden are not counted
  };
  const revived = await reader.revivals(versions);
  const entries = versions.map((version) =>
    historyEntry(context.publicUrl, version, revived.has(version), asked.shape),
  );
  return { status: 200, body: bundleBytes(head, entries), shown: versions };
}

/** At most one version more than the page holds, newest first, of those the client wants. */
async function wanted(
  reader: Reader,
  { type, id }: Stored,
  { count, since, at, cursor }: HistoryParameters,
): Promise<Stored[]> {
  const found: Stored[] = [];
  let before = cursor === undefined ? undefined : versionOf(cursor);
  const follower = before === undefined ? undefined : await reader.vread(type, id, before);
  let replaced = follower ? epoch(follower) : Infinity; // when the version above took its place
  for (;;) {
    const page = await reader.history(type, id, {
      count: count + 1,
      ...(before === undefined ? {} : { before }),
    });
    for (const version of page) {
      const made = epoch(version);
      if (since !== undefined && made < since) return found;
      if (at && replaced <= at.low) return found;
      if (!at || made < at.high) found.push(version);
      replaced = made;
      if (found.length > count) return found;
    }
    if (page.length <= count) return found;
    before = page.at(-1)?.version;
  }
}

const epoch = ({ lastUpdated }: Stored): number => epochOf(lastUpdated) ?? 0;

function versionOf(cursor: string): number {
  if (!/^[1-9]\d{0,14}$/.test(cursor))
    throw badRequest('malformed-cursor', '_cursor is none of this history');
  return Number(cursor);
}
