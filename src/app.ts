import type { Resource } from '@medplum/fhirtypes';
import express, { type Express } from 'express';
import { shippedRoleResources } from './access/role.ts';
import { shippedMeasures } from './operation/report/measure.ts';
import { shippedViews } from './operation/view/shippedViews.ts';
import { builtInOf } from './builtIn.ts';
import type { BuiltIn } from './interaction/conformance/builtIn.ts';
import { capabilities } from './interaction/conformance/capabilities.ts';
import { clientAddress } from './http/clientAddress.ts';
import { compartmentDefinitions } from './interaction/search/compartment.ts';
import { withBackground } from './background.ts';
import { DefinedParameters } from './interaction/conformance/definedParameters.ts';
import { cors } from './http/cors.ts';
import { smartSecurity } from './http/smart/discovery.ts';
import { smartDiscovery } from './http/smart/smartDiscovery.ts';
import { openPrincipal, smartPrincipal } from './http/smart/smartPrincipal.ts';
import { smartPath, smartRoutes } from './http/smart/smartRoutes.ts';
import { SmartServer } from './http/smart/smartServer.ts';
import { AsyncJobs } from './http/asyncJobs.ts';
import { errorHandler } from './http/errorHandler.ts';
import { fhirPath, fhirRouter, whenReady } from './http/fhirRouter.ts';
import { health } from './http/health.ts';
import { home } from './http/home.ts';
import { inOrder } from './http/inOrder.ts';
import { metrics } from './http/metrics.ts';
import { notFound } from './http/notFound.ts';
import { outcomeHandler } from './http/outcomeHandler.ts';
import { BodyBudget } from './http/bodyBudget.ts';
import { addressed, absoluteTarget } from './http/absoluteTarget.ts';
import { Recorder } from './http/audit/recorder.ts';
import { principal, principalOfSettings } from './http/principal.ts';
import { limitAddress, RateLimit } from './http/rateLimit.ts';
import { RequestCounts } from './http/requestCounts.ts';
import { requestId } from './http/requestId.ts';
import { requestLog } from './http/requestLog.ts';
import { securityHeaders } from './http/securityHeaders.ts';
import { defaultSettings, type PrincipalOf, type Settings } from './http/settings.ts';
import { limitsOf } from './interaction/limits.ts';
import { operations } from './operation/index.ts';
import type { OperationContext } from './operation/operation.ts';
import { operate } from './operation/run.ts';
import { ownDefinitions, ownQuestionnaires } from './interaction/conformance/ownDefinitions.ts';
import { ownParameters } from './search/parameter.ts';
import { toJson } from './datatypes/json.ts';

/** What the server brings along: its operations, search parameters and compartments, and what its own terms mean. */
export const shippedDefinitions: readonly Resource[] = [
  ...operations.map(({ definition }) => definition),
  ...ownParameters,
  ...compartmentDefinitions,
  ...ownDefinitions,
  ...ownQuestionnaires,
];

/** Bytes of large bodies in memory at a time. */
const largeBytesMax = 8 * 1024 * 1024;

/**
 * The server as one Express app: it listens by itself (main.ts), is driven by supertest, or is mounted in another app by
 * `outer.use('/billing', app)`, which must leave bodies unread. Every request takes these steps, in this order.
 */
export function createApp(
  context: OperationContext,
  settings: Partial<Settings> = {},
  packaged: readonly Resource[] = [],
): Express {
  const all = { ...defaultSettings, ...settings };
  const { served, capabilities } = serve(context, all, packaged);
  const smart = smartOf(served, all);
  const principalOf = all.principalOf ?? smart?.principalOf ?? principalOfSettings(all, context.publicUrl);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag'); // FHIR has its own: the version of a resource
  app.disable('query parser'); // FHIR says how a query is read
  app.enable('case sensitive routing');

  const counts = new RequestCounts();
  const limit = new RateLimit(all.rateLimit);
  app.use(
    inOrder(
      absoluteTarget,
      requestId,
      requestLog(all.log, counts),
      securityHeaders,
      clientAddress(all.trustedProxies),
      addressed,
      health(all),
      limitAddress(limit),
      metrics(served, principalOf, counts),
      home(all, served.publicUrl),
      cors,
      ...(smart ? [smartDiscovery(smart.server)] : []),
    ),
  );
  const { audit: trail } = served.store;
  const recorder = new Recorder({ trail, now: served.now, isOpen: all.auth === 'off' });
  const before = [principal(served, principalOf, { recorder, limit }), whenReady(all)];
  app.use(
    fhirPath,
    fhirRouter(before, {
      capabilities,
      bodyBytesMax: all.bodyBytesMax,
      jobs: new AsyncJobs(served, (error) => outcomeHandler(error, 'async', all.log)),
      budget: new BodyBudget(largeBytesMax),
    }),
  );
  // Its paths are others than those of FHIR: it stands behind, for most requests are FHIR.
  if (smart) app.use(smartPath, smartRoutes(smart.server, [whenReady(all)]));
  app.use(notFound);
  app.use(errorHandler(all.log, limitsOf(served).issuesTold));
  return app;
}

/** The authorization server, and who asks by its tokens; none where one token is for all. */
function smartOf(
  served: OperationContext,
  { auth, registration }: Settings,
): { readonly server: SmartServer; readonly principalOf: PrincipalOf } | undefined {
  if (auth === 'token') return undefined;
  const server = new SmartServer(served, { auth, registration });
  return { server, principalOf: auth === 'smart' ? smartPrincipal(server) : openPrincipal(server) };
}

/** What all requests share: the context, with what the server brings along, and the CapabilityStatement. */
function serve(
  given: OperationContext,
  settings: Settings,
  packaged: readonly Resource[],
): { readonly served: OperationContext; readonly capabilities: () => string } {
  const { log } = settings;
  const failed = (error: unknown): void => {
    outcomeHandler(error, 'background', log);
  };
  // Without somebody who started a queue, what a request leaves behind is taken up when the request has ended.
  const context = given.background ? given : withBackground(given, failed).context;
  const definitions = operations.map(({ definition }) => definition);
  const defined =
    context.defined ??
    new DefinedParameters(context.store, packaged, (error) => {
      outcomeHandler(error, 'index', log);
    });
  let statement = { revision: -1, text: '' };
  const capabilityText = (): string => {
    const { revision } = defined;
    if (statement.revision !== revision)
      statement = { revision, text: toJson(capabilities(served, definitions, packaged)) };
    return statement.text;
  };
  const served: OperationContext = {
    ...context,
    ...(settings.auth === 'token'
      ? {}
      : { security: smartSecurity(context.publicUrl, settings.registration) }),
    operate,
    defined,
    capabilities: capabilityText,
    builtIn: context.builtIn ?? builtIn(packaged, context.now),
  };
  return { served, capabilities: capabilityText };
}

/** What the server brings along: definitions, and what each role may where nobody has stored otherwise. */
export const broughtAlong: readonly Resource[] = [
  ...shippedDefinitions,
  ...shippedRoleResources,
  ...shippedMeasures,
  ...shippedViews,
];

/** What is shipped, stored once for all apps of a process that serve nothing else. */
let shipped: BuiltIn | undefined;

function builtIn(packaged: readonly Resource[], now: () => string): BuiltIn {
  if (packaged.length > 0) return builtInOf([...broughtAlong, ...packaged], now);
  shipped ??= builtInOf(broughtAlong, now);
  return shipped;
}
