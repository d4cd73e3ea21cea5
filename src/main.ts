import { randomUUIDv7 } from 'node:crypto';
import type { Server } from 'node:http';
import { broughtAlong, createApp } from './app.ts';
import { beginSweeps, withBackground } from './background.ts';
import { builtInOf } from './builtIn.ts';
import { seed, type Seeded } from './command/seed.ts';
import { testerSheet } from './command/seed/testerSheet.ts';
import { yearSheet } from './command/seed/year/sheet.ts';
import type { YearOptions } from './command/seed/year/year.ts';
import { table } from './command/table.ts';
import { demoLinks, makeDemo, type DemoPlace } from './command/account/demo.ts';
import { makeTesters } from './command/account/testers.ts';
import { ConfigError, readConfig, type Config } from './config.ts';
import { clientError } from './http/clientError.ts';
import { shippedGateways } from './gateways.ts';
import { limitConnections } from './http/descriptorLimit.ts';
import type { Settings } from './http/settings.ts';
import { createLog, standardError, type Log } from './http/log.ts';
import { createListener, type Listener } from './http/listener.ts';
import type { Gateways, OperationContext } from './operation/operation.ts';
import { limitsOf } from './interaction/limits.ts';
import { openDefinitions } from './openDefinitions.ts';
import { openStore } from './store/openStore.ts';
import type { OpenOptions } from './store/sqlite/connection/open.ts';
import { fhirServers } from './transport/fhirServer.ts';
import { openTransport } from './transport/openTransport.ts';
import { isTroubleError } from './outcome/trouble.ts';
import { validateResource } from './validation/validate.ts';
import { writeHooks } from './writeHooks.ts';

const stopWithin = 10_000; // milliseconds
let isEnding = false;

/** The URL that links start with: the public one, else from the host and the port that was got. */
function publicUrlOf({ publicUrl, host, tls }: Config, port: number): string {
  if (publicUrl !== undefined) return publicUrl;
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `${tls ? 'https' : 'http'}://${name}:${port}/fhir`;
}

/** Stops the start where the certificate cannot be used. */
function listenerOf({ tls }: Config): Listener {
  try {
    return createListener(tls);
  } catch (error) {
    return explained('CLAIMWRIGHT_TLS_CERT and CLAIMWRIGHT_TLS_KEY cannot be used')(error);
  }
}

/** SIGHUP: the certificate was renewed. One that is not sound is told of, and the former one stays. */
function renewOnSignal(renew: () => void, log: Log): void {
  process.on('SIGHUP', () => {
    try {
      renew();
      log.info({ certificate: 'renewed' });
    } catch (error) {
      log.error({ certificate: 'not renewed', reason: error instanceof Error ? error.message : '' });
    }
  });
}

async function listen(server: Server, { host, port }: Config): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return typeof address === 'object' && address ? address.port : port;
}

/** Stops accepting, lets what is in flight finish, at most ten seconds, then closes what was open. */
async function stop(server: Server, close: () => Promise<void>): Promise<void> {
  const idle = setInterval(() => {
    server.closeIdleConnections();
  }, 50);
  const late = setTimeout(() => {
    server.closeAllConnections();
  }, stopWithin);
  await new Promise((resolve) => server.close(resolve));
  clearInterval(idle);
  clearTimeout(late);
  await close();
}

async function start(config: Config): Promise<void> {
  const now = (): string => new Date().toISOString();
  const log = createLog(config.log, now, standardError());
  const base = publicUrlOf(config, config.port);
  const indexEntriesMax = limitsOf(config).indexEntries;
  const store = await openStore(config.store, { now, base, indexEntriesMax, ...logged(log) }).catch(
    explained('the store cannot be opened'),
  );
  const { packaged, defined, unserved } = await openDefinitions(config, store, (error) => {
    log.error({ error: error instanceof Error ? error.stack : 'unknown' });
  });
  for (const { url, faults } of unserved)
    log.info({ searchParameter: url, notServed: faults.map(({ details }) => details?.text).join('; ') });
  const { server, adopt, renew } = listenerOf(config);
  const port = await listen(server, config).catch(explained('the server cannot listen'));
  const builtIn = builtInOf([...broughtAlong, ...packaged], now);
  await builtIn.reader();
  const failed = (error: unknown): void => {
    if (!isTroubleError(error)) log.error({ background: error instanceof Error ? error.stack : 'unknown' });
  };
  const { context, queue } = withBackground(
    {
      store,
      builtIn,
      now,
      newId: () => randomUUIDv7(),
      validate: validateResource,
      hooks: writeHooks,
      timeZone: config.timeZone,
      payer: config.payer,
      submitWait: config.submitWait,
      defined,
      limits: limitsOf(config),
      publicUrl: publicUrlOf(config, port),
      openTransport: (way) => openTransport(way, config.transport ?? { hosts: [] }),
      openFhirServer: fhirServers(config.transport ?? { hosts: [] }),
      gateways: await gatewaysOf(process.env['CLAIMWRIGHT_TEST_GATEWAYS']),
    },
    failed,
  );
  let isReady = false;
  const settings = {
    ...whoMayAsk(config),
    log,
    ready: () => isReady,
    trouble: () => store.trouble(),
  };
  server.on('clientError', clientError);
  limitConnections(server, log);
  const app = createApp(context, settings);
  adopt(app);
  server.on('request', app);
  server.on('checkExpectation', app); // refuses it, with an OperationOutcome
  const close = async (): Promise<void> => {
    await queue.stop(stopWithin);
    await store.close();
  };
  endOnSignal(() => stop(server, close), log);
  if (config.tls) renewOnSignal(renew, log);
  const practice = config.seed === 'none' ? undefined : config.seed;
  const seeded = practice && (await seed(context, practice, yearSize(process.env)));
  isReady = true;
  await beginSweeps({ store, now, timeZone: config.timeZone, failed });
  queue.start();
  await welcome(config, context, seeded);
}

