import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Bundle, Claim, ClaimResponse } from '@medplum/fhirtypes';
import supertest from 'supertest';
import { createApp } from '../../src/app.ts';
import { openStore } from '../../src/store/openStore.ts';
import { testContext } from '../context.ts';
import { onceAnswered, openSender, scripted, sentOn, until, type Sender } from '../firm/payerAtTheEnd.ts';
import { post } from '../http/server.ts';
import { emptyDatabase } from './database.ts';

/** Two servers over one database, and one payer that both send to. */
const payer = scripted();
const now = (): string => '2026-11-24T15:00:00Z';
let one: Sender;
let url: string;
let second: Awaited<ReturnType<typeof server>>;

async function server() {
  const store = await openStore(url, {
    now: () => new Date().toISOString(),
    base: 'http://127.0.0.1:8080/fhir',
  });
  const context = await testContext({ now, store, gateways: payer.gateways, submitWait: 3000 });
  const http = supertest(createApp(context));
  return {
    store,
    submit: async (claim: string) => {
      const answer = await post(http, `/${claim}/$submit`, {
        resourceType: 'Parameters',
        parameter: [sentOn],
      });
      return answer.body as ClaimResponse;
    },
    get: async <T>(path: string): Promise<T> => ((await http.get(`/fhir/${path}`)) as { body: T }).body,
  };
}

beforeEach(async () => {
  url = await emptyDatabase('two_servers_jobs');
  payer.sent.splice(0);
  payer.asked.splice(0);
  payer.send = (_t, judge) => judge();
  payer.find = () => Promise.resolve({ is: 'absent' });
  one = await openSender(
    () => openStore(url, { now: () => new Date().toISOString(), base: 'http://127.0.0.1:8080/fhir' }),
    { submitWait: 3000 },
    payer,
  );
  second = await server();
});
afterEach(async () => {
  await new Promise((resolve) => setTimeout(resolve, 50));
  await second.store.close();
  await one.store.close().catch(() => undefined); // it may be closed already
});

test('1.3 claims handed to two servers at once are each sent once and answered once', async () => {
  const claims = [];
  for (const name of ['a', 'b', 'c']) claims.push(await one.draft(name));
  const answers = await Promise.all(
    claims.flatMap((claim) => [
      one.submit(claim).then((ran) => ran.one<ClaimResponse>()),
      second.submit(claim),
      second.submit(claim),
    ]),
  );
  expect(answers.map((a) => a.resourceType)).toEqual(answers.map(() => 'ClaimResponse'));
  for (const claim of claims) {
    await until(async () => (await one.response(claim))?.outcome === 'complete');
    const own = answers.filter((a) => a.request?.reference === claim);
    expect([new Set(own.map((a) => a.id)).size, own.length]).toEqual([1, 3]);
    expect(await one.made(claim)).toEqual(onceAnswered);
  }
  expect(payer.sent.map((t) => `Claim/${t.claim.id}`).sort()).toEqual([...claims].sort());
});

test('1.3 what a server that went away was sending is asked about by the other, and not sent again', async () => {
  payer.send = () => new Promise(() => undefined); // it never hears the answer
  payer.find = (_id, judge) => judge();
  const claim = await one.draft('gone');
  const waiting = one.submit(claim).catch(() => undefined);
  await until(() => Promise.resolve(payer.sent.length === 1));
  await one.store.close(); // struck off: its leases are void
  const answer = await until(async () => {
    const said = await second.submit(claim);
    return said.outcome === 'complete' && said;
  });
  expect([answer.request?.reference, payer.sent.length, payer.asked.length]).toEqual([claim, 1, 1]);
  const bundle = await second.get<Bundle>(`ExplanationOfBenefit?claim=${claim}`);
  expect(bundle.entry?.length).toBe(1);
  expect((await second.get<Claim>(claim)).status).toBe('active');
  void waiting;
});

test('1.3 neighbour: asked again at either server while the first still sends, both give its one answer', async () => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  payer.send = async (_t, judge) => {
    await promise;
    return judge();
  };
  payer.find = (_id, judge) => judge();
  const claim = await one.draft('late');
  void one.submit(claim);
  await until(() => Promise.resolve(payer.sent.length === 1));
  const taken = await until(async () => {
    const job = await second.store.jobs.read(`submission|${claim}`);
    return job?.state === 'sending' && job;
  });
  resolve(undefined);
  const [first, other] = await Promise.all([one.submit(claim), second.submit(claim)]);
  expect([taken.key, first.one<ClaimResponse>().id]).toEqual([`submission|${claim}`, other.id]);
  expect([payer.sent.length, await one.made(claim)]).toEqual([1, onceAnswered]);
});
