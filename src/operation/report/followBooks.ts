import { Books } from '../../billing/report/books.ts';
import { breather } from '../../interaction/breather.ts';
import { asServer } from '../../store/access/asServer.ts';
import type { Reader, Store } from '../../store/store.ts';
import { practiceOf } from '../closing/post.ts';
import { aboutEntry, carcsOf, methodOf } from './aboutEntry.ts';

/** Entries read at a time: a few milliseconds of work. */
const atOnce = 500;

/**
 * Places of the journal that are read again, in the units of its orders. Where several servers write, an entry may land
 * after one of a later place; no transaction lasts this long. In a store of one writer they count entries and nothing is
 * ever late.
 */
const readAgain = 300_000 * 2048;

/** The books of a store as far as they were read. */
class Followed {
  readonly books = new Books();
  readonly #practices = new Map<string, string | undefined>();
  #recent = new Set<number>(); // orders that were read, of those that are read again
  #last = 0;
  #running: Promise<void> = Promise.resolve();

  /** Reads what was posted since; resolves when all that had landed before is there. */
  catchUp(reader: Reader): Promise<void> {
    const run = this.#running.then(() => this.#read(reader));
    this.#running = run.catch(() => undefined);
    return run;
  }

  async #read(reader: Reader): Promise<void> {
    const breathe = breather();
    let after: number | undefined = Math.max(0, this.#last - readAgain);
    const hasOrders = this.#last > readAgain; // of time; of entries there are not as many
    if (!hasOrders) after = this.#last;
    while (after !== undefined) {
      const page = await reader.entries({ count: atOnce, after });
      for (const [i, entry] of page.entries.entries()) {
        const order = page.orders[i] ?? 0;
        if (this.#recent.has(order)) continue;
        await this.#practice(reader, entry.account);
        await aboutEntry(reader, this.books, entry);
        const carcs = await carcsOf(reader, entry);
        const method = await methodOf(reader, entry);
        this.books.add(entry, order, this.#practices.get(entry.account), { carcs, method });
        this.#recent.add(order);
        this.#last = Math.max(this.#last, order);
        await breathe();
      }
      after = page.next;
    }
    const oldest = this.#last - readAgain;
    this.#recent = new Set([...this.#recent].filter((order) => order > oldest && oldest > 0));
  }

  async #practice(reader: Reader, account: string): Promise<void> {
    if (this.#practices.get(account) !== undefined) return;
    this.#practices.set(account, await practiceOf(reader, account));
  }
}

const followed = new WeakMap<Reader, Followed>();

/** The books of a store with all that has landed. They are read once and followed from then on. */
export async function followBooks(store: Store): Promise<Books> {
  const own = asServer(store);
  const known = followed.get(own) ?? new Followed();
  followed.set(own, known);
  await known.catchUp(own);
  return known.books;
}
