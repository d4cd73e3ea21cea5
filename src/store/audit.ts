import { hash } from 'node:crypto';

/**
 * Records of access, in chains: each record has the hash of the one before it in its own, so that none can be changed or
 * taken out unseen. Every server that is started on a store begins a chain; its first record names where the chains
 * before it ended. See docs/decision/0032.
 */
export interface AuditTrail {
  /** Adds records to the chain of this server; resolves when they are flushed. Many that come together share a flush. */
  append(texts: readonly string[]): Promise<void>;
  /** The chains, and where the last block of each begins. */
  chains(): Promise<readonly AuditPlace[]>;
  /** Blocks of a chain from the one that holds a record on, in their order. */
  blocks(from: AuditPlace, count: number): Promise<readonly AuditBlock[]>;
}

/** A record by its number in its chain; the first is 0. */
export interface AuditPlace {
  readonly chain: string;
  readonly seq: number;
}

/** Records that were flushed together. A line is a hash, a blank and the text of the record. */
export interface AuditBlock extends AuditPlace {
  readonly lines: readonly string[]; // that of number `seq` first
}

/** Where a chain stands: the record that came last. */
export interface AuditHead extends AuditPlace {
  readonly hash: string;
}

/** The first record of a chain. */
export interface ChainStart {
  readonly k: 'start';
  readonly t: number; // epoch milliseconds
  readonly base?: string; // of the server, as AuditEvents name it
  readonly after: readonly (readonly [chain: string, seq: number, hash: string])[];
}

/** Says what AuditEvents were made of some records of a chain, by the hash of their JSON. */
export interface MadeRecord {
  readonly k: 'made';
  readonly t: number; // epoch milliseconds
  readonly of: string; // the chain
  readonly from: number;
  readonly to: number; // exclusive
  readonly h: string;
}

export const hashLength = 43;

/** The hash of a record: SHA-256 of the one before it and of its text, in base64url. */
export const chainHash = (before: string, text: string): string => hash('sha256', before + text, 'base64url');

/** What the first record of a chain is hashed with, in place of a record before it. */
export const beforeFirst = (chain: string): string => chain;

export const lineOf = (hashed: string, text: string): string => `${hashed} ${text}`;
export const hashOfLine = (line: string): string => line.slice(0, hashLength);
export const textOfLine = (line: string): string => line.slice(hashLength + 1);

/** The record that a block ends with. */
export function headOf({ chain, seq, lines }: AuditBlock): AuditHead {
  return { chain, seq: seq + lines.length - 1, hash: hashOfLine(lines.at(-1) ?? '') };
}

/** The ends of chains that no other chain names: what the start of the next one has to name. */
export function looseEnds(heads: readonly AuditHead[], starts: readonly ChainStart[]): readonly AuditHead[] {
  const named = new Set(starts.flatMap(({ after }) => after.map(([chain, seq]) => `${chain} ${seq}`)));
  return heads.filter(({ chain, seq }) => !named.has(`${chain} ${seq}`));
}

/** Makes the lines of one chain. What is made is not yet kept: `keep` says that it is, `drop` that it never was. */
export class ChainEnd {
  readonly chain: string;
  #kept: Omit<AuditHead, 'chain'>;
  #made: Omit<AuditHead, 'chain'>;

  constructor(chain: string) {
    this.chain = chain;
    this.#kept = { seq: -1, hash: beforeFirst(chain) };
    this.#made = this.#kept;
  }

  /** Whether the chain has a record. */
  get isBegun(): boolean {
    return this.#made.seq >= 0;
  }

  block(texts: readonly string[]): AuditBlock {
    let { seq, hash: last } = this.#made;
    const first = seq + 1;
    const lines = texts.map((text) => {
      last = chainHash(last, text);
      seq += 1;
      return lineOf(last, text);
    });
    this.#made = { seq, hash: last };
    return { chain: this.chain, seq: first, lines };
  }

  keep(): void {
    this.#kept = this.#made;
  }
  drop(): void {
    this.#made = this.#kept;
  }
}
