import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Books } from '../../payer/x12/books.ts';
import type { Outgoing } from '../../payer/x12/envelope.ts';

/** What is kept beside the books: which files are still to be put out, and what was answered to which file. */
interface Kept {
  readonly books: Books;
  readonly waiting: readonly string[];
  readonly answered: Readonly<Record<string, readonly string[]>>; // by the hash of what came
}

/** Where a simulated payer keeps its books and every file that it has written. */
export interface Shelf {
  /** The books as they were kept last, to be changed and kept again. */
  books(): Books;
  /** Keeps books and files together: the books that know of a file are there only when the file is. */
  keep(books: Books, files: readonly Outgoing[], hash?: string): void;
  /** What was answered to a file is to be put out again, the same bytes under the same names; false where none was. */
  answerAgain(hash: string): boolean;
  waiting(): readonly Outgoing[];
  putOut(name: string): void;
}

export function openShelf(folder: string, opened: () => Books): Shelf {
  const files = join(folder, 'files');
  mkdirSync(files, { recursive: true });
  const path = join(folder, 'books.json');
  let kept = read(path) ?? { books: opened(), waiting: [], answered: {} };
  const save = (next: Kept): void => {
    writeFileSync(`${path}.part`, JSON.stringify(next), { flush: true });
    renameSync(`${path}.part`, path);
    kept = next;
  };
  const textOf = (name: string): string => readFileSync(join(files, name), 'latin1');
  return {
    books: () => structuredClone(kept.books),
    keep: (books, made, hash) => {
      for (const { name, text } of made)
        writeFileSync(join(files, name), text, { encoding: 'latin1', flush: true });
      const names = made.map(({ name }) => name);
      const answered = hash === undefined ? kept.answered : { ...kept.answered, [hash]: names };
      save({ books, waiting: [...kept.waiting, ...names], answered });
    },
    answerAgain: (hash) => {
      const names = kept.answered[hash];
      if (!names) return false;
      save({ ...kept, waiting: [...new Set([...kept.waiting, ...names])] });
      return true;
    },
    waiting: () => kept.waiting.map((name) => ({ name, text: textOf(name) })),
    putOut: (name) => {
      save({ ...kept, waiting: kept.waiting.filter((one) => one !== name) });
    },
  };
}

function read(path: string): Kept | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Kept;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
