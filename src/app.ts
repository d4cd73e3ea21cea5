import type { RequestListener } from 'node:http';
import type { Resource } from '@medplum/fhirtypes';
import { builtInOf } from './builtIn.ts';
import { capabilities } from './interaction/capabilities.ts';
import { compartmentDefinitions } from './interaction/compartment.ts';
import type { Context } from './interaction/context.ts';
import { AsyncJobs } from './http/asyncJobs.ts';
import { health } from './http/health.ts';
import { listener } from './http/listener.ts';
import { outcomeHandler } from './http/outcomeHandler.ts';
import { defaultSettings, type Settings } from './http/settings.ts';
import { operations } from './operation/index.ts';
import { operate } from './operation/run.ts';
import { ownParameters } from './search/parameter.ts';
import { toJson } from './datatypes/json.ts';

/** The server as a request listener: supertest drives it, main.ts listens with it. */
export function createApp(
  context: Context,
  settings: Partial<Settings> = {},
  packaged: readonly Resource[] = [],
): RequestListener {
  const all = { ...defaultSettings, ...settings };
  const definitions = operations.map(({ definition }) => definition);
  const served: Context = {
    ...context,
    operate,
    principal: all.auth === 'token' ? 'token' : 'anonymous',
    builtIn: builtInOf(
      [...definitions, ...ownParameters, ...compartmentDefinitions, ...packaged],
      context.now,
    ),
  };
  let statement: string | undefined;
  const capabilityText = (): string => (statement ??= toJson(capabilities(served, definitions)));
  const jobs = new AsyncJobs(served, (error) => outcomeHandler(error, 'async', all.log));
  return listener(
    { context: served, capabilities: capabilityText, bodyBytesMax: all.bodyBytesMax, jobs },
    all,
    health(all),
  );
}
