import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Bundle, Claim, Parameters, Resource } from '@medplum/fhirtypes';
import { sum } from '../../src/datatypes/cents.ts';
import { openStore } from '../../src/store/openStore.ts';
import { gotIn } from '../fixture/fileGateway.ts';
import { kneeVisit } from '../fixture/kneeVisit.ts';
import { runsOf } from '../runs.ts';
import { startServer, type RunningServer } from '../server.ts';
import { until } from './payerAtTheEnd.ts';

const kills = runsOf({ usual: 4, long: 20 });
const visits = 5;
const module = new URL('../fixture/fileGateway.ts', import.meta.url).pathname;
const day = { name: 'businessDate', valueDate: '2026-06-05' };

async function ask<T>(server: RunningServer, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${server.base}/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/fhir+json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return JSON.parse(text) as T;
}

const parameters = { resourceType: 'Parameters', parameter: [day] };

async function draft(server: RunningServer, name: string): Promise<string> {
  await ask(server, '', kneeVisit(name, '2026-06-01'));
  const made = await ask<Parameters>(server, `Encounter/${name}-visit/$generate-claim`, parameters);
  const claim = made.parameter?.find((p) => p.name === 'claim')?.resource as Claim;
  return claim.id ?? '';
}

const found = async (server: RunningServer, query: string): Promise<Resource[]> =>
  ((await ask<Bundle>(server, query)).entry ?? []).flatMap((e) => e.resource ?? []);

test(`1.3 killed ${kills} times between and in the steps: each claim is sent once and answered once, the books balance`, async () => {
  let server = await startServer({ CLAIMWRIGHT_SEED: 'demo' });
  const { folder } = server;
  const file = join(folder, 'payer.ndjson');
  const settings = {
    CLAIMWRIGHT_SEED: 'none',
    CLAIMWRIGHT_TEST_GATEWAYS: module,
    CLAIMWRIGHT_TEST_GATEWAY_FILE: file,
  };
  await server.stop();
  server = await startServer(settings, folder);
  const claims: string[] = [];
  try {
    for (let kill = 1; kill <= kills; kill++) {
      const round: string[] = [];
      for (let i = 0; i < visits; i++) round.push(await draft(server, `k${kill}-${i}`));
      claims.push(...round);
      const asked = round.map((id) => ask(server, `Claim/${id}/$submit`, parameters).catch(() => undefined));
      await new Promise((resolve) => setTimeout(resolve, 250 * Math.random()));
      await server.stop('SIGKILL');
      await Promise.all(asked);
      server = await startServer(settings, folder);
      // What was on its way goes on by itself; what was not sent is sent now, what was is not sent again.
      for (const id of round) {
        const { status } = await ask<Claim>(server, `Claim/${id}`);
        if (status === 'active')
          await until(
            async () => (await found(server, `ClaimResponse?request=Claim/${id}&outcome=complete`)).length,
          );
      }
      await Promise.all(round.map((id) => ask(server, `Claim/${id}/$submit`, parameters)));
    }
    const got = gotIn(file);
    expect(got.map((g) => g.claim).sort()).toEqual([...claims].sort());
    expect(new Set(got.map((g) => g.id)).size).toBe(claims.length);
    for (const id of claims) {
      const of = `Claim/${id}`;
      const answers = await found(server, `ClaimResponse?request=${of}`);
      expect(answers.map((r) => [r.meta?.versionId, (r as { outcome?: string }).outcome])).toEqual([
        ['1', 'complete'],
      ]);
      expect(await found(server, `ExplanationOfBenefit?claim=${of}`)).toHaveLength(1);
    }
  } finally {
    await server.stop();
  }
  const store = await openStore(`sqlite:${join(folder, 'claimwright.db')}`, {
    now: () => new Date().toISOString(),
  });
  const { entries } = await store.entries({ count: 100_000 });
  await store.close();
  server.remove();
  expect(entries.filter((e) => sum(e.postings.map((p) => p.amount)) !== 0)).toEqual([]);
  for (const reason of ['claim-submitted', 'insurer-payment'])
    for (const id of claims)
      expect(
        entries.filter((e) => e.reason === reason && JSON.stringify(e).includes(`Claim/${id}"`)),
      ).toHaveLength(1);
}, 600_000);
