import { FhirError } from '../outcome/fhirError.ts';
import { details } from '../outcome/issue.ts';
import { Buckets } from './bucket.ts';
import { isGuarded } from './cors.ts';
import { exchangeOf, pathOf, type Step } from './exchange.ts';

/**
 * How often a client may ask: a bucket of a minute's requests that fills evenly. A client is an app with its account,
 * or an address for requests of which nobody knows who sent them.
 */
export class RateLimit {
  readonly #perMinute: number;
  readonly #buckets: Buckets;

  constructor(perMinute: number, now?: () => number) {
    this.#perMinute = perMinute;
    this.#buckets = new Buckets({ size: perMinute, perSecond: perMinute / 60 }, now);
  }

  /** Takes one request of a client; throws 429 that says when there is another. */
  take(client: string): void {
    if (this.#perMinute > 0) this.#refuse(this.#buckets.take(client));
  }

  /** Throws where a client has none left, and takes none. */
  refuseExhausted(client: string): void {
    if (this.#perMinute > 0) this.#refuse(this.#buckets.exhausted(client));
  }

  #refuse(seconds: number | undefined): void {
    if (seconds === undefined) return;
    const text = `more than ${this.#perMinute} requests a minute: ask again in ${seconds} s`;
    throw new FhirError(
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
