import { createHash } from 'node:crypto';
import type { ResourceType } from '@medplum/fhirtypes';
import { resourceTypes } from '../../../datatypes/resourceType.ts';
import {
  copiedJob,
  placeOf,
  placeText,
  type Copying,
  type MoveState,
  type Piece,
  type PiecePage,
  type Place,
  type RawVersion,
} from '../../copying.ts';
import { storedOf, type ResourceDocument } from '../connection/collections.ts';
import type { MongoState } from '../connection/mongoState.ts';
import { jobOf } from '../job/jobs.ts';
import { recordOf } from '../record/records.ts';
import { takePieces } from './takePieces.ts';

const types = [...resourceTypes].sort();
const movement = 'move';

/** Copying out of and into a MongoDB store. */
export function mongoCopying(state: MongoState): Copying {
  const { setting, job } = state.collections;
  return {
    identity: () => Promise.resolve(createHash('sha256').update(state.secret).digest('hex')),
    pieces: (page) => piecesFrom(state, page),
    take: (pieces, moved) =>
      state.client.withSession((session) =>
        session.withTransaction(async () => {
          await takePieces(state, session, pieces);
          await setting.replaceOne({ _id: movement }, { value: moved }, { session, upsert: true });
        }),
      ),
    begin: (moved, drop) =>
      state.client.withSession((session) =>
        session.withTransaction(async () => {
          await job.deleteMany({ _id: { $in: [...drop] } }, { session });
          await setting.replaceOne({ _id: movement }, { value: moved }, { session, upsert: true });
        }),
      ),
    unfinished: async () => (await setting.findOne({ _id: movement }))?.value as MoveState | undefined,
    finish: async () => {
      await setting.deleteOne({ _id: movement });
    },
  };
}

interface Page {
  readonly after: string | undefined;
  readonly count: number;
  readonly at: number;
}

/** One section's share of a page: it ends with its section, so that a page is of one kind. */
function piecesFrom(state: MongoState, { after, count, at }: Page): Promise<PiecePage> {
  const place: Place = after === undefined ? { section: 'resource', at: 0 } : placeOf(after);
  switch (place.section) {
    case 'resource':
      return resourcesFrom(state, place.type ?? types[0] ?? 'Account', Number(place.at), count);
    case 'entry':
      return entriesFrom(state, Number(place.at), count);
    case 'key':
      return keysFrom(state, String(place.at), count);
    case 'answer':
      return answersFrom(state, String(place.at), { count, at });
    case 'job':
      return jobsFrom(state, String(place.at), count);
    case 'record':
      return recordsFrom(state, place, { count, at });
    case 'audit':
      return auditFrom(state, place, count);
  }
}

async function resourcesFrom(
  state: MongoState,
  type: ResourceType,
  after: number,
  count: number,
): Promise<PiecePage> {
  const { resource } = state.collections;
  const projection = { h: 1, v: 1, u: 1, m: 1, j: 1, o: 1 } as const;
  const of = (filter: object) =>
    resource
      .find({ ...filter, o: { $gt: after } }, { projection })
      .sort({ o: 1 })
      .limit(count)
      .toArray();
  const [living, dead] = await Promise.all([of({ t: type }), of({ t: null, h: type })]);
  const rows = [...living, ...dead].sort((a, b) => a.o - b.o).slice(0, count);
  const pieces = await Promise.all(rows.map((row) => pieceOf(state, row)));
  const last = rows.at(-1);
  if (rows.length === count && last) {
    return { pieces, next: placeText({ section: 'resource', type, at: last.o }) };
  }
  const following = types[types.indexOf(type) + 1];
  const next: Place = following
    ? { section: 'resource', type: following, at: 0 }
    : { section: 'entry', at: 0 };
  return { pieces, next: placeText(next) };
}

type Row = Pick<ResourceDocument, '_id' | 'h' | 'v' | 'u' | 'm' | 'j'>;

async function pieceOf({ collections }: MongoState, row: Row): Promise<Piece> {
  const r = row._id;
  const former =
    row.v === 1
      ? []
      : await collections.version
          .find({ _id: { $gte: { r, v: 0 }, $lt: { r, v: row.v } } })
          .sort({ _id: 1 })
          .toArray();
  const versions = [...former.map((f) => rawOf(f._id.v, r, f)), rawOf(row.v, r, row)];
  const id = r.slice(row.h.length + 1);
  return { kind: 'resource', type: row.h, id, versions: versions as [RawVersion] };
}

