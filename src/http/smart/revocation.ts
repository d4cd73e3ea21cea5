import { randomUUID } from 'node:crypto';
import type { Records } from '../../store/record.ts';

const mark = { kind: 'revocation', key: 'last' };

/** How often each server asks whether something was taken back, in milliseconds. */
const askedEvery = 1000;
/** A server that could not ask for so long trusts nothing that it remembers. */
const trustedFor = 4000;

/** Says to every server of the store that something was taken back: a token, a session, an account, a role. */
export async function tellRevocation(records: Records): Promise<void> {
  await records.keep({ ...mark, value: JSON.stringify(randomUUID()) });
}

/**
 * Tells whether what this server remembers of tokens still holds: it does until another value is kept under a mark that
 * every revocation changes. The mark is read once a second, and only as long as somebody asks.
 */
export class RevocationWatch {
  readonly #records: Records;
  readonly #changed: () => void;
  #seen: string | undefined;
  #at = -Infinity;
  #asking: Promise<void> | undefined;

  constructor(records: Records, changed: () => void) {
    this.#records = records;
    this.#changed = changed;
  }

  /** Resolves at once when it was asked within the last second; asks in the background when that is a little longer ago. */
  current(): Promise<void> | undefined {
    const age = performance.now() - this.#at;
    if (age < askedEvery) return undefined;
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    if (age < trustedFor) {
      this.#asking.catch(() => undefined); // asked again by the next request; after a while it is waited for
      return undefined;
    }
    return this.#asking;
  }

  /** Forgets at once what this server remembers, and tells the others. */
  async tell(): Promise<void> {
    this.#changed();
    await tellRevocation(this.#records);
  }

  async #ask(): Promise<void> {
    const at = performance.now();
    const value = (await this.#records.find(mark.kind, mark.key))?.value ?? '';
    if (this.#seen !== undefined && value !== this.#seen) this.#changed();
    this.#seen = value;
    this.#at = at;
  }
}
