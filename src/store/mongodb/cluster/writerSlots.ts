/** Limits the writers at work; each has a slot, the lowest number that is free. */
export class WriterSlots {
  readonly #taken: boolean[];
  readonly #waiting: ((place: number) => void)[] = [];

  constructor(count: number) {
    this.#taken = Array.from({ length: count }, () => false);
  }

  take(): Promise<number> {
    const free = this.#taken.indexOf(false);
    if (free < 0) return new Promise((resolve) => void this.#waiting.push(resolve));
    this.#taken[free] = true;
    return Promise.resolve(free);
  }

  letGo(place: number): void {
    const next = this.#waiting.shift();
    if (next) next(place);
    else this.#taken[place] = false;
  }
}