const rawOf = (no: number, reference: string, row: Pick<Row, 'h' | 'u' | 'm' | 'j'>): RawVersion => {
  const { version, lastUpdated, method, json } = storedOf(reference, no, row);
  return { version, lastUpdated, method, json };
};

async function entriesFrom({ collections }: MongoState, after: number, count: number): Promise<PiecePage> {
  const rows = await collections.journal
    .find({ _id: { $gt: after } })
    .sort({ _id: 1 })
    .limit(count)
    .toArray();
  const last = rows.length < count ? undefined : rows.at(-1)?._id;
  const next = placeText(last === undefined ? { section: 'key', at: '' } : { section: 'entry', at: last });
  return { pieces: rows.map(({ a, e }) => ({ kind: 'entry', account: a, text: e })), next };
}

async function keysFrom({ collections }: MongoState, after: string, count: number): Promise<PiecePage> {
  const rows = await collections.key
    .find({ _id: { $gt: after } })
    .sort({ _id: 1 })
    .limit(count)
    .toArray();
  const last = rows.length < count ? undefined : rows.at(-1)?._id;
  const next = placeText(last === undefined ? { section: 'answer', at: '' } : { section: 'key', at: last });
  return { pieces: rows.map(({ _id, r }) => ({ kind: 'key', key: _id, holder: r })), next };
}

async function answersFrom(
  { collections }: MongoState,
  after: string,
  { count, at }: { readonly count: number; readonly at: number },
): Promise<PiecePage> {
  const rows = await collections.answer
    .find({ _id: { $gt: after }, $or: [{ e: null }, { e: { $gt: at } }] })
    .sort({ _id: 1 })
    .limit(count)
    .toArray();
  const pieces = rows.map(({ _id, b, s, h, j, e }): Piece => ({
    kind: 'answer',
    key: _id,
    answer: { bodyHash: b, status: s, headers: JSON.parse(h) as Record<string, string>, body: j },
    expires: e,
  }));
  const last = rows.length < count ? undefined : rows.at(-1)?._id;
  const next: Place = last === undefined ? { section: 'job', at: '' } : { section: 'answer', at: last };
  return { pieces, next: placeText(next) };
}

async function jobsFrom({ collections }: MongoState, after: string, count: number): Promise<PiecePage> {
  const rows = await collections.job
    .find({ _id: { $gt: after } })
    .sort({ _id: 1 })
    .limit(count)
    .toArray();
  const pieces = rows.map((row): Piece => ({ kind: 'job', job: copiedJob(jobOf(row)) }));
  const last = rows.length < count ? undefined : rows.at(-1)?._id;
  const next: Place = last === undefined ? { section: 'record', at: '' } : { section: 'job', at: last };
  return { pieces, next: placeText(next) };
}

async function recordsFrom(
  { collections }: MongoState,
  { of = '', at: key }: Place,
  { count, at }: { readonly count: number; readonly at: number },
): Promise<PiecePage> {
  const rows = await collections.record
    .find({ _id: { $gt: { h: of, k: String(key) } }, $or: [{ e: null }, { e: { $gt: at } }] })
    .sort({ _id: 1 })
    .limit(count)
    .toArray();
  const records = rows.map(recordOf);
  const pieces = records.map((record): Piece => ({ kind: 'record', record }));
  const last = records.length < count ? undefined : records.at(-1);
  const next: Place = last
    ? { section: 'record', of: last.kind, at: last.key }
    : { section: 'audit', of: '', at: 0 };
  return { pieces, next: placeText(next) };
}

async function auditFrom({ audit }: MongoState, { of = '', at }: Place, count: number): Promise<PiecePage> {
  const blocks = await audit.blocksAfter({ chain: of, seq: Number(at) }, count);
  const pieces = blocks.map((block): Piece => ({ kind: 'audit', block }));
  const last = blocks.length < count ? undefined : blocks.at(-1);
  return last ? { pieces, next: placeText({ section: 'audit', of: last.chain, at: last.seq }) } : { pieces };
}
