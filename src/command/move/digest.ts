import { createHash, type Hash } from 'node:crypto';
import type { Piece } from '../../store/copying.ts';
import type { Store } from '../../store/store.ts';

/** What all that a store is made of comes to: the same for two stores when each answers as the other. */
export interface Digest {
  readonly sha256: string;
  readonly resources: number;
  readonly versions: number;
  readonly entries: number;
  readonly keys: number;
  readonly answers: number;
  readonly jobs: number;
  readonly records: number;
  readonly audits: number;
}

const pageSize = 1000;

/** Hashes every piece of a store, in the order that all stores have. */
export async function digest({ copying }: Store, at: number): Promise<Digest> {
  const hash = createHash('sha256');
  const counts = { resource: 0, version: 0, entry: 0, key: 0, answer: 0, job: 0, record: 0, audit: 0 };
  for (let after: string | undefined; ;) {
    const page = await copying.pieces({ after, count: pageSize, at });
    for (const piece of page.pieces) {
      add(hash, piece);
      counts[piece.kind] += 1;
      if (piece.kind === 'resource') counts.version += piece.versions.length;
    }
    after = page.next;
    if (after === undefined) break;
  }
  return {
    sha256: hash.digest('hex'),
    resources: counts.resource,
    versions: counts.version,
    entries: counts.entry,
    keys: counts.key,
    answers: counts.answer,
    jobs: counts.job,
    records: counts.record,
    audits: counts.audit,
  };
}

/** Every text with its length before it, so that nothing is another thing. */
function add(hash: Hash, piece: Piece): void {
  const put = (value: string | number | Uint8Array): void => {
    const bytes = typeof value === 'object' ? value : Buffer.from(String(value));
    hash.update(`${bytes.length}:`);
    hash.update(bytes);
  };
  put(piece.kind);
  switch (piece.kind) {
    case 'resource':
      for (const value of [piece.type, piece.id, piece.versions.length]) put(value);
      for (const { version, lastUpdated, method, json } of piece.versions)
        for (const value of [version, lastUpdated, method, json]) put(value);
      return;
    case 'entry':
      for (const value of [piece.account, piece.text]) put(value);
      return;
    case 'key':
      for (const value of [piece.key, piece.holder]) put(value);
      return;
    case 'answer': {
      const { bodyHash, status, headers, body } = piece.answer;
      const ordered = JSON.stringify(Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1)));
      for (const value of [piece.key, bodyHash, status, ordered, body, piece.expires ?? '']) put(value);
      return;
    }
    case 'job': {
      const { key, kind, payload, state, due, attempts, result = '', created, updated } = piece.job;
      for (const value of [key, kind, payload, state, due, attempts, result, created, updated]) put(value);
      return;
    }
    case 'record': {
      const { kind, key, value, expires = '', grant = '' } = piece.record;
      for (const part of [kind, key, value, expires, grant]) put(part);
      return;
    }
    case 'audit': {
      const { chain, seq, lines } = piece.block;
      for (const part of [chain, seq, lines.length, ...lines]) put(part);
    }
  }
}
