import { randomUUIDv7 } from 'node:crypto';
import { ConfigError, type Config } from '../config.ts';
import type { Context } from '../interaction/context.ts';
import { operate } from '../operation/run.ts';
import { openStore } from '../store/openStore.ts';
import { validateResource } from '../validation/validate.ts';

/** The store of the settings, opened for a command; the caller closes it. A store that does not open stops it by name. */
export async function openContext({ store, payer, publicUrl }: Config): Promise<Context> {
  const now = (): string => new Date().toISOString();
  const base = publicUrl ?? 'http://127.0.0.1:8080/fhir';
  return {
    store: await openStore(store, { now, base }).catch((cause: unknown) => {
      throw new ConfigError(cause instanceof Error ? cause.message : String(cause), { cause });
    }),
    now,
    newId: () => randomUUIDv7(),
    validate: validateResource,
    timeZone: 'America/New_York',
    payer,
    operate,
    publicUrl: base,
  };
}
