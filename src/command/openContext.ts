import { randomUUIDv7 } from 'node:crypto';
import { ConfigError, type Config } from '../config.ts';
import { shippedGateways } from '../gateways.ts';
import type { OperationContext } from '../operation/operation.ts';
import { openDefinitions } from '../openDefinitions.ts';
import { operate } from '../operation/run.ts';
import { openStore } from '../store/openStore.ts';
import { validateResource } from '../validation/validate.ts';
import { writeHooks } from '../writeHooks.ts';

/** The store of the settings, opened for a command; the caller closes it. A store that does not open stops it by name. */
export async function openContext(config: Config): Promise<OperationContext> {
  const now = (): string => new Date().toISOString();
  const base = config.publicUrl ?? 'http://127.0.0.1:8080/fhir';
  const told = (text: string): void => void process.stderr.write(`${text}\n`);
  const store = await openStore(config.store, { now, base, told }).catch((cause: unknown) => {
    throw new ConfigError(cause instanceof Error ? cause.message : String(cause), { cause });
  });
  const { defined } = await openDefinitions(config, store, fail);
  await store.buildIndex(); // a command does not ask again later, as a client of a server can
  return {
    store,
    defined,
    now,
    newId: () => randomUUIDv7(),
    validate: validateResource,
    hooks: writeHooks,
    timeZone: config.timeZone,
    payer: config.payer,
    gateways: shippedGateways,
    submitWait: config.submitWait,
    operate,
    publicUrl: base,
  };
}

/** A fault in the background ends the command: what it loads would not all be found. */
const fail = (error: unknown): never => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? '') : String(error)}\n`);
  process.exit(1);
};
