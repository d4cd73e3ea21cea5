/** Who waits for a key gets it when the one before lets go, in order of asking. */
export class KeyedQueue {
  readonly #waiting = new Map<string, (() => void)[]>();

  isFree(key: string): boolean {
    return !this.#waiting.has(key);
  }

  /** Resolves when the key is the caller's; to be let go exactly once. */
  take(key: string): Promise<void> {
    const waiting = this.#waiting.get(key);
    if (!waiting) {
      this.#waiting.set(key, []);
      return Promise.resolve();
    }
    return new Promise((resolve) => void waiting.push(resolve));
  }

  letGo(key: string): void {
    const next = this.#waiting.get(key)?.shift();
    if (next) next();
    else this.#waiting.delete(key);
  }
}

/** The keys one transaction holds, over all its attempts. */
export class Held {
  readonly #queue: KeyedQueue;
  readonly #keys = new Set<string>();

  constructor(queue: KeyedQueue) {
    this.#queue = queue;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** Takes a key that nobody holds; false when somebody does. */
  takeIfFree(key: string): boolean {
    if (this.#keys.has(key)) return true;
    if (!this.#queue.isFree(key)) return false;
    void this.#queue.take(key);
    this.#keys.add(key);
    return true;
  }

  /** Holds exactly these, taken in order of name, so that no two wait for each other. */
  async takeAnew(keys: Iterable<string>): Promise<void> {
    this.letGo();
    for (const key of [...keys].sort()) {
      await this.#queue.take(key);
      this.#keys.add(key);
    }
  }

  letGo(): void {
    for (const key of this.#keys) this.#queue.letGo(key);
    this.#keys.clear();
  }
}
