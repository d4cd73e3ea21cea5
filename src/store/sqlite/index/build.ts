import type { ResourceType } from '@medplum/fhirtypes';
import { extract, otherReference } from '../../../search/extract.ts';
import type { IndexEntry, SearchParameter } from '../../../search/query.ts';
import { membersText } from '../../access/membership.ts';
import type { IndexProgress } from '../../store.ts';
import { resourceOf } from '../../version.ts';
import { rowSignatureOf, isSame } from './rowSignature.ts';
import { noteSeveral, removeEntries, writeEntries } from './entries.ts';
import type { Row } from '../connection/database.ts';
import type { Building } from './parameters.ts';
import { typeSpan, type SqliteState } from '../connection/sqliteState.ts';

/** Resources that are indexed in one transaction: few, so that other requests do not wait long. */
const batch = 100;
/** Rows that are deleted in one transaction. */
const fewRows = 2000;

/** One step of building the index, inside a transaction that is open; false when there is nothing left to do. */
export function buildStep(state: SqliteState): boolean {
  state.sync(true);
  const { parameters } = state.names;
  const [first] = parameters.building;
  if (first) {
    const { type } = first.parameter;
    const least = Math.min(
      ...parameters.building.filter((b) => b.parameter.type === type).map((b) => b.done),
    );
    const now = parameters.building.filter((b) => b.parameter.type === type && b.done === least);
    indexSome(state, type, now);
    return true;
  }
  const [signatureBackfill] = state.names.signatureBackfill.types;
  if (signatureBackfill) {
    backfillSignatures(state, signatureBackfill);
    return true;
  }
  const [membersBackfill] = state.names.membersBackfill.types;
  if (membersBackfill) {
    backfillMembers(state, membersBackfill);
    return true;
  }
  const [retired] = parameters.retired;
  if (retired === undefined) return false;
  if (dropSome(state, retired) === 0) parameters.dropped(retired);
  return true;
}

/** The next resources of a type get their entries of the parameters that are being built. */
function indexSome(state: SqliteState, type: ResourceType, parameters: readonly Building[]): void {
  const rows = nextRows(state, type, parameters[0]?.done ?? 0);
  const built = new Set<SearchParameter>(parameters.map(({ parameter }) => parameter));
  const codes = new Set(parameters.map(({ parameter }) => parameter.code));
  for (const [rid, json] of rows) {
    const resource = resourceOf({ json: json as Uint8Array });
    const all = extract(resource, state);
    const isNew = ({ parameter }: IndexEntry): boolean => built.has(parameter) || codes.has(parameter.code);
    const entries = all.filter(isNew);
    noteSeveral(state, entries);
    removeEntries(state, Number(rid), nowCovered(type, entries, all));
    const signature = rowSignatureOf(state.names, resource, all);
    const before = rowSignatureOf(
      state.names,
      resource,
      all.filter((entry) => !isNew(entry)),
    );
    const isAsBefore = isSame(signature, before);
    writeEntries(
      state,
      isAsBefore ? 'add' : 'renew',
      { rid: Number(rid), signature },
      isAsBefore ? entries : all,
    );
  }
  const reached = rows.length < batch ? null : Number(rows.at(-1)?.[0]);
  for (const parameter of parameters) state.names.parameters.reached(parameter, reached);
}

/** Entries of references that no parameter covered before those that are being built. */
function nowCovered(
  type: ResourceType,
  built: readonly IndexEntry[],
  all: readonly IndexEntry[],
): IndexEntry[] {
  const parameter = otherReference(type);
  const isElsewhere = (of: IndexEntry): boolean =>
    all.some(
      (entry) =>
        entry.kind === 'reference' &&
        of.kind === 'reference' &&
        entry.parameter.code === parameter.code &&
        entry.type === of.type &&
        entry.id === of.id,
    );
  return built.flatMap((entry) =>
    entry.kind === 'reference' && entry.parameter.code !== parameter.code && !isElsewhere(entry)
      ? [{ ...entry, parameter }]
      : [],
  );
}

