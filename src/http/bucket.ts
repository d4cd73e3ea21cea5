import { LRUCache } from 'lru-cache';

/** Keys that are remembered; of more the one that asked longest ago begins anew. */
const keysMax = 10_000;

interface Bucket {
  left: number;
  at: number; // milliseconds of the clock
}

/** How often each of many may ask: a bucket for each, of some requests at once, that fills evenly. */
export class Buckets {
  readonly #size: number;
  readonly #perSecond: number;
  readonly #now: () => number;
  readonly #buckets = new LRUCache<string, Bucket>({ max: keysMax });

  constructor(
    { size, perSecond }: { readonly size: number; readonly perSecond: number },
    now: () => number = () => performance.now(),
  ) {
    this.#size = size;
    this.#perSecond = perSecond;
    this.#now = now;
  }

  /** Takes one request; answers the seconds until there is one where none is left. */
  take(key: string): number | undefined {
    const bucket = this.#filled(key);
    this.#buckets.set(key, bucket);
    if (bucket.left < 1) return this.#wait(bucket);
    bucket.left -= 1;
    return undefined;
  }

  /** The seconds until there is a request, where none is left; takes none. */
  exhausted(key: string): number | undefined {
    const bucket = this.#filled(key);
    return bucket.left < 1 ? this.#wait(bucket) : undefined;
  }

  #filled(key: string): Bucket {
    const now = this.#now();
    const bucket = this.#buckets.get(key) ?? { left: this.#size, at: now };
    bucket.left = Math.min(this.#size, bucket.left + ((now - bucket.at) / 1000) * this.#perSecond);
    bucket.at = now;
    return bucket;
  }

  #wait({ left }: Bucket): number {
    return Math.max(1, Math.ceil((1 - left) / this.#perSecond));
  }
}
