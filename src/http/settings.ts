import type { IncomingMessage } from 'node:http';
import type { Principal } from '../interaction/asCaller.ts';
import type { Trouble } from '../outcome/trouble.ts';
import { silentLog, type Log } from './log.ts';

/** Says who asks, for each request anew; throws 401 or 421 where nobody may ask so. */
export type PrincipalOf = (request: IncomingMessage) => Principal | Promise<Principal>;

/** What the HTTP side needs to know besides the context. */
export interface Settings {
  readonly auth: 'off' | 'token' | 'smart';
  readonly token?: string;
  /** Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed. */
  readonly trustedProxies?: readonly string[];
  /** Requests a minute of one client; 0: any number. */
  readonly rateLimit: number;
  /** Whether apps may register themselves with the authorization server. */
  readonly registration: boolean;
  /** Says who sent a request; without it, by `auth`. */
  readonly principalOf?: PrincipalOf;
  readonly log: Log;
  /** False while the store is being prepared: /readyz and FHIR answer 503. */
  readonly ready: () => boolean;
  /** What is wrong with the store: /readyz answers 503 with it, FHIR goes on where it can. */
  readonly trouble: () => Trouble | undefined;
  readonly bodyBytesMax: number;
}

export const defaultSettings: Settings = {
  auth: 'off',
  registration: false,
  rateLimit: 0,
  log: silentLog,
  ready: () => true,
  trouble: () => undefined,
  bodyBytesMax: 50 * 1024 * 1024,
};
