import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from '../src/app.ts';
import { createLog, standardError } from '../src/http/log.ts';
import { messageClasses } from '../src/http/messages.ts';
import { openStore } from '../src/store/openStore.ts';
import { validateResource } from '../src/validation/validate.ts';
import { writeHooks } from '../src/writeHooks.ts';

/** This server as it runs, guards and log (to stderr) included, for bench/readCreate.ts. */
const now = (): string => new Date().toISOString();
const store = await openStore(`sqlite:${process.argv[2] ?? ''}`, { now });
const log = createLog('info', now, standardError());
const { classes, adopt } = messageClasses();
const server = createServer({ ...classes });
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  const publicUrl = `http://127.0.0.1:${port}/fhir`;
  const context = {
    store,
    now,
    newId: () => randomUUID(),
    validate: validateResource,
    hooks: writeHooks,
    timeZone: 'America/New_York',
    payer: 'none',
    publicUrl,
  } as const;
  const app = createApp(context, { log });
  adopt(app);
  server.on('request', app);
  process.send?.(`http://127.0.0.1:${port}`);
});
process.on('message', (message) => {
  if (message === 'stop') process.exit(0);
  const { user, system } = process.cpuUsage();
  process.send?.(user + system); // microseconds
});
