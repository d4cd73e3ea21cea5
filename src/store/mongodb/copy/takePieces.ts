import { packed } from '../write/packed.ts';
import type { ClientSession } from 'mongodb';
import type { Resource } from '@medplum/fhirtypes';
import { parseJson } from '../../../datatypes/json.ts';
import type { Piece, RawVersion } from '../../copying.ts';

import {
  methods,
  type AnswerDocument,
  type AuditDocument,
  type JobDocument,
  type JournalDocument,
  type RecordDocument,
  type KeyDocument,
  type ResourceDocument,
  type VersionDocument,
} from '../connection/collections.ts';
import { derivedOf, type Derived } from '../write/document.ts';
import type { MongoState } from '../connection/mongoState.ts';
import { documentOfRecord } from '../record/records.ts';
import { documentOfJob } from '../job/jobs.ts';
import { documentOfBlock } from '../audit/auditTrail.ts';

const utf8 = new TextDecoder();

/** What pieces are as documents. */
class Documents {
  readonly resource: ResourceDocument[] = [];
  readonly version: VersionDocument[] = [];
  readonly journal: JournalDocument[] = [];
  readonly key: KeyDocument[] = [];
  readonly answer: AnswerDocument[] = [];
  readonly job: JobDocument[] = [];
  readonly record: RecordDocument[] = [];
  readonly audit: AuditDocument[] = [];
}

/** Writes pieces of another store, index fields included, in their order. */
export async function takePieces(
  state: MongoState,
  session: ClientSession,
  pieces: readonly Piece[],
): Promise<void> {
  const to = new Documents();
  for (const piece of pieces) add(state, to, piece);
  const { collections } = state;
  if (to.version.length > 0) await collections.version.insertMany(to.version, { session });
  if (to.resource.length > 0) await collections.resource.insertMany(to.resource, { session });
  if (to.key.length > 0) await collections.key.insertMany(to.key, { session });
  if (to.answer.length > 0) await collections.answer.insertMany(to.answer, { session });
  if (to.job.length > 0) await collections.job.insertMany(to.job, { session });
  if (to.record.length > 0) await collections.record.insertMany(to.record, { session });
  if (to.audit.length > 0) await collections.audit.insertMany(to.audit, { session });
  if (to.journal.length === 0) return;
  await collections.journal.insertMany(to.journal, { session });
  const last = new Map(to.journal.map(({ a, _id }) => [a, _id]));
  const locks = [...last].map(([account, s]) => ({
    updateOne: { filter: { _id: `account|${account}` }, update: { $set: { s } }, upsert: true },
  }));
  await collections.lock.bulkWrite(locks, { session });
}

function add(state: MongoState, to: Documents, piece: Piece): void {
  switch (piece.kind) {
    case 'resource':
      addResource(state, to, piece);
      return;
    case 'entry':
      to.journal.push({ _id: state.nextOrder(), a: piece.account, e: piece.text });
      return;
    case 'key':
      to.key.push({ _id: piece.key, r: piece.holder });
      return;
    case 'answer': {
      const { bodyHash, status, headers, body } = piece.answer;
      const h = JSON.stringify(headers);
      to.answer.push({ _id: piece.key, b: bodyHash, s: status, h, j: body, e: piece.expires });
      return;
    }
    case 'job':
      to.job.push(documentOfJob(piece.job));
      return;
    case 'record':
      to.record.push(documentOfRecord(piece.record));
      return;
    case 'audit':
      to.audit.push(documentOfBlock(piece.block));
  }
}

function addResource(state: MongoState, to: Documents, piece: Extract<Piece, { kind: 'resource' }>): void {
  const { type, id, versions } = piece;
  const reference = `${type}/${id}`;
  const order = state.nextOrder();
  state.written.add(type);
  let last: Pick<Derived, 'k' | 'b'> = { k: `~${type}` }; // a deletion keeps that of the version before it
  versions.forEach((version, i) => {
    const resource = resourceOf(version);
    const { k, b, ...fields }: Derived = resource ? derivedOf(state, resource) : last;
    last = { k, ...(b === undefined ? {} : { b }) };
    const whole = {
      h: type,
      ...last,
      u: Date.parse(version.lastUpdated),
      w: i === 0 ? order : state.nextOrder(),
      m: methods.indexOf(version.method),
    };
    const next = versions[i + 1];
    if (next) {
      const former = { _id: { r: reference, v: version.version }, ...whole, e: Date.parse(next.lastUpdated) };
      to.version.push({ ...former, ...(resource ? { j: packed(version.json) } : {}) });
      return;
    }
    const current = { _id: reference, ...whole, v: version.version, o: order };
    const living = { t: type, j: packed(version.json), due: true as const, ...fields };
    to.resource.push({ ...current, ...(resource ? living : {}) });
  });
}

const resourceOf = ({ method, json }: RawVersion): (Resource & { id?: string }) | undefined =>
  method === 'DELETE' ? undefined : (parseJson(utf8.decode(json)) as Resource);
