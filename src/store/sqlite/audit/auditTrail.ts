import { randomUUID } from 'node:crypto';
import {
  ChainEnd,
  headOf,
  looseEnds,
  textOfLine,
  type AuditBlock,
  type AuditPlace,
  type ChainStart,
} from '../../audit.ts';
import type { Database, Row } from '../connection/database.ts';

/**
 * Milliseconds that a record waits for others to share its flush; a write that comes meanwhile takes it along. The flush
 * is most of what a record costs, and a read may be answered 5 ms later for it.
 */
const gatherFor = 4;

interface Waiting {
  readonly texts: readonly string[];
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** The chain of the server that has the file open: every commit writes what has gathered up to it. */
export class SqliteAudit {
  readonly #database: Database;
  readonly #now: () => number;
  readonly #base: string | undefined;
  readonly #end = new ChainEnd(randomUUID());
  #waiting: Waiting[] = [];
  #inCommit: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Makes a commit, for records that nothing else takes along. */
  flush: () => void = () => undefined;

  constructor(database: Database, { now, base }: { now: () => number; base: string | undefined }) {
    this.#database = database;
    this.#now = now;
    this.#base = base;
  }

  append(texts: readonly string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ texts, resolve, reject });
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        if (this.#waiting.length > 0) this.flush();
      }, gatherFor);
    });
  }

  /** Writes what has gathered, inside the transaction that is about to be committed. */
  beforeCommit(): void {
    if (this.#waiting.length === 0) return;
    this.#inCommit = this.#waiting;
    this.#waiting = [];
    const texts = this.#inCommit.flatMap((waiting) => waiting.texts);
    if (!this.#end.isBegun) texts.unshift(JSON.stringify(this.#start()));
    this.take(this.#end.block(texts));
  }

  /** The commit is on disk. */
  committed(): void {
    this.#end.keep();
    for (const { resolve } of this.#inCommit.splice(0)) resolve();
  }

  /** The commit did not reach the disk: what it would have taken along is refused. */
  failed(reason: unknown): void {
    this.#end.drop();
    for (const { reject } of [...this.#inCommit.splice(0), ...this.#waiting.splice(0)]) reject(reason);
  }

  /** Refuses what still waits: the store is closed. */
  close(): void {
    clearTimeout(this.#timer);
    for (const { reject } of this.#waiting.splice(0)) reject(new Error('the store is closed'));
  }

  /** Keeps a block of another store. */
  take({ chain, seq, lines }: AuditBlock): void {
    this.#database.run(
      'INSERT INTO audit (chain, seq, lines) VALUES (?, ?, ?)',
      ...[chain, seq, lines.join('\n')],
    );
  }

  chains(): AuditPlace[] {
    const found: AuditPlace[] = [];
    for (let chain = ''; ;) {
      const row = this.#database.get(
        'SELECT chain, seq FROM audit WHERE chain = (SELECT min(chain) FROM audit WHERE chain > ?) ' +
          'ORDER BY seq DESC LIMIT 1',
        chain,
      );
      if (!row) return found;
      chain = String(row[0]);
      found.push({ chain, seq: Number(row[1]) });
    }
  }

  blocks({ chain, seq }: AuditPlace, count: number): AuditBlock[] {
    return this.#database
      .all(
        'SELECT chain, seq, lines FROM audit WHERE chain = ? AND ' +
          'seq >= coalesce((SELECT max(seq) FROM audit WHERE chain = ? AND seq <= ?), 0) ORDER BY seq LIMIT ?',
        ...[chain, chain, seq, count],
      )
      .map(blockOf);
  }

  /** Blocks behind a place, by chain and number, as they are copied. */
  blocksAfter({ chain, seq }: AuditPlace, count: number): AuditBlock[] {
    const sql = 'SELECT chain, seq, lines FROM audit WHERE (chain, seq) > (?, ?) ORDER BY chain, seq LIMIT ?';
    return this.#database.all(sql, chain, seq, count).map(blockOf);
  }

  /** The first record of our chain: where those before it ended. */
  #start(): ChainStart {
    const chains = this.chains();
    const heads = chains.flatMap((last) => this.blocks(last, 1).map(headOf));
    const starts = chains.flatMap(({ chain }) =>
      this.blocks({ chain, seq: 0 }, 1).map(
        ({ lines }) => JSON.parse(textOfLine(lines[0] ?? '')) as ChainStart,
      ),
    );
    return {
      k: 'start',
      t: this.#now(),
      ...(this.#base === undefined ? {} : { base: this.#base }),
      after: looseEnds(heads, starts).map(({ chain, seq, hash }) => [chain, seq, hash]),
    };
  }
}

export const blockOf = ([chain, seq, lines]: Row): AuditBlock => ({
  chain: String(chain),
  seq: Number(seq),
  lines: String(lines).split('\n'),
});
