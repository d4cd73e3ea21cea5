import { createHash } from 'node:crypto';
import type { ResourceType } from '@medplum/fhirtypes';
import { resourceTypes } from '../../../datatypes/resourceType.ts';
import {
  placeOf,
  placeText,
  type Copying,
  type MoveState,
  type Piece,
  type PiecePage,
  type RawVersion,
} from '../../copying.ts';
import { extract } from '../../../search/extract.ts';
import { membersText } from '../../access/membership.ts';
import { resourceOf } from '../../version.ts';
import type { Row } from '../connection/database.ts';
import { typeSpan, type SqliteState } from '../connection/sqliteState.ts';
import { jobsAfter, takeJob } from '../job/copy.ts';
import { recordsAfter, takeRecord } from '../record/records.ts';
import { addEntries } from '../index/entries.ts';

const methods = ['POST', 'PUT', 'DELETE'] as const;
const types = [...resourceTypes].sort();

/** Copying out of and into a SQLite store; `run` makes its work a transaction. */
export function sqliteCopying(
  state: SqliteState,
  run: (work: () => Promise<void>) => Promise<void>,
): Copying {
  const { database } = state;
  const setting = (name: string): string | undefined => {
    const row = database.get('SELECT value FROM setting WHERE name = ?', name);
    return row && String(row[0]);
  };
  /* eslint-disable @typescript-eslint/require-await -- what is thrown becomes a rejection */
  return {
    identity: async () => createHash('sha256').update(state.secret).digest('hex'),
    pieces: async (page) => piecesFrom(state, page),
    take: (pieces, moved) =>
      run(async () => {
        for (const piece of pieces) take(state, piece);
        const text = JSON.stringify(moved);
        database.run("INSERT OR REPLACE INTO setting (name, value) VALUES ('move', ?)", text);
      }),
    begin: (state, drop) =>
      run(async () => {
        for (const key of drop) database.run('DELETE FROM job WHERE key = ?', key);
        const text = JSON.stringify(state);
        database.run("INSERT OR REPLACE INTO setting (name, value) VALUES ('move', ?)", text);
      }),
    unfinished: async () => {
      const text = setting('move');
      return text === undefined ? undefined : (JSON.parse(text) as MoveState);
    },
    finish: () =>
      run(async () => {
        database.run("DELETE FROM setting WHERE name = 'move'");
      }),
  };
  /* eslint-enable @typescript-eslint/require-await */
}

interface Page {
  readonly after: string | undefined;
  readonly count: number;
  readonly at: number;
}

/** One section's share of a page: it ends with its section, so that a page is of one kind. */
function piecesFrom(state: SqliteState, { after, count, at }: Page): PiecePage {
  const place = after === undefined ? ({ section: 'resource', at: 0 } as const) : placeOf(after);
  switch (place.section) {
    case 'resource': {
      const type = place.type ?? types[0];
      return type ? resourcesFrom(state, type, Number(place.at), count) : { pieces: [] };
    }
    case 'entry': {
      const sql = 'SELECT seq, account, entry FROM journal WHERE seq > ? ORDER BY seq LIMIT ?';
      const rows = state.database.all(sql, Number(place.at), count);
      const pieces = rows.map(([, account, text]): Piece => ({
        kind: 'entry',
        account: String(account),
        text: String(text),
      }));
      return { pieces, next: nextPlace('entry', 'key', rows, count) };
    }
    case 'key': {
      const sql = 'SELECT key, holder FROM unique_key WHERE key > ? ORDER BY key LIMIT ?';
      const rows = state.database.all(sql, String(place.at), count);
      const pieces = rows.map(([key, holder]): Piece => ({
        kind: 'key',
        key: String(key),
        holder: String(holder),
      }));
      return { pieces, next: nextPlace('key', 'answer', rows, count) };
    }
    case 'answer': {
      const sql =
        'SELECT key, body_hash, status, headers, body, expires FROM answer ' +
        'WHERE key > ? AND (expires IS NULL OR expires > ?) ORDER BY key LIMIT ?';
      const rows = state.database.all(sql, String(place.at), at, count);
      return { pieces: rows.map(answerOf), next: nextPlace('answer', 'job', rows, count) };
    }
    case 'job': {
      const pieces = jobsAfter(state, String(place.at), count).map((job): Piece => ({ kind: 'job', job }));
      const last = pieces.at(-1);
      const isFull = pieces.length === count && last?.kind === 'job';
      const next = isFull
        ? ({ section: 'job', at: last.job.key } as const)
        : ({ section: 'record', at: '' } as const);
      return { pieces, next: placeText(next) };
    }
    case 'record': {
      const records = recordsAfter(state, [place.of ?? '', String(place.at)], { count, at });
      const pieces = records.map((record): Piece => ({ kind: 'record', record }));
      const last = records.length < count ? undefined : records.at(-1);
      const next = last
        ? ({ section: 'record', of: last.kind, at: last.key } as const)
        : ({ section: 'audit', of: '', at: 0 } as const);
      return { pieces, next: placeText(next) };
    }
    case 'audit': {
      const blocks = state.audit.blocksAfter({ chain: place.of ?? '', seq: Number(place.at) }, count);
      const pieces = blocks.map((block): Piece => ({ kind: 'audit', block }));
      const last = blocks.length < count ? undefined : blocks.at(-1);
      return last
        ? { pieces, next: placeText({ section: 'audit', of: last.chain, at: last.seq }) }
        : { pieces };
    }
  }
}

