/** The received bytes of one body. */
export interface Arrival {
  /** Counts received bytes; returns a promise where reading has to pause. */
  came(bytes: number): Promise<void> | undefined;
  /** Called when the body is no longer held as bytes. */
  end(): void;
}

/** Milliseconds within which a body must make progress while others wait, and the bytes that count as such. */
const stalledAfter = 2000;
const progress = 64 * 1024;
/** Milliseconds between two checks for stalled bodies while others wait. */
const lookEvery = 250;

interface Coming {
  bytes: number;
  sinceProgress: number;
  progressAt: number;
  waiting?: () => void;
  readonly stalled: () => void;
}

/**
 * The received bytes of all large bodies that are not being processed yet. When they are too many, only the oldest body
 * is read on, and bodies that make no progress are refused, so that a stalled upload does not block others. Announced
 * bytes that have not arrived reserve nothing.
 */
export class BodyArrivals {
  readonly #bytesMax: number;
  readonly #coming = new Set<Coming>(); // the oldest first
  #bytes = 0;
  #looking: NodeJS.Timeout | undefined;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Registers a body that begins to arrive; `stalled` refuses it. */
  begin(stalled: () => void): Arrival {
    const body: Coming = { bytes: 0, sinceProgress: 0, progressAt: performance.now(), stalled };
    this.#coming.add(body);
    return {
      came: (bytes) => this.#came(body, bytes),
      end: () => {
        this.#end(body);
      },
    };
  }

  #came(body: Coming, bytes: number): Promise<void> | undefined {
    body.bytes += bytes;
    this.#bytes += bytes;
    body.sinceProgress += bytes;
    if (body.sinceProgress >= progress) {
      body.sinceProgress = 0;
      body.progressAt = performance.now();
    }
    if (this.#mayGoOn(body)) return undefined;
    this.#looking ??= setInterval(() => {
      this.#giveUpStalled();
    }, lookEvery).unref();
    return new Promise((resolve) => {
      body.waiting = resolve;
    });
  }

  #mayGoOn(body: Coming): boolean {
    if (this.#bytes <= this.#bytesMax) return true;
    const [oldest] = this.#coming;
    return oldest === body;
  }

  #end(body: Coming): void {
    if (!this.#coming.delete(body)) return;
    this.#bytes -= body.bytes;
    this.#wake();
  }

  #wake(): void {
    for (const body of this.#coming) {
      if (!body.waiting || !this.#mayGoOn(body)) continue;
      body.progressAt = performance.now();
      body.waiting();
      delete body.waiting;
    }
    if (![...this.#coming].some(({ waiting }) => waiting)) {
      clearInterval(this.#looking);
      this.#looking = undefined;
    }
  }

  #giveUpStalled(): void {
    const since = performance.now() - stalledAfter;
    for (const body of this.#coming) {
      if (body.waiting || body.progressAt > since) continue;
      body.stalled();
      this.#end(body);
    }
  }
}