/** The next resources of a type in order of rid, from one on: their rid and JSON. */
function nextRows(state: SqliteState, type: ResourceType, done: number): readonly Row[] {
  const from = state.names.type(type) * typeSpan;
  return state.database.all(
    'SELECT rid, json FROM resource WHERE rid > ? AND rid < ? AND method < 2 ORDER BY rid LIMIT ?',
    ...[Math.max(from, done), from + typeSpan, batch],
  );
}

/** Gives the rows of the next resources of a type, written by an earlier version, their signature. */
function backfillSignatures(state: SqliteState, type: ResourceType): void {
  const { names } = state;
  const rows = nextRows(state, type, names.signatureBackfill.of(type) ?? 0);
  for (const [rid, json] of rows) {
    const resource = resourceOf({ json: json as Uint8Array });
    const entries = extract(resource, state);
    writeEntries(
      state,
      'renew',
      { rid: Number(rid), signature: rowSignatureOf(names, resource, entries) },
      entries,
    );
  }
  names.signatureBackfill.reached(type, rows.length < batch ? null : Number(rows.at(-1)?.[0]));
}

/** Stores the members of the next resources of a type, written by an earlier version, beside their current version. */
function backfillMembers(state: SqliteState, type: ResourceType): void {
  const { database, names } = state;
  const rows = nextRows(state, type, names.membersBackfill.of(type) ?? 0);
  for (const [rid, json] of rows) {
    const resource = resourceOf({ json: json as Uint8Array });
    const members = membersText(resource, extract(resource, state)) ?? null;
    database.run('UPDATE resource SET members = ? WHERE rid = ? AND members IS NULL', members, rid ?? null);
  }
  names.membersBackfill.reached(type, rows.length < batch ? null : Number(rows.at(-1)?.[0]));
}

/** Drops rows of a retired parameter; answers how many. References are found by resource, so they go type by type. */
function dropSome({ database }: SqliteState, no: number): number {
  const token =
    'DELETE FROM token WHERE (parameter, code, rid, system) IN ' +
    `(SELECT parameter, code, rid, system FROM token WHERE parameter = ? LIMIT ${fewRows})`;
  let dropped = database.run(token, no);
  for (const [table, index] of [
    ['date', 'date_low'],
    ['string', 'string_folded'],
    ['quantity', 'quantity_low'],
  ] as const) {
    if (dropped > 0) return dropped;
    const some = `SELECT rid FROM ${table} INDEXED BY ${index} WHERE parameter = ? LIMIT ${fewRows}`;
    dropped = database.run(
      `DELETE FROM ${table} WHERE parameter = ? AND rid IN (SELECT DISTINCT rid FROM (${some}))`,
      ...[no, no],
    );
  }
  return dropped > 0 ? dropped : dropReferences(database, no);
}

function dropReferences(database: SqliteState['database'], no: number): number {
  const [name] = database.get('SELECT type FROM parameter WHERE no = ?', no) ?? [];
  const [type] = database.get('SELECT no FROM type WHERE name = ?', String(name)) ?? [];
  const from = Number(type) * typeSpan;
  const some =
    'SELECT rid FROM reference INDEXED BY reference_rid WHERE rid > ? AND rid < ? AND parameter = ? ' +
    `ORDER BY rid LIMIT ${fewRows}`;
  return database.run(
    `DELETE FROM reference WHERE parameter = ? AND rid IN (${some})`,
    ...[no, from, from + typeSpan, no],
  );
}

/** The parameters that are being built, and how far each is. */
export function progress(state: SqliteState): IndexProgress[] {
  state.sync(false);
  return state.names.parameters.building.map(({ parameter, done }) => {
    const from = state.names.type(parameter.type) * typeSpan;
    const sql = 'SELECT count(*) FROM resource WHERE rid > ? AND rid <= ? AND method < 2';
    const reached = Number(state.database.get(sql, from, Math.max(from, done))?.[0]);
    return { parameter, done: reached, total: state.tally.of(parameter.type) };
  });
}
