import { createInflateRaw, crc32 } from 'node:zlib';
import { setImmediate as turn } from 'node:timers/promises';
import { badRequest } from '../../outcome/fhirError.ts';

/** A file in an archive, or one that came by itself. Its bytes are read once, and before the next file is asked for. */
export interface FileIn {
  readonly name: string;
  readonly bytes: AsyncIterable<Uint8Array>;
}

const [localFile, descriptor] = [0x04034b50, 0x08074b50];

const damaged = (what: string): Error => badRequest('table-damaged', `the archive ${what}`);

/** Bytes that come in pieces, read as many at a time as are wanted. */
class Pieces {
  readonly #source: AsyncIterator<Uint8Array>;
  #begun: Uint8Array = new Uint8Array();

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The next piece, at most `most` bytes of it; undefined at the end. */
  async some(most = Infinity): Promise<Uint8Array | undefined> {
    while (this.#begun.length === 0) {
      const next = await this.#source.next();
      if (next.done === true) return undefined;
      this.#begun = next.value;
    }
    const piece = this.#begun.subarray(0, Math.min(most, this.#begun.length));
    this.#begun = this.#begun.subarray(piece.length);
    return piece;
  }

  /** Exactly so many bytes. */
  async exactly(count: number): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    for (let left = count; left > 0; left -= pieces.at(-1)?.length ?? 0) {
      const piece = await this.some(left);
      if (!piece) throw damaged('ends too early');
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  }

  /** Puts bytes back that are read again. */
  back(bytes: Uint8Array): void {
    this.#begun = Buffer.concat([bytes, this.#begun]);
  }

  /** The first bytes, which stay; fewer where there are no more. */
  async ahead(count: number): Promise<Uint8Array> {
    while (this.#begun.length < count) {
      const next = await this.#source.next();
      if (next.done === true) break;
      this.#begun = Buffer.concat([this.#begun, next.value]);
    }
    return this.#begun.subarray(0, count);
  }

  async *rest(): AsyncGenerator<Uint8Array> {
    for (let piece = await this.some(); piece; piece = await this.some()) yield piece;
  }
}

/** The files of what came: those of a ZIP archive one after another as it streams in, else the file itself. */
export async function* filesOf({ name, bytes }: FileIn): AsyncGenerator<FileIn> {
  const pieces = new Pieces(bytes);
  const head = Buffer.from(await pieces.ahead(4));
  if (head.length < 4 || head.readUInt32LE(0) !== localFile) {
    yield { name, bytes: pieces.rest() };
    return;
  }
  for (;;) {
    const signature = (await pieces.exactly(4)).readUInt32LE(0);
    if (signature !== localFile) break; // the directory of the archive: every file has been seen
    const header = await pieces.exactly(26);
    const entry = {
      flags: header.readUInt16LE(2),
      method: header.readUInt16LE(4),
      crc: header.readUInt32LE(10),
      packed: header.readUInt32LE(14),
    };
    const called = (await pieces.exactly(header.readUInt16LE(22))).toString('utf8');
    await pieces.exactly(header.readUInt16LE(24));
    const content = contentOf(pieces, entry);
    yield { name: called, bytes: content };
    await drained(content); // what nobody read
  }
  await drained(pieces.rest());
}

async function drained(bytes: AsyncIterator<Uint8Array>): Promise<void> {
  for (let next = await bytes.next(); next.done !== true; next = await bytes.next());
}

interface Entry {
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
}

/** The bytes of a file in the archive, held against their checksum. */
async function* contentOf(pieces: Pieces, { flags, method, crc, packed }: Entry): AsyncGenerator<Uint8Array> {
  const isFollowed = (flags & 8) !== 0; // its sizes come behind it
  if ((flags & 1) !== 0) throw damaged('is encrypted');
  if (method !== 8 && (method !== 0 || isFollowed)) throw damaged('is packed in a way that is not read here');
  let sum = 0;
  for await (const piece of method === 8 ? inflated(pieces) : stored(pieces, packed)) {
    sum = crc32(piece, sum);
    yield piece;
  }
  const expected = isFollowed ? await sumBehind(pieces) : crc;
  if (sum !== expected) throw damaged('is damaged: a checksum does not fit');
}

async function* stored(pieces: Pieces, length: number): AsyncGenerator<Uint8Array> {
  for (let left = length; left > 0;) {
    const piece = await pieces.some(left);
    if (!piece) throw damaged('ends too early');
    left -= piece.length;
    yield piece;
  }
}

/** Unpacks until the packed data ends by itself; what follows it stays. */
async function* inflated(pieces: Pieces): AsyncGenerator<Uint8Array> {
  const engine = createInflateRaw();
  const out: Buffer[] = [];
  let hasEnded = false;
  let fault: Error | undefined;
  const isOver = (): boolean => hasEnded; // told by the engine meanwhile
  const faultOf = (): Error | undefined => fault;
  engine.on('data', (chunk: Buffer) => out.push(chunk));
  engine.on('end', () => (hasEnded = true));
  engine.on('error', (error) => (fault = error));
  let given = 0;
  try {
    while (!isOver()) {
      const piece = await pieces.some(16_384);
      if (!piece) throw damaged('ends too early');
      given += piece.length;
      await new Promise<void>((resolve) => {
        engine.write(piece, () => {
          resolve();
        });
      });
      await turn(); // the end is told a moment later
      if (faultOf()) throw damaged('is damaged: it cannot be unpacked');
      for (let chunk = out.shift(); chunk; chunk = out.shift()) yield chunk;
      if (isOver()) pieces.back(piece.subarray(piece.length - (given - engine.bytesWritten)));
    }
  } finally {
    engine.destroy();
  }
}

/** The checksum behind a file, which may have a signature before it, and its sizes of four or eight bytes each. */
async function sumBehind(pieces: Pieces): Promise<number> {
  const first = await pieces.exactly(4);
  const crc = first.readUInt32LE(0) === descriptor ? await pieces.exactly(4) : first;
  await pieces.exactly(8);
  const next = Buffer.from(await pieces.ahead(2));
  if (next.toString('latin1') !== 'PK') await pieces.exactly(8);
  return crc.readUInt32LE(0);
}
