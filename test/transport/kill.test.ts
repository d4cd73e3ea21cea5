import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Bundle, Claim, Parameters, Resource, Task } from '@medplum/fhirtypes';
import { hopsOf } from '../../src/datatypes/hop.ts';
import { hopTerms } from '../../src/terminology/system.ts';
import { kneeVisit } from '../fixture/kneeVisit.ts';
import { endAbandoned } from '../mongodb/abandoned.ts';
import { emptyDatabase } from '../mongodb/database.ts';
import { runsOf } from '../runs.ts';
import { startServer, type RunningServer } from '../server.ts';
import { until } from '../until.ts';
import { clearinghouse, routeTo } from './partnerOffice.ts';

const visits = 4;
const parameters = {
  resourceType: 'Parameters',
  parameter: [{ name: 'businessDate', valueDate: '2026-06-05' }],
};

async function ask<T>(server: RunningServer, path: string, body?: unknown, method = 'POST'): Promise<T> {
  const answer = await fetch(`${server.base}/${path}`, {
    method: body === undefined ? 'GET' : method,
    headers: { 'content-type': 'application/fhir+json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return JSON.parse(text) as T;
}

/** Asks again while the store is busy. */
async function askUntilDone(server: RunningServer, path: string, body: unknown): Promise<void> {
  await until(
    () =>
      ask(server, path, body).then(
        () => true,
        (error: unknown) => {
          if (!String(error).includes('store-busy')) throw error;
          return false;
        },
      ),
    240_000,
  );
}

const put = (server: RunningServer, resource: Resource): Promise<unknown> =>
  ask(server, `${resource.resourceType}/${resource.id ?? ''}`, resource, 'PUT');

async function draft(server: RunningServer, name: string): Promise<string> {
  await ask(server, '', kneeVisit(name, '2026-06-01'));
  const made = await ask<Parameters>(server, `Encounter/${name}-visit/$generate-claim`, parameters);
  const claim = made.parameter?.find((p) => p.name === 'claim')?.resource as Claim;
  return claim.id ?? '';
}

type Case = readonly [string, number, () => Promise<Record<string, string>>];
const stores: readonly Case[] = [
  ['sqlite', runsOf({ usual: 3, long: 20 }), () => Promise.resolve({})],
  [
    'mongodb',
    runsOf({ usual: 1, long: 20 }),
    async () => ({ CLAIMWRIGHT_STORE: await emptyDatabase('exchange-kill') }),
  ],
];

test.each(stores)(
  '6.3 on %s: killed %i times while claims go to a partner, each is in one interchange, none is lost',
  async (_name, kills, storeOf) => {
    const store = await storeOf();
    const stopEnding = await endAbandoned(store['CLAIMWRIGHT_STORE'] ?? '');
    let server = await startServer({ ...store, CLAIMWRIGHT_SEED: 'demo' });
    const { folder } = server;
    const out = join(folder, 'acme', 'out');
    mkdirSync(join(folder, 'acme'), { recursive: true });
    await server.stop();
    const settings = { ...store, CLAIMWRIGHT_SEED: 'none', CLAIMWRIGHT_TRANSPORT_ROOT: folder };
    server = await startServer(settings, folder);
    const sent = (): string[] => {
      try {
        const names = readdirSync(out).filter((name) => !name.startsWith('.'));
        return names.map((name) => readFileSync(join(out, name), 'latin1'));
      } catch {
        return [];
      }
    };
    const numbersIn = (texts: readonly string[]): string[] =>
      texts.flatMap((text) => [...text.matchAll(/~CLM\*([^*]+)\*/g)].map((match) => match[1] ?? ''));
    const claims: string[] = [];
    try {
      await put(server, clearinghouse({ batchClaims: 3, batchSeconds: 1 }));
      await put(server, routeTo());
      for (let kill = 1; kill <= kills; kill++) {
        const round: string[] = [];
        for (let i = 0; i < visits; i++) round.push(await draft(server, `k${kill}-${i}`));
        claims.push(...round);
        const asked = round.map((id) =>
          ask(server, `Claim/${id}/$submit`, parameters).catch(() => undefined),
        );
        await new Promise((resolve) => setTimeout(resolve, 1200 * Math.random()));
        await server.stop('SIGKILL');
        await Promise.all(asked);
        server = await startServer(settings, folder);
        await Promise.all(round.map((id) => askUntilDone(server, `Claim/${id}/$submit`, parameters)));
      }
      const wanted: string[] = [];
      for (const id of claims)
        wanted.push((await ask<Claim>(server, `Claim/${id}`)).identifier?.[0]?.value ?? '');
      await until(() => new Set(numbersIn(sent())).size >= claims.length, 240_000).catch(() => undefined);
      expect(numbersIn(sent()).sort()).toEqual(wanted.sort());
      const numbers = sent().map((text) => text.slice(90, 99));
      expect(new Set(numbers).size).toBe(numbers.length);
      for (const id of claims) {
        const found = await ask<Bundle<Task>>(server, `Task?focus=Claim/${id}&code=submission`);
        const hops = hopsOf(found.entry?.[0]?.resource, hopTerms);
        expect(hops.map(({ event }) => event)).toEqual(['interchange']);
        const answer = await fetch(`${server.base}/${hops[0]?.proof ?? ''}`);
        expect(sent()).toContain(Buffer.from(await answer.arrayBuffer()).toString('latin1'));
      }
    } finally {
      await stopEnding();
      await server.stop();
      server.remove();
    }
  },
  600_000,
);
