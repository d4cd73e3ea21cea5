import { silentLog, type Log } from './log.ts';

/** What the HTTP side needs to know besides the context. */
export interface Settings {
  readonly auth: 'off' | 'token';
  readonly token?: string;
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
