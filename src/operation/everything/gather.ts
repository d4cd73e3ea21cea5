import type { ResourceType } from '@medplum/fhirtypes';
import { epochOf } from '../../datatypes/date.ts';
import { bundleBytes, searchEntry, type Link } from '../../interaction/bundle/bundle.ts';
import { parsed } from '../../interaction/repository.ts';
import { concatenatedSearch, type Part } from '../../interaction/search/concatenatedSearch.ts';
import { extract } from '../../search/extract.ts';
import { parsePairs } from '../../search/parse.ts';
import type { Criterion } from '../../search/query.ts';
import type { Stored } from '../../store/store.ts';
import type { Call } from '../operation.ts';
import { everythingAsked, type EverythingAsked } from './asked.ts';
import { careDate } from './careDate.ts';
import type { EverythingScope } from './scope.ts';

/**
 * A page of a record as a searchset: first what belongs to it, type by type, then what that refers to, each once. The
 * second half is in order of name, so that a page of it begins after the last name of the one before.
 */
export async function gather(call: Call, scope: EverythingScope): Promise<Uint8Array> {
  const asked = everythingAsked(call.input);
  const parts = partsOf(call, scope, asked);
  const { count, cursor = '' } = asked;
  const after = cursor.startsWith('~') ? cursor.slice(1) : undefined;
  const members =
    after === undefined
      ? await concatenatedSearch(call.context, parts, cursor === '' ? undefined : cursor)
      : { matches: [], next: undefined };
  const left = count - members.matches.length;
  const wantsMore = members.next === undefined;
  const found = wantsMore ? await supporting(call, scope, asked, after) : [];
  const given = left > 0 ? found.slice(0, left) : [];
  const last = given.at(-1);
  const next = members.next ?? (found.length > given.length ? `~${last ? nameOf(last) : ''}` : undefined);
  const { publicUrl } = call.context;
  const isWhole = cursor === '' && next === undefined;
  return bundleBytes(
    {
      type: 'searchset',
      ...(isWhole ? { total: members.matches.length } : {}),
      links: linksOf(call, asked, next),
    },
    [
      ...members.matches.map((row) => searchEntry(publicUrl, row, 'match')),
      ...given.map((row) => searchEntry(publicUrl, row, 'include')),
    ],
  );
}

const nameOf = ({ type, id }: { readonly type: string; readonly id: string }): string => `${type}/${id}`;

/** One search for each type that may belong to the record. */
function partsOf({ context, tx }: Call, scope: EverythingScope, asked: EverythingAsked): Part[] {
  const { registry } = context.store;
  const options = { base: context.publicUrl, registry };
  return scope.types.flatMap((type): Part[] => {
    if (asked.types && !asked.types.includes(type)) return [];
    const belongs = scope.belongs(type);
    if (!belongs) return [];
    const pairs: [string, string][] = [['_count', String(asked.count)]];
    if (asked.since !== undefined) pairs.push(['_lastUpdated', `ge${asked.since}`]);
    const query = parsePairs(type, pairs, options);
    const cared = careDate(registry, type, asked);
    const filters: Criterion[] = [belongs, ...query.filters, ...(cared ? [cared] : [])];
    return [{ key: type, reader: tx, query: { ...query, filters } }];
  });
}

/** What the whole record refers to and what does not belong to it, in order of name, after a name. */
async function supporting(
  call: Call,
  scope: EverythingScope,
  asked: EverythingAsked,
  after: string | undefined,
): Promise<Stored[]> {
  const { tx } = call;
  const members = new Set<string>();
  const wanted = new Map<string, { readonly type: ResourceType; readonly id: string }>();
  const want = (row: Stored): void => {
    for (const target of referredBy(call, row))
      if (scope.follows(target.type)) wanted.set(nameOf(target), target);
  };
  for (const { reader, query } of partsOf(call, scope, { ...asked, count: 1000 })) {
    for (let cursor: string | undefined; ;) {
      const page = await reader.search({ ...query, ...(cursor === undefined ? {} : { cursor }) });
      for (const row of page.matches) {
        members.add(nameOf(row));
        want(row);
      }
      cursor = page.next;
      if (cursor === undefined) break;
    }
  }
  const found: Stored[] = [];
  for (const [name, { type, id }] of wanted) {
    if (members.has(name)) continue;
    const row = await tx.read(type, id);
    if (!row || row.deleted) continue;
    if (supports(type)) want(row);
    const isAsked = (asked.types?.includes(type) ?? true) && isSince(row, asked.since);
    if (isAsked && (after === undefined || name > after)) found.push(row);
  }
  return found.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

/** Types whose own references are followed too, as from a place to the organization that runs it: none is a record. */
const further = new Set<ResourceType>(['Location', 'Medication', 'Organization', 'PractitionerRole']);
const supports = (type: ResourceType): boolean => further.has(type);

const isSince = ({ lastUpdated }: Stored, since: string | undefined): boolean =>
  since === undefined || (epochOf(lastUpdated) ?? 0) >= (epochOf(since) ?? 0);

function referredBy({ context: { publicUrl: base, store } }: Call, row: Stored) {
  return extract(parsed(row), { base, registry: store.registry }).flatMap((entry) =>
    entry.kind === 'reference' && entry.type ? [{ type: entry.type, id: entry.id }] : [],
  );
}

function linksOf(
  { context, target }: Call,
  { pairs, cursor }: EverythingAsked,
  next: string | undefined,
): Link[] {
  const below = [target.type, target.id, '$everything'].filter((part) => part !== undefined).join('/');
  const url = (more: readonly (readonly [string, string])[]): string => {
    const query = new URLSearchParams([...pairs, ...more].map(([name, value]) => [name, value])).toString();
    return `${context.publicUrl}/${below}${query === '' ? '' : `?${query}`}`;
  };
  const self: Link = ['self', url(cursor === undefined ? [] : [['_cursor', cursor]])];
  return next === undefined ? [self] : [self, ['next', url([['_cursor', next]])]];
}
