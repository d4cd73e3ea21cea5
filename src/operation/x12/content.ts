import { createHash } from 'node:crypto';
import type { Binary } from '@medplum/fhirtypes';
import { parsed } from '../../interaction/repository.ts';
import type { Reader, Store, Transaction } from '../../store/store.ts';
import { keep, kept } from '../partner/kept.ts';

/** A Binary holds so many bytes itself; the bytes of a larger one lie in pieces beside it. */
const inlineMax = 4_000_000;
const pieceLength = 131_072;
const recordKind = 'content';

/** Where the bytes of a Binary lie that does not hold them itself; no client can write it. */
interface Place {
  readonly key: string;
  readonly size: number;
}

/** Bytes that came in. Those of a large content are in the store already, and lost unless a Binary is made for them. */
export interface Gathered {
  readonly sha256: string;
  readonly size: number;
  readonly inline?: Buffer;
  readonly place?: Place;
}

const placeKey = (binary: string): string => `binary-content|${binary}`;
const pieceKey = (key: string, n: number): string => `${key}|${String(n).padStart(8, '0')}`;

/** Takes bytes in, in bounded memory; `each` sees every chunk as it passes. */
export async function gatherContent(
  { store, key }: { readonly store: Store; readonly key: string },
  body: AsyncIterable<Uint8Array>,
  each: (chunk: Uint8Array) => void,
): Promise<Gathered> {
  const hash = createHash('sha256');
  let waiting: Buffer = Buffer.alloc(0);
  let chunks: Uint8Array[] = [];
  let [size, pieces, held] = [0, 0, 0];
  const flush = async (all: boolean): Promise<void> => {
    waiting = Buffer.concat([waiting, ...chunks]);
    chunks = [];
    while (waiting.length >= pieceLength || (all && waiting.length > 0)) {
      const value = waiting.subarray(0, pieceLength).toString('base64');
      await store.records.keep({ kind: recordKind, key: pieceKey(key, pieces), value });
      waiting = waiting.subarray(pieceLength);
      pieces += 1;
    }
    held = waiting.length;
  };
  try {
    for await (const chunk of body) {
      hash.update(chunk);
      each(chunk);
      size += chunk.length;
      held += chunk.length;
      chunks.push(chunk);
      if (held > (pieces === 0 ? inlineMax : 4 * pieceLength)) await flush(false);
    }
    if (pieces > 0) await flush(true);
  } catch (error) {
    await removePieces(store, { key, size });
    throw error;
  }
  const sha256 = hash.digest('hex');
  if (pieces > 0) return { sha256, size, place: { key, size } };
  return { sha256, size, inline: Buffer.concat([waiting, ...chunks]) };
}

/** Says where the bytes of a Binary lie, in the transaction that makes it. */
export async function placeContent(tx: Transaction, binary: string, { place }: Gathered): Promise<void> {
  if (place) await keep(tx, placeKey(binary), place);
}

/** The bytes came before, or nothing came of them. */
export const dropContent = async (store: Store, { place }: Gathered): Promise<void> => {
  if (place) await removePieces(store, place);
};

async function removePieces(store: Store, { key, size }: Place): Promise<void> {
  for (let n = 0; n * pieceLength < size; n += 1) await store.records.remove(recordKind, pieceKey(key, n));
}

/** How many bytes lie beside a Binary; undefined where it holds them itself. */
export const sizeBeside = async (reader: Reader, binary: string): Promise<number | undefined> =>
  (await kept<Place>(reader, placeKey(binary)))?.size;

/** The bytes of a Binary from one on, piece by piece. */
export async function* readContent(store: Store, binary: string, from = 0): AsyncGenerator<Uint8Array> {
  const place = await kept<Place>(store, placeKey(binary));
  if (!place) {
    const stored = await store.read('Binary', binary.replace('Binary/', ''));
    if (!stored || stored.deleted) throw new Error(`${binary} is not there`);
    yield Buffer.from(parsed<Binary>(stored).data ?? '', 'base64').subarray(from);
    return;
  }
  for (let n = Math.floor(from / pieceLength); n * pieceLength < place.size; n += 1) {
    const record = await store.records.find(recordKind, pieceKey(place.key, n));
    if (!record) throw new Error(`a piece of ${binary} is not there`);
    const bytes = Buffer.from(record.value, 'base64');
    yield bytes.subarray(Math.max(0, from - n * pieceLength));
  }
}
