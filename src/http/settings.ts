import type { Trouble } from '../outcome/trouble.ts';
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
  /** What is wrong with the store: /readyz answers 503 with it, FHIR goes on where it can. */
  readonly trouble: () => Trouble | undefined;
  readonly bodyBytesMax: number;
}

export const defaultSettings: Settings = {
  auth: 'off',
  log: silentLog,
  ready: () => true,
  trouble: () => undefined,
  bodyBytesMax: 50 * 1024 * 1024,
};