/** The tests have a year's practice of fewer patients. */
function yearSize({ CLAIMWRIGHT_TEST_YEAR_PATIENTS: patients }: NodeJS.ProcessEnv): YearOptions {
  return patients === undefined ? {} : { patients: Number(patients) };
}

/** What a start prints: what was seeded, where the server answers, and what to try. */
async function welcome(
  { auth, seed: practice }: Config,
  context: OperationContext,
  seeded: Seeded | undefined,
): Promise<void> {
  const isNewDemo = seeded === 'loaded' && practice === 'demo';
  if (isNewDemo) process.stdout.write(`${await table(context)}\n\n`);
  if (seeded === 'loaded' && practice === 'year') process.stdout.write(`${await yearSheet(context)}\n\n`);
  const isSeeded = seeded === 'loaded' || seeded === 'already there';
  announce(context.publicUrl, isSeeded && practice === 'demo');
  if (isSeeded && practice === 'conformance') process.stdout.write(`\n${testerSheet(context.publicUrl)}\n`);
  const place = { records: context.store.records, now: context.now, base: context.publicUrl };
  if (auth === 'off' && seeded === 'loaded' && practice === 'conformance')
    process.stdout.write(`\n${(await makeTesters(place)).join('\n')}\n`);
  if (auth === 'off') await printLinks(place, isNewDemo);
}

/** The settings of HTTP that say who may ask. */
const whoMayAsk = ({
  auth,
  token,
  registration,
  rateLimit,
  trustedProxies,
}: Config): Pick<Settings, 'auth' | 'token' | 'registration' | 'rateLimit' | 'trustedProxies'> => ({
  auth,
  rateLimit,
  ...(trustedProxies === undefined ? {} : { trustedProxies }),
  registration: registration === 'on',
  ...(token === undefined ? {} : { token }),
});

/** What the store tells while it is opened and while it is open, as lines of the log. */
const logged = (log: Log): Pick<OpenOptions, 'told' | 'onTrouble'> => ({
  told: (text) => {
    log.info({ starting: text });
  },
  onTrouble: (trouble) => {
    if (trouble) log.error({ store: trouble.kind, reason: trouble.text });
    else log.info({ store: 'recovered' });
  },
});

function endOnSignal(stopServer: () => Promise<void>, log: Log): void {
  const end = (): void => {
    isEnding = true;
    stopServer().then(
      () => {
        log.flush();
        process.exit(0);
      },
      (error: unknown) => {
        fail(error);
      },
    );
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
}

/** Where it answers, and a first request to try, of the demo practice where it is there. */
function announce(publicUrl: string, hasDemo: boolean): void {
  const example = hasDemo ? 'Account/dana-prescott-alder-street/$balance' : 'metadata';
  process.stdout.write(`Claimwright answers at ${publicUrl}\n`);
  process.stdout.write(`Try: curl '${publicUrl}/${example}?_pretty=true'\n`);
}

/** One-time links of the demo accounts, which come with the demo practice. The host is a loopback address under `off`. */
async function printLinks(place: DemoPlace, isNew: boolean): Promise<void> {
  if (isNew) await makeDemo(place);
  const lines = await demoLinks(place);
  if (lines.length > 0) process.stdout.write(`\n${lines.join('\n')}\n`);
}

/** The gateways to payers; the tests name a module with others. */
async function gatewaysOf(module: string | undefined): Promise<Gateways> {
  if (module === undefined) return shippedGateways;
  return ((await import(module)) as { readonly gateways: Gateways }).gateways;
}

/** Stops the start with one sentence, for what whoever starts the server can mend. */
const explained =
  (what: string) =>
  (error: unknown): never => {
    throw new ConfigError(`${what}: ${error instanceof Error ? error.message : ''}`, { cause: error });
  };

function fail(error: unknown): void {
  const isExplained = error instanceof ConfigError || isTroubleError(error);
  const text = error instanceof Error ? (isExplained ? error.message : error.stack) : String(error);
  process.stderr.write(`${text ?? 'failed'}\n`);
  process.exit(1);
}

/** A seeding that was told to end is no failure: the next start finishes it. */
function failUnlessEnding(error: unknown): void {
  if (!isEnding) fail(error);
}

try {
  await start(readConfig(process.env));
} catch (error) {
  failUnlessEnding(error);
}
