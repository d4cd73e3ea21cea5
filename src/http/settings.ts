import { silentLog, type Log } from './log.ts';
import type { PrincipalOf } from './principal.ts';

/** What the HTTP side needs to know besides the context. */
export interface Settings {
  readonly auth: 'off' | 'token';
  readonly token?: string;
  /** Says who sent a request; without it, by `auth`. */
  readonly principalOf?: PrincipalOf;
  readonly log: Log;
  /** False while the store is being prepared: /readyz and FHIR answer 503. */
  readonly ready: () => boolean;
  readonly bodyBytesMax: number;
}

export const defaultSettings: Settings = {
  auth: 'off',
  log: silentLog,
  ready: () => true,
  bodyBytesMax: 50 * 1024 * 1024,
};
