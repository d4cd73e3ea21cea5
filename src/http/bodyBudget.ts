import { BodyArrivals } from './bodyArrivals.ts';

/** Bytes of the budget that one body has reserved until it releases them; to release twice does nothing. */
export interface Reservation {
  readonly isHeld: boolean;
  readonly release: () => void;
}

/** A body of fewer bytes never waits and reserves nothing. */
export const unbudgetedBytesMax = 64 * 1024;

/** The reservation of a small body: nothing was reserved. */
export const emptyReservation: Reservation = { isHeld: true, release: () => undefined };

/**
 * Limits the bytes of large bodies that are processed at a time. A parsed body takes about six times its bytes, so
 * further ones wait in order of arrival; a body is always admitted when no other is being processed.
 */
export class BodyBudget {
  /** The bodies that are still arriving: four times as many bytes, as nothing of them is parsed yet. */
  readonly arrivals: BodyArrivals;
  readonly #bytesMax: number;
  #reserved = 0;
  readonly #waiting: { readonly bytes: number; readonly grant: () => void }[] = [];

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.arrivals = new BodyArrivals(4 * bytesMax);
  }

  /** Resolves when the bytes of a body fit into the budget. */
  async reserve(bytes: number): Promise<Reservation> {
    if (bytes < unbudgetedBytesMax) return emptyReservation;
    if (this.#waiting.length > 0 || !this.#fits(bytes))
      await new Promise<void>((grant) => this.#waiting.push({ bytes, grant }));
    else this.#reserved += bytes;
    let isHeld = true;
    return {
      get isHeld() {
        return isHeld;
      },
      release: () => {
        if (isHeld) this.#release(bytes);
        isHeld = false;
      },
    };
  }

  #fits(bytes: number): boolean {
    return this.#reserved === 0 || this.#reserved + bytes <= this.#bytesMax;
  }

  #release(bytes: number): void {
    this.#reserved -= bytes;
    for (let [next] = this.#waiting; next && this.#fits(next.bytes); [next] = this.#waiting) {
      this.#waiting.shift();
      this.#reserved += next.bytes;
      next.grant();
    }
  }
}
