import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Bundle, Claim, ClaimResponse } from '@medplum/fhirtypes';
import { shippedGateways } from '../../src/gateways.ts';
import { eachStore } from '../http/eachStore.ts';
import { post, sent } from '../http/server.ts';
import {
  notAnswered,
  onceAnswered,
  openSender,
  parametersOf,
  sentOn,
  until,
  type Sender,
} from './payerAtTheEnd.ts';

describe.each(eachStore('firm-1-03-submit'))('on %s', (_store, open) => {
  let office: Sender;
  beforeEach(async () => {
    office = await openSender(open, { submitWait: 150 });
  });
  afterEach(async () => {
    await new Promise((resolve) => setTimeout(resolve, 100)); // what goes on in the background ends
    await office.store.close();
  });
  /** Lets the payer think until `answer` is called. */
  const thinking = (): (() => void) => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    office.payer.send = async (_t, judge) => {
      await promise;
      return judge();
    };
    return () => {
      resolve(undefined);
    };
  };
  const complete = (claim: string): Promise<ClaimResponse> =>
    until(async () => {
      const response = await office.response(claim);
      return response?.outcome === 'complete' && response;
    });
  const entry = (claim: string) => ({
    resource: parametersOf(sentOn),
    request: { method: 'POST' as const, url: `${claim}/$submit` },
  });

  test('1.3 if no answer came in time it is queued, and the late answer is its next version', async () => {
    const answer = thinking();
    const claim = await office.draft('a');
    const queued = (await office.submit(claim)).one<ClaimResponse>();
    expect([queued.outcome, queued.meta?.versionId]).toEqual(['queued', '1']);
    expect(await office.made(claim)).toEqual(notAnswered);
    expect((await office.submit(claim)).one<ClaimResponse>().meta).toEqual(queued.meta);
    answer();
    const late = await complete(claim);
    expect([late.id, late.meta?.versionId]).toEqual([queued.id, '2']);
    expect((await office.submit(claim)).one<ClaimResponse>().meta).toEqual(late.meta);
    expect(await office.made(claim)).toEqual(onceAnswered);
    expect(office.payer.sent).toHaveLength(1);
  });

  test('1.3 twenty at once are one transmission, and all get its answer', async () => {
    const claim = await office.draft('a');
    const answers = await Promise.all(Array.from({ length: 20 }, () => office.submit(claim)));
    expect(new Set(answers.map((a) => a.one<ClaimResponse>().id)).size).toBe(1);
    await complete(claim);
    expect(office.payer.sent).toHaveLength(1);
    expect(await office.made(claim)).toEqual(onceAnswered);
  });

  test('1.3 in a transaction Bundle nothing is waited for; in a batch it is', async () => {
    const [one, two] = [await office.draft('a'), await office.draft('b')];
    const transaction = await post(office.http, '', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [entry(one)],
    });
    const first = (transaction.body as Bundle<ClaimResponse>).entry?.[0]?.resource;
    expect([transaction.status, first?.outcome]).toEqual([200, 'queued']);
    const late = await complete(one);
    expect([late.id, late.meta?.versionId]).toEqual([first?.id, '2']);
    const batch = await post(office.http, '', { resourceType: 'Bundle', type: 'batch', entry: [entry(two)] });
    expect((batch.body as Bundle<ClaimResponse>).entry?.[0]?.resource?.outcome).toMatch(/complete|queued/);
    await complete(two);
    expect(office.payer.sent).toHaveLength(2);
  });

  test('1.3 a dry run by a gateway that cannot foresee answers queued, and sends and writes nothing', async () => {
    const claim = await office.draft('a');
    const before = await office.get(claim);
    const said = (await office.submit(claim, [{ name: 'dryRun', valueBoolean: true }])).one<ClaimResponse>();
    expect(said.outcome).toBe('queued');
    expect(await office.get(claim)).toEqual(before);
    expect(office.payer.sent).toEqual([]);
    expect(await office.store.jobs.read(`submission|${claim}`)).toBeUndefined();
  });

  test('1.3 a dry run tells what the simulator would say, and nothing is written', async () => {
    await office.store.close();
    office = await openSender(open, { gateways: shippedGateways });
    const claim = await office.draft('a');
    const before = await office.get(claim);
    const said = (await office.submit(claim, [{ name: 'dryRun', valueBoolean: true }])).one<ClaimResponse>();
    expect([said.outcome, said.id]).toEqual(['complete', undefined]);
    expect(await office.get(claim)).toEqual(before);
    const real = (await office.submit(claim)).one<ClaimResponse>();
    expect(real.payment?.amount).toEqual(said.payment?.amount);
  });

  test('1.3 a type-level Bundle is made ready wholly or not at all, and each claim gets its answer', async () => {
    const claims = await Promise.all(
      ['a', 'b'].map(async (name) => office.get<Claim>(await office.draft(name))),
    );
    const bundle = (entries: readonly Claim[]) => ({
      resourceType: 'Bundle',
      type: 'collection',
      entry: entries.map((resource) => ({ resource })),
    });
    const broken = claims.map((claim, i) =>
      i === 0 ? claim : { ...claim, use: 'preauthorization' as const },
    );
    expect((await post(office.http, '/Claim/$submit', bundle(broken))).status).toBe(422);
    expect(office.payer.sent).toEqual([]);
    const answered = await post(office.http, '/Claim/$submit', bundle(claims));
    expect(answered.status).toBe(200);
    const requests = (answered.body as Bundle<ClaimResponse>).entry?.map(
      (e) => e.resource?.request?.reference,
    );
    expect(requests).toEqual(claims.map(({ id }) => `Claim/${id}`));
    for (const { id } of claims) await complete(`Claim/${id}`);
    expect(office.payer.sent).toHaveLength(2);
  });

  test('1.3 under an Idempotency-Key a repeat waits for the same job and gets the first answer as it was sent', async () => {
    const answer = thinking();
    const claim = await office.draft('a');
    const ask = () =>
      post(office.http, `/${claim}/$submit`, parametersOf(sentOn), { 'idempotency-key': 'k1' });
    const [first, repeat] = await Promise.all([ask(), ask()]);
    expect([first.status, repeat.status]).toEqual([200, 200]);
    expect(repeat.text).toBe(first.text);
    answer();
    await complete(claim);
    const again = await ask();
    expect(again.text).toBe(first.text); // queued, as it was answered first
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(office.payer.sent).toHaveLength(1);
  });

  test('1.3 neighbour: a payer that never answers leaves the claim queued and its job at work', async () => {
    const claim = await office.draft('a');
    office.payer.send = () => new Promise(() => undefined);
    const key = { 'idempotency-key': 'k2' };
    await post(office.http, `/${claim}/$submit`, parametersOf(sentOn), key);
    const job = await office.store.jobs.read(`submission|${claim}`);
    expect(job?.state).toBe('sending');
    expect((await office.response(claim))?.outcome).toBe('queued');
    expect(office.payer.sent).toHaveLength(1);
  });

  test('1.3 neighbour: a document that comes while the payer thinks does not get lost', async () => {
    const answer = thinking();
    const claim = await office.draft('a');
    await office.submit(claim);
    const coding = [
      { system: 'https://claimwright.example/fhir/CodeSystem/supporting-info', code: 'attachment' },
    ];
    const put = await office.change<Claim>(claim, (stored) => {
      stored.supportingInfo = [
        ...(stored.supportingInfo ?? []),
        { sequence: 90, category: { coding }, valueString: 'note' },
      ];
    });
    expect(put.status).toBeLessThan(500);
    answer();
    await complete(claim);
    expect((await office.get<Claim>(claim)).status).toBe('active');
    expect(await office.made(claim)).toEqual(onceAnswered);
    expect((await sent(office.http.get(`/fhir/${claim}`))).status).toBe(200);
  });
});