/** After a full page the place behind it, after one that is not full the section that follows. */
function nextPlace(
  section: 'entry' | 'key' | 'answer',
  following: 'key' | 'answer' | 'job',
  rows: readonly Row[],
  count: number,
): string {
  const last = rows.at(-1)?.[0];
  if (rows.length < count || last === undefined) return placeText({ section: following, at: '' });
  return placeText({ section, at: section === 'entry' ? Number(last) : String(last) });
}

function resourcesFrom(state: SqliteState, type: ResourceType, after: number, count: number): PiecePage {
  const { database, names } = state;
  const from = names.type(type) * typeSpan;
  const rows = database.all(
    'SELECT rid, id, version, updated, method, json FROM resource WHERE rid > ? AND rid < ? ORDER BY rid LIMIT ?',
    ...[from + after, from + typeSpan, count],
  );
  const pieces = rows.map(([rid, id, ...current]): Piece => {
    const former = database
      .all('SELECT version, updated, method, json FROM version WHERE rid = ? ORDER BY version', Number(rid))
      .map(rawOf);
    return { kind: 'resource', type, id: String(id), versions: [...former, rawOf(current)] as [RawVersion] };
  });
  if (rows.length === count) {
    const at = Number(rows.at(-1)?.[0]) - from;
    return { pieces, next: placeText({ section: 'resource', type, at }) };
  }
  const following = types[types.indexOf(type) + 1];
  const next = following
    ? ({ section: 'resource', type: following, at: 0 } as const)
    : ({ section: 'entry', at: 0 } as const);
  return { pieces, next: placeText(next) };
}

const rawOf = ([version, updated, method, json]: Row): RawVersion => ({
  version: Number(version),
  lastUpdated: new Date(Number(updated)).toISOString(),
  method: methods[Number(method)] ?? 'PUT',
  json: json as Uint8Array,
});

const answerOf = ([key, bodyHash, status, headers, body, expires]: Row): Piece => ({
  kind: 'answer',
  key: String(key),
  answer: {
    bodyHash: String(bodyHash),
    status: Number(status),
    headers: JSON.parse(String(headers)) as Record<string, string>,
    body: String(body),
  },
  expires: expires === null || expires === undefined ? null : Number(expires),
});

function take(state: SqliteState, piece: Piece): void {
  const { database } = state;
  switch (piece.kind) {
    case 'resource':
      takeResource(state, piece);
      return;
    case 'entry':
      database.run('INSERT INTO journal (account, entry) VALUES (?, ?)', piece.account, piece.text);
      return;
    case 'key':
      database.run('INSERT INTO unique_key (key, holder) VALUES (?, ?)', piece.key, piece.holder);
      return;
    case 'answer': {
      const { bodyHash, status, headers, body } = piece.answer;
      database.run(
        'INSERT INTO answer (key, body_hash, status, headers, body, expires) VALUES (?, ?, ?, ?, ?, ?)',
        ...[piece.key, bodyHash, status, JSON.stringify(headers), body, piece.expires],
      );
      return;
    }
    case 'job':
      takeJob(state, piece.job);
      return;
    case 'record':
      takeRecord(state, piece.record);
      return;
    case 'audit':
      state.audit.take(piece.block);
  }
}

function takeResource(
  state: SqliteState,
  { type, id, versions }: Extract<Piece, { kind: 'resource' }>,
): void {
  const { database, names } = state;
  state.sync(true);
  const rid = state.nextRid(type);
  const former = versions.slice(0, -1);
  const current = versions.at(-1) ?? versions[0];
  let members: string | null = null; // a deletion has those of the version before it
  const columns = ({ version, lastUpdated, method, json }: RawVersion) => {
    if (method !== 'DELETE') {
      const resource = resourceOf({ json });
      members = membersText(resource, extract(resource, state)) ?? null;
    }
    return [version, Date.parse(lastUpdated), methods.indexOf(method), json, members] as const;
  };
  for (const version of former)
    database.run(
      'INSERT INTO version (rid, version, updated, method, json, members) VALUES (?, ?, ?, ?, ?, ?)',
      ...[rid, ...columns(version)],
    );
  database.run(
    'INSERT INTO resource (rid, type, id, version, updated, method, json, members) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ...[rid, names.type(type), id, ...columns(current)],
  );
  state.wrote(type);
  if (current.method === 'DELETE') return;
  state.tally.add(type, 1);
  addEntries(state, rid, resourceOf(current));
}
