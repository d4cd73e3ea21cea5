import { randomUUID } from 'node:crypto';
import type { Collection } from 'mongodb';
import {
  ChainEnd,
  headOf,
  looseEnds,
  textOfLine,
  type AuditBlock,
  type AuditPlace,
  type ChainStart,
} from '../../audit.ts';
import type { AuditDocument } from '../connection/collections.ts';
import { asked, isDuplicate } from '../connection/transient.ts';

interface Waiting {
  readonly texts: readonly string[];
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** The chain of this server of a MongoDB store: what comes while a block is written is the next block. */
export class MongoAudit {
  readonly #blocks: Collection<AuditDocument>;
  readonly #now: () => number;
  readonly #base: string | undefined;
  readonly #end = new ChainEnd(randomUUID());
  #waiting: Waiting[] = [];
  #isFlushing = false;
  /** A block of which nobody knows whether it was written: it is written again before the next one. */
  #unsure: AuditBlock | undefined;

  constructor(
    blocks: Collection<AuditDocument>,
    { now, base }: { now: () => number; base: string | undefined },
  ) {
    this.#blocks = blocks;
    this.#now = now;
    this.#base = base;
  }

  append(texts: readonly string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ texts, resolve, reject });
      if (!this.#isFlushing) void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    this.#isFlushing = true;
    await new Promise((resolve) => void setImmediate(resolve)); // those of one turn go together
    while (this.#waiting.length > 0) {
      const together = this.#waiting;
      this.#waiting = [];
      try {
        await asked(() => this.#write(together.flatMap(({ texts }) => texts)));
        for (const { resolve } of together) resolve();
      } catch (error) {
        for (const { reject } of together) reject(error);
      }
    }
    this.#isFlushing = false;
  }

  async #write(texts: readonly string[]): Promise<void> {
    if (this.#unsure) await this.#insert(this.#unsure);
    const start = this.#end.isBegun ? [] : [JSON.stringify(await this.#start())];
    await this.#insert(this.#end.block([...start, ...texts]));
  }

  async #insert(block: AuditBlock): Promise<void> {
    this.#unsure = block;
    try {
      await this.#blocks.insertOne(documentOfBlock(block));
    } catch (error) {
      if (!isDuplicate(error)) throw error; // else it was written before
    }
    this.#end.keep();
    this.#unsure = undefined;
  }

  async chains(): Promise<AuditPlace[]> {
    const found = await this.#blocks
      .aggregate<{ _id: string; n: number }>([
        { $sort: { c: 1, n: -1 } },
        { $group: { _id: '$c', n: { $first: '$n' } } },
        { $sort: { _id: 1 } },
      ])
      .toArray();
    return found.map(({ _id: chain, n: seq }) => ({ chain, seq }));
  }

  async blocks({ chain, seq }: AuditPlace, count: number): Promise<AuditBlock[]> {
    const [holding] = await this.#blocks
      .find({ c: chain, n: { $lte: seq } }, { projection: { n: 1 } })
      .sort({ n: -1 })
      .limit(1)
      .toArray();
    const found = await this.#blocks
      .find({ c: chain, n: { $gte: holding?.n ?? 0 } })
      .sort({ n: 1 })
      .limit(count)
      .toArray();
    return found.map(blockOfDocument);
  }

  /** Blocks behind a place, by chain and number, as they are copied. */
  async blocksAfter({ chain, seq }: AuditPlace, count: number): Promise<AuditBlock[]> {
    const ofChain = await this.#blocks
      .find({ c: chain, n: { $gt: seq } })
      .sort({ n: 1 })
      .limit(count)
      .toArray();
    if (ofChain.length === count) return ofChain.map(blockOfDocument);
    const others = await this.#blocks
      .find({ c: { $gt: chain } })
      .sort({ c: 1, n: 1 })
      .limit(count - ofChain.length)
      .toArray();
    return [...ofChain, ...others].map(blockOfDocument);
  }

  /** The first record of our chain: where those before it ended. */
  async #start(): Promise<ChainStart> {
    const heads = [];
    const starts = [];
    for (const last of await this.chains()) {
      heads.push(...(await this.blocks(last, 1)).map(headOf));
      for (const { lines } of await this.blocks({ chain: last.chain, seq: 0 }, 1))
        starts.push(JSON.parse(textOfLine(lines[0] ?? '')) as ChainStart);
    }
    return {
      k: 'start',
      t: this.#now(),
      ...(this.#base === undefined ? {} : { base: this.#base }),
      after: looseEnds(heads, starts).map(({ chain, seq, hash }) => [chain, seq, hash]),
    };
  }
}

export const documentOfBlock = ({ chain, seq, lines }: AuditBlock): AuditDocument => ({
  _id: `${chain} ${seq}`,
  c: chain,
  n: seq,
  l: lines.join('\n'),
});

const blockOfDocument = ({ c, n, l }: AuditDocument): AuditBlock => ({
  chain: c,
  seq: n,
  lines: l.split('\n'),
});
