import { randomUUIDv7 } from 'node:crypto';
import { shippedGateways } from '../src/gateways.ts';
import type { OperationContext } from '../src/operation/operation.ts';
import { openStore } from '../src/store/openStore.ts';
import { validateResource } from '../src/validation/validate.ts';
import { writeHooks } from '../src/writeHooks.ts';

/** A context on an empty in-memory store, for tests that need no HTTP. */
export async function testContext(over: Partial<OperationContext> = {}): Promise<OperationContext> {
  const now = (): string => new Date().toISOString();
  return {
    store: over.store ?? (await openStore('sqlite::memory:', { now })),
    now,
    newId: () => randomUUIDv7(),
    validate: validateResource,
    hooks: writeHooks,
    timeZone: 'America/New_York',
    payer: 'simulator',
    gateways: shippedGateways,
    seededAsDemo: true, // tests send claims as of the days of their stories
    publicUrl: 'http://127.0.0.1:8080/fhir',
    ...over,
  };
}
