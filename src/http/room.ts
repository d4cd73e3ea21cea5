/** Room that was taken, until it is given back; a second time does nothing. */
export interface Taken {
  readonly isHeld: boolean;
  readonly leave: () => void;
}

/** Bytes of a body below which it never waits. */
export const small = 64 * 1024;

/** What takes no room. */
export const free: Taken = { isHeld: true, leave: () => undefined };

/**
 * How much of large bodies may come in and be at work at a time, in bytes. A parsed body takes some six times its
 * bytes, so those who come while others are at work wait in the order they came; one is always let in, however large.
 */
export class Room {
  readonly #bytesMax: number;
  #taken = 0;
  readonly #waiting: { readonly bytes: number; readonly enter: () => void }[] = [];

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Resolves when there is room for a body. */
  async enter(bytes: number): Promise<Taken> {
    if (bytes < small) return free;
    if (this.#waiting.length > 0 || !this.#fits(bytes))
      await new Promise<void>((enter) => this.#waiting.push({ bytes, enter }));
    else this.#taken += bytes;
    let isHeld = true;
    return {
      get isHeld() {
        return isHeld;
      },
      leave: () => {
        if (isHeld) this.#leave(bytes);
        isHeld = false;
      },
    };
  }

  #fits(bytes: number): boolean {
    return this.#taken === 0 || this.#taken + bytes <= this.#bytesMax;
  }

  #leave(bytes: number): void {
    this.#taken -= bytes;
    for (let [next] = this.#waiting; next && this.#fits(next.bytes); [next] = this.#waiting) {
      this.#waiting.shift();
      this.#taken += next.bytes;
      next.enter();
    }
  }
}
