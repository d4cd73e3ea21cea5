import type { Database } from './database.ts';
import { isSameFile, journalOf, keepPrivate, takesNoMore, type StoreFile } from './storeFile.ts';
import { troubleError, type Trouble } from '../../../outcome/trouble.ts';

/** Result codes of SQLite, the low byte of the extended ones. See https://www.sqlite.org/rescode.html */
const [ioError, corrupt, full, notDatabase] = [10, 11, 13, 26];
/** The shared memory beside the store could not be made larger: the disk is full as well. */
const shmSize = ioError | (19 << 8);

/** The extended result code of an error that SQLite reported. */
export function resultCode(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode : undefined;
}

/**
 * True where there was no room to write: the disk is full, or what this server may take of it. Of a quota or a limit on
 * the size of files SQLite says only that a write failed; whether a file there may grow is tried then.
 */
export const isFull = (error: unknown, path: string | undefined): boolean => {
  const code = resultCode(error);
  if (code === undefined) return false;
  if ((code & 0xff) === full || code === shmSize) return true;
  return (code & 0xff) === ioError && path !== undefined && takesNoMore(path);
};

export const isDamage = (error: unknown): boolean => {
  const code = resultCode(error);
  return code !== undefined && ((code & 0xff) === corrupt || (code & 0xff) === notDatabase);
};

/** Milliseconds without a full disk after which the fault counts as over. */
const quietFor = 30_000;

/** Two writes that leave nothing behind and succeed when 64 KB of disk space are free. */
export const takeRoom: readonly string[] = [
  "INSERT OR REPLACE INTO setting (name, value) VALUES ('room', hex(zeroblob(32768)))",
  "DELETE FROM setting WHERE name = 'room'",
];

export const fullText = (file: string): string =>
  `The disk that holds the store ${file} is full: make room on it, or give the server more of it; ` +
  'nothing that was answered is lost';
export const damagedText = (file: string): string =>
  `The store ${file} is damaged: stop the server, keep the file, and put the last good copy in its place with ` +
  'npm run restore; npm run verify says what is damaged';
const goneText = (file: string): string =>
  `The store's file ${file} was removed or replaced while it is served, and nothing more is written: ` +
  'put the same file back, or stop the server and put a copy in its place with npm run restore';

/** What is wrong with a store's file, found out from what SQLite reports and by looking at the file. */
export class StoreTrouble {
  readonly #file: StoreFile | undefined;
  readonly #told: (trouble: Trouble | undefined) => void;
  #journal: StoreFile | undefined;
  #trouble: Trouble | undefined;
  /** When a full disk had room again of which nobody was told yet: it may be full anew at the next write. */
  #roomSince: number | undefined;

  /**
   * `told` is called once when a fault begins and once when it ends. A nearly full disk takes a small write and refuses
   * the next large one: the fault ends when the disk has not been full for half a minute.
   */
  constructor(file: StoreFile | undefined, told: (trouble: Trouble | undefined) => void = () => undefined) {
    this.#file = file;
    this.#told = told;
  }

  /** The present fault, if any; the file is checked again at each call. */
  current(): Trouble | undefined {
    this.#look();
    return this.#trouble;
  }

  get isFull(): boolean {
    return this.#trouble?.kind === 'full';
  }

  /** Throws where a write could damage the store further, or be lost. */
  beforeWrite(): void {
    const trouble = this.current();
    if (trouble && trouble.kind !== 'full') throw troubleError(trouble);
  }

  /** Between a commit and its answer: throws when the file has been removed or replaced, so that the write is lost. */
  afterCommit(): void {
    this.beforeWrite();
  }

  /** Something was written to try it. That a commit went well says nothing: it may have had nothing to write. */
  foundRoom(): void {
    if (this.isFull) this.#set(undefined);
  }

  /** Before a store is closed whose file was removed: copies its content to a new file, which would be lost otherwise. */
  rescue(database: Database): void {
    if (!this.#file || this.current()?.kind !== 'gone') return;
    const copy = `${this.#file.path}.rescued`;
    try {
      keepPrivate(copy);
      database.run('VACUUM INTO ?', copy);
      this.#told({ kind: 'gone', text: `What the store held that was taken away is in ${copy}` });
    } catch {
      this.#told({
        kind: 'gone',
        text: `What the store held that was taken away could not be copied to ${copy}`,
      });
    }
  }

  /** The error to answer with: that of the fault which caused it, else the error itself. */
  meet(error: unknown): unknown {
    const file = this.#file?.path ?? 'in memory';
    if (isDamage(error)) this.#set({ kind: 'damaged', text: damagedText(file) });
    else if (isFull(error, this.#file?.path)) this.#set({ kind: 'full', text: fullText(file) });
    else return error;
    return this.#trouble ? troubleError(this.#trouble) : error;
  }

  #look(): void {
    if (!this.#file || this.#trouble?.kind === 'damaged') return;
    this.#journal ??= journalOf(this.#file);
    if (!isSameFile(this.#file) || (this.#journal && !isSameFile(this.#journal)))
      this.#set({ kind: 'gone', text: goneText(this.#file.path) });
    else if (this.#trouble?.kind === 'gone') this.#set(undefined);
  }

  #set(trouble: Trouble | undefined): void {
    // known damage is not replaced by another fault, and lasts as long as the store is open
    if (this.#trouble?.kind === trouble?.kind || this.#trouble?.kind === 'damaged') return;
    const wasTold = this.#roomSince !== undefined && trouble?.kind === 'full';
    this.#roomSince = this.isFull && !trouble ? performance.now() : undefined;
    this.#trouble = trouble;
    if (this.#roomSince === undefined && !wasTold) this.#told(trouble);
  }

  /** Tells the end of a full disk when it has lasted; called now and then, and before the store is closed. */
  tellRoom(atLeast = quietFor): void {
    if (this.#roomSince === undefined || performance.now() - this.#roomSince < atLeast) return;
    this.#roomSince = undefined;
    this.#told(undefined);
  }
}
