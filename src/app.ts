import type { RequestListener } from 'node:http';
import type { Resource } from '@medplum/fhirtypes';
import { builtInOf } from './builtIn.ts';
import { capabilities } from './interaction/conformance/capabilities.ts';
import { compartmentDefinitions } from './interaction/search/compartment.ts';
import type { Context } from './interaction/context.ts';
import { DefinedParameters } from './interaction/conformance/definedParameters.ts';
import { AsyncJobs } from './http/asyncJobs.ts';
import { listener } from './http/listener.ts';
import { outcomeHandler } from './http/outcomeHandler.ts';
import { BodyBudget } from './http/bodyBudget.ts';
import { defaultSettings, type Settings } from './http/settings.ts';
import { operations } from './operation/index.ts';
import { operate } from './operation/run.ts';
import { ownParameters } from './search/parameter.ts';
import { toJson } from './datatypes/json.ts';

/** What the server brings along: its operations, search parameters and compartments. */
export const shippedDefinitions: readonly Resource[] = [
  ...operations.map(({ definition }) => definition),
  ...ownParameters,
  ...compartmentDefinitions,
];

/** Bytes of large bodies in memory at a time. */
const largeBytesMax = 8 * 1024 * 1024;

/** The server as a request listener: supertest drives it, main.ts listens with it. */
export function createApp(
  context: Context,
  settings: Partial<Settings> = {},
  packaged: readonly Resource[] = [],
): RequestListener {
  const all = { ...defaultSettings, ...settings };
  const definitions = operations.map(({ definition }) => definition);
  const defined =
    context.defined ??
    new DefinedParameters(context.store, packaged, (error) => {
      outcomeHandler(error, 'index', all.log);
    });
  const served: Context = {
    ...context,
    operate,
    defined,
    capabilities: () => capabilityText(),
    principal: all.auth === 'token' ? 'token' : 'anonymous',
    builtIn: context.builtIn ?? builtInOf([...shippedDefinitions, ...packaged], context.now),
  };
  let statement = { revision: -1, text: '' };
  const capabilityText = (): string => {
    const { revision } = defined;
    if (statement.revision !== revision)
      statement = { revision, text: toJson(capabilities(served, definitions)) };
    return statement.text;
  };
  const jobs = new AsyncJobs(served, (error) => outcomeHandler(error, 'async', all.log));
  return listener(
    {
      context: served,
      capabilities: capabilityText,
      bodyBytesMax: all.bodyBytesMax,
      jobs,
      budget: new BodyBudget(largeBytesMax),
    },
    all,
  );
}
