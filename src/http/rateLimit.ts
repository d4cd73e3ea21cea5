import { LRUCache } from 'lru-cache';
import { FhirError } from '../outcome/fhirError.ts';
import { details } from '../outcome/issue.ts';
import { isGuarded } from './cors.ts';
import { exchangeOf, pathOf, type Step } from './exchange.ts';

/** Clients that are remembered; of more the one that asked longest ago begins anew. */
const clientsMax = 10_000;
const minute = 60_000; // milliseconds

interface Bucket {
  tokens: number;
  at: number; // milliseconds of the clock
}

/**
 * How often a client may ask: a bucket of a minute's requests that fills evenly. A client is an app with its account,
 * or an address for requests of which nobody knows who sent them.
 */
export class RateLimit {
  readonly #perMinute: number;
  readonly #now: () => number;
  readonly #buckets = new LRUCache<string, Bucket>({ max: clientsMax });

  constructor(perMinute: number, now: () => number = () => performance.now()) {
    this.#perMinute = perMinute;
    this.#now = now;
  }

  /** Takes one request of a client; throws 429 that says when there is another. */
  take(client: string): void {
    if (this.#perMinute === 0) return;
    const bucket = this.#filled(client);
    if (bucket.tokens < 1) throw this.#tooMany(bucket);
    bucket.tokens -= 1;
  }

  /** Throws where a client has none left, and takes none. */
  refuseExhausted(client: string): void {
    if (this.#perMinute === 0) return;
    const bucket = this.#buckets.has(client) ? this.#filled(client) : undefined;
    if (bucket && bucket.tokens < 1) throw this.#tooMany(bucket);
  }

  #filled(client: string): Bucket {
    const now = this.#now();
    const bucket = this.#buckets.get(client) ?? { tokens: this.#perMinute, at: now };
    bucket.tokens = Math.min(this.#perMinute, bucket.tokens + ((now - bucket.at) * this.#perMinute) / minute);
    bucket.at = now;
    this.#buckets.set(client, bucket);
    return bucket;
  }

  #tooMany({ tokens }: Bucket): FhirError {
    const seconds = Math.max(1, Math.ceil(((1 - tokens) * 60) / this.#perMinute));
    const text = `more than ${this.#perMinute} requests a minute: ask again in ${seconds} s`;
    return new FhirError(
      429,
      [{ severity: 'error', code: 'throttled', details: details('too-many-requests', text) }],
      { 'retry-after': String(seconds) },
    );
  }
}

const ofAddress = (address: string | undefined): string => `address ${address ?? ''}`;

/**
 * Counts a request by its address, before anybody looks at it. One that brings a token counts as that of its client once
 * the token was found; an address whose tokens are refused has as few tries as one without.
 */
export function limitAddress(limit: RateLimit): Step {
  return (request, response, next) => {
    const address = ofAddress(exchangeOf(response).address);
    const isCountedLater = request.headers.authorization !== undefined && isGuarded(pathOf(request.url));
    if (isCountedLater) limit.refuseExhausted(address);
    else limit.take(address);
    next();
  };
}

/** Counts a request whose token was refused. */
export const countRefused = (limit: RateLimit, address: string | undefined): void => {
  limit.take(ofAddress(address));
};
