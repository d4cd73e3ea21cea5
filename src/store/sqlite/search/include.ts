import type { ResourceType } from '@medplum/fhirtypes';
import type { Include, SearchParameter, SearchQuery } from '../../../search/query.ts';
import {
  canonicalsOf,
  includedMax,
  referred,
  referringCanonically,
  tooManyIncluded,
  versionName,
  type Canonical,
  type Referred,
} from '../../included.ts';
import type { SearchPage, Stored } from '../../store.ts';
import { compileAll } from './compile.ts';
import { compiling } from './compiling.ts';
import { fewLeft } from './found.ts';
import { placesOf } from './place.ts';
import { join, type SqlFragment } from './sqlFragment.ts';
import { byRids, current, referring, vread } from '../history/read.ts';
import { typeSpan, type SqliteState } from '../connection/sqliteState.ts';

/** What _include and _revinclude add to a page: current resources, each once, none that is a match. */
export function includedOf(
  state: SqliteState,
  query: SearchQuery,
  matches: readonly Stored[],
): Pick<SearchPage, 'included' | 'versions'> {
  if (query.include.length + query.revinclude.length === 0) return { included: [] };
  const versions: Stored[] = [];
  const seen = new Set(matches.map(versionName));
  const asked = new Set(matches.map(({ type, id }) => `${type}/${id}`)); // asked for as they are now
  const included: Stored[] = [];
  const add = (stored: Stored | undefined): void => {
    if (!stored || stored.deleted || seen.has(versionName(stored))) return;
    if (included.length >= includedMax) throw tooManyIncluded();
    seen.add(versionName(stored));
    included.push(stored);
  };
  const admitted = admission(state, query);
  /** Each once; too many are refused before they are read. */
  const addAll = (rids: readonly number[]): void => {
    const each = new Set(admitted(rids));
    if (each.size > includedMax + seen.size) throw tooManyIncluded();
    for (const stored of byRids(state, [...each])) add(stored);
  };
  const addNamed = ({ type, id, version }: Referred): void => {
    if (version !== undefined) {
      const stored = Number.isNaN(version) ? undefined : vread(state, type, id, version);
      if (!query.admits) add(stored);
      else if (stored && !stored.deleted) versions.push(stored); // judged by itself
      return;
    }
    if (asked.has(`${type}/${id}`)) return;
    asked.add(`${type}/${id}`);
    const named = current(state, type, id);
    if (named && admitted([named.rid]).length > 0) add(named);
  };
  const follow = (row: Stored, include: readonly Include[], revinclude: readonly Include[]): void => {
    if (include.length > 0) {
      for (const named of referred(include, row, state)) addNamed(named);
      const canonicals = canonicalsOf(include, row, state);
      if (canonicals.length > 0) addAll(named(state, canonicals));
    }
    for (const back of revinclude) addAll(ridsOf(state, back, row));
  };
  for (const match of matches) follow(match, query.include, query.revinclude);
  const again = [query.include, query.revinclude].map((list) => list.filter(({ iterate }) => iterate));
  if (again.some((list) => list.length > 0))
    for (let i = 0; i < included.length; i += 1) {
      const row = included[i];
      if (row) follow(row, again[0] ?? [], again[1] ?? []);
    }
  return versions.length === 0 ? { included } : { included, versions };
}

/** Takes those of some rids that may be included; all where the query admits all. */
function admission(
  state: SqliteState,
  { admits }: SearchQuery,
): (rids: readonly number[]) => readonly number[] {
  if (!admits) return (rids) => rids;
  const tests = new Map<ResourceType, SqlFragment | undefined>();
  const testOf = (type: ResourceType): SqlFragment | undefined => {
    if (tests.has(type)) return tests.get(type);
    const criteria = admits(type);
    const conditions = criteria && compileAll(compiling(state), type, criteria);
    const test =
      conditions &&
      join(
        conditions.map((condition) => condition.test('d.rid', fewLeft)),
        ' AND ',
        '1',
      );
    tests.set(type, test);
    return test;
  };
  return (rids) => {
    const ofTypes = Map.groupBy(rids, (rid) => state.names.typeName(Math.floor(rid / typeSpan)));
    const kept = [...ofTypes].flatMap(([type, ofType]) => {
      const test = testOf(type);
      if (!test) return [];
      const rows = state.database.all(
        `SELECT d.rid FROM json_each(?) asked CROSS JOIN resource d ON d.rid = asked.value WHERE ${test.sql}`,
        ...[JSON.stringify(ofType), ...test.values],
      );
      return rows.map(([rid]) => Number(rid));
    });
    const left = new Set(kept);
    return rids.filter((rid) => left.has(rid));
  };
}

/** Those that have the key of a canonical under some of these parameters. */
function withKey(
  { database, names }: SqliteState,
  parameters: readonly SearchParameter[],
  key: string,
): number[] {
  const numbers = parameters.flatMap((one) => placesOf(names, one).map(({ no }) => no));
  const sql =
    'SELECT DISTINCT rid FROM reference WHERE target = ? AND parameter IN (SELECT value FROM json_each(?)) ORDER BY rid';
  return database.all(sql, names.targets.find(0, key), JSON.stringify(numbers)).map(([rid]) => Number(rid));
}

/** The resources that canonical URLs name. */
const named = (state: SqliteState, canonicals: readonly Canonical[]): number[] =>
  canonicals.flatMap(({ key, addresses }) => withKey(state, addresses, key));

/** The resources that refer to one, by what a _revinclude asks for. */
function ridsOf(state: SqliteState, back: Include, to: Stored): number[] {
  const { parameters, keys } = referringCanonically(back, to, state);
  const naming = keys.flatMap((key) => withKey(state, parameters, key));
  const literally = literalRids(state, back, to);
  if (naming.length === 0) return literally;
  return [...new Set([...literally, ...naming])].sort((one, other) => one - other);
}

function literalRids(state: SqliteState, { source, parameter, target }: Include, to: Stored): number[] {
  if (target !== undefined && target !== to.type) return [];
  if (!parameter) return referring(state, to).filter((rid) => isOf(state, source, rid));
  const sql = 'SELECT rid FROM reference WHERE target = ? AND parameter = ? ORDER BY rid';
  const { database, names } = state;
  const no = names.targets.find(names.type(to.type), to.id);
  return (parameter.from ?? [{ code: parameter.code, target: undefined }]).flatMap((origin) =>
    (origin.target ?? to.type) === to.type
      ? database.all(sql, no, names.byCode(parameter.type, origin.code)).map(([rid]) => Number(rid))
      : [],
  );
}

const isOf = ({ names }: SqliteState, type: ResourceType | undefined, rid: number): boolean =>
  type === undefined || Math.floor(rid / typeSpan) === names.type(type);
