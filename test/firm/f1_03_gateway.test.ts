import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Claim, ClaimResponse, ExplanationOfBenefit, Organization, Task } from '@medplum/fhirtypes';
import type { PayerAnswer } from '../../src/gateway/gateway.ts';
import { shippedGateways } from '../../src/gateways.ts';
import { system } from '../../src/terminology/system.ts';
import { eachStore } from '../http/eachStore.ts';
import { notAnswered, onceAnswered, openSender, scripted, until, type Sender } from './payerAtTheEnd.ts';

type Search<T> = { entry?: { resource: T }[] };

describe.each(eachStore('firm-1-03'))('on %s', (_store, open) => {
  let office: Sender;
  beforeEach(async () => {
    office = await openSender(open, { submitWait: 20_000 });
  });
  afterEach(() => office.store.close());
  const tasks = async (code: string): Promise<(Task & { id: string })[]> => {
    const bundle = (await office.get(`Task?code=${system.task}|${code}`)) as unknown as Search<
      Task & { id: string }
    >;
    return (bundle.entry ?? []).map((e) => e.resource);
  };
  const complete = async (code: string): Promise<void> => {
    const [task] = await tasks(code);
    if (!task) throw new Error(`no Task ${code}`);
    expect((await office.put({ ...task, status: 'completed' })).status).toBe(200);
  };

  test('1.3 nothing outside is called inside a transaction', async () => {
    const { payer } = office;
    payer.send = async (_t, judge) => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      // On SQLite this waits for ever where the call stands in a transaction, on MongoDB it conflicts.
      await office.context.store.transaction((tx) =>
        tx.put({ resourceType: 'Basic', id: 'beside', code: { text: 'beside' } }),
      );
      return judge();
    };
    const claim = await office.draft('a');
    expect((await office.submit(claim)).one<ClaimResponse>().outcome).toBe('complete');
    expect(await office.made(claim)).toEqual(onceAnswered);
  });

  test('1.3 the claim is sent as it was written, with an id and a control number', async () => {
    const claim = await office.draft('a');
    await office.submit(claim);
    const stored = await office.get<Claim>(claim);
    expect(stored).toMatchObject({ status: 'active', created: '2026-06-05' });
    const [sent, ...more] = office.payer.sent;
    expect(more).toEqual([]);
    expect(sent?.controlNumber).toBe(stored.identifier?.[0]?.value);
    expect(sent?.id).toMatch(/\S/);
    expect(sent?.claim.meta?.versionId).toBe(stored.meta?.versionId);
    expect(await office.store.jobs.read(`submission|${claim}`)).toMatchObject({ state: 'done' });
  });

  test('1.3 a payer that does not know yet is asked, and the claim is not sent again', async () => {
    const { payer } = office;
    payer.send = () => Promise.resolve({ is: 'unknown' });
    payer.find = (_id, judge) => judge();
    const claim = await office.draft('a');
    expect((await office.submit(claim)).one<ClaimResponse>().outcome).toBe('complete');
    expect(payer.sent).toHaveLength(1);
    expect(payer.asked).toEqual([payer.sent[0]?.id]);
    expect(await office.made(claim)).toEqual(onceAnswered);
  });

  test('1.3 a gateway that throws leaves open whether the payer has the claim: it is asked about', async () => {
    const { payer } = office;
    payer.send = () => Promise.reject(new Error('the line is cut'));
    payer.find = (_id, judge) => judge();
    const claim = await office.draft('a');
    expect((await office.submit(claim)).one<ClaimResponse>().outcome).toBe('complete');
    expect(payer.sent).toHaveLength(1);
  });

  test('1.3 what the payer never got is sent again under the same id', async () => {
    const { payer } = office;
    payer.send = (_t, judge) => (payer.sent.length === 1 ? Promise.resolve({ is: 'unknown' }) : judge());
    const claim = await office.draft('a');
    expect((await office.submit(claim)).one<ClaimResponse>().outcome).toBe('complete');
    const [first, second] = payer.sent;
    expect(second?.id).toBe(first?.id);
    expect(second?.controlNumber).toBe(first?.controlNumber);
    expect(await office.made(claim)).toEqual(onceAnswered);
  });

  test('1.3 a gateway that cannot tell holds the claim for a person, and it is never sent again by itself', async () => {
    const { payer } = office;
    payer.send = () => Promise.resolve({ is: 'unknown' });
    payer.find = () => Promise.resolve({ is: 'cannot-tell' });
    const claim = await office.draft('a');
    const first = (await office.submit(claim)).one<ClaimResponse>();
    expect(first).toMatchObject({ outcome: 'queued' });
    expect((await office.store.jobs.read(`submission|${claim}`))?.state).toBe('held');
    expect(
      (await tasks('submission-unknown')).map(({ status, focus }) => [status, focus?.reference]),
    ).toEqual([['requested', claim]]);
    expect((await office.submit(claim)).one<ClaimResponse>().meta).toEqual(first.meta);
    expect(payer.sent).toHaveLength(1);
    await complete('submission-unknown');
    payer.send = (_t, judge) => judge();
    const answer = (await office.submit(claim)).one<ClaimResponse>();
    expect([answer.outcome, answer.id, answer.meta?.versionId]).toEqual(['complete', first.id, '2']);
    expect(payer.sent.map(({ id }) => id)).toEqual([payer.sent[0]?.id, payer.sent[0]?.id]);
    expect(await office.made(claim)).toEqual(onceAnswered);
  });

  test('1.3 what the payer refuses moves no money, and goes out anew when a person has mended it', async () => {
    const { payer } = office;
    payer.send = () => Promise.resolve({ is: 'refused', reason: 'the billing provider is not enrolled' });
    const claim = await office.draft('a');
    const refused = (await office.submit(claim)).one<ClaimResponse>();
    expect(refused).toMatchObject({
      outcome: 'error',
      error: [{ code: { text: 'the billing provider is not enrolled' } }],
    });
    expect(await office.made(claim)).toEqual(notAnswered);
    expect((await office.submit(claim)).one<ClaimResponse>().meta).toEqual(refused.meta);
    await complete('submission-refused');
    payer.send = (_t, judge) => judge();
    expect((await office.submit(claim)).one<ClaimResponse>()).toMatchObject({
      outcome: 'complete',
      id: refused.id,
    });
    const [first, second] = payer.sent;
    expect(second?.id).not.toBe(first?.id);
    expect(second?.controlNumber).toBe(`${first?.controlNumber ?? ''}-2`);
    expect(await office.made(claim)).toEqual(onceAnswered);
  });

  test('1.3 what a payer has accepted is queued, and its answer the next version', async () => {
    const { payer } = office;
    let isReady = false;
    payer.send = () => Promise.resolve({ is: 'accepted' });
    payer.find = (_id, judge) => (isReady ? judge() : Promise.resolve({ is: 'accepted' }));
    const claim = await office.draft('a');
    const asked = office.submit(claim);
    const queued = await until(() => office.response(claim));
    expect(queued.outcome).toBe('queued');
    isReady = true;
    const answer = (await asked).one<ClaimResponse>();
    expect([answer.id, answer.outcome, answer.meta?.versionId]).toEqual([queued.id, 'complete', '2']);
    expect(payer.sent).toHaveLength(1);
    expect(await office.made(claim)).toEqual(onceAnswered);
  });

  test('1.3 a gateway that does not honour answeredOn answers 422, and nothing is written', async () => {
    office.payer.honoursAnsweredOn = false;
    const claim = await office.draft('a');
    const before = await office.get(claim);
    const date = { name: 'answeredOn', valueDate: '2026-06-20' };
    const refused = await office.submit(claim, [date]);
    expect([refused.status, refused.codes]).toEqual([422, ['answer-date-not-supported']]);
    expect(await office.get(claim)).toEqual(before);
    expect(await office.store.jobs.read(`submission|${claim}`)).toBeUndefined();
    office.payer.honoursAnsweredOn = true;
    expect((await office.submit(claim, [date])).one<ClaimResponse>().created).toBe('2026-06-20');
  });

  test('1.3 what the simulator pays is marked, with all that is made from it', async () => {
    const claim = await office.draft('a');
    const answer = (await office.submit(claim)).one<ClaimResponse>();
    const mark = { system: system.answerSource, code: 'simulated' };
    expect(answer.meta?.tag).toEqual([expect.objectContaining(mark)]);
    for (const type of ['ExplanationOfBenefit', 'PaymentReconciliation']) {
      const bundle = (await office.get(
        `${type}?_tag=${mark.system}|${mark.code}`,
      )) as unknown as Search<ExplanationOfBenefit>;
      expect(bundle.entry).toHaveLength(1);
    }
  });

  test('1.3 neighbour: what another payer decided is not marked', async () => {
    office.payer.send = async (_t, judge) => {
      const said: PayerAnswer = await judge();
      const { meta: _mark, ...response } = said.response;
      return { ...said, response };
    };
    const claim = await office.draft('a');
    expect((await office.submit(claim)).one<ClaimResponse>().meta?.tag).toBeUndefined();
    const bundle = (await office.get('PaymentReconciliation')) as unknown as Search<ExplanationOfBenefit>;
    expect(bundle.entry?.[0]?.resource.meta?.tag).toBeUndefined();
  });

  test('1.3 neighbour: an answer that cannot be written is tried again, not sent again', async () => {
    const { payer } = office;
    payer.find = (_id, judge) => judge();
    payer.send = async (_t, judge) => {
      const said = await judge();
      return { ...said, response: { ...said.response, status: 'nonsense' as 'active' } };
    };
    const claim = await office.draft('a');
    expect((await office.submit(claim)).one<ClaimResponse>().outcome).toBe('complete');
    expect(payer.sent).toHaveLength(1);
    expect(await office.made(claim)).toEqual(onceAnswered);
  });
});

describe.each(eachStore('firm-1-03-endpoint'))('the gateway of a payer, on %s', (_store, open) => {
  const endpoint = (code: string, status = 'active') => ({
    resourceType: 'Endpoint' as const,
    id: 'way',
    status: status as 'active',
    connectionType: { system: system.gateway, code },
    payloadType: [{ text: 'claims' }],
    address: 'https://payer.example/claims',
  });
  const opened = async (code: string, status?: string): Promise<Sender> => {
    const office = await openSender(open, { payer: 'none', gateways: shippedGateways, submitWait: 20_000 });
    await office.put(endpoint(code, status));
    await office.change<Organization>('Organization/juniper-ridge', (payer) => {
      payer.endpoint = [{ reference: 'Endpoint/way' }];
    });
    return office;
  };

  test('1.3 is found through Organization.endpoint and Endpoint, whatever the setting says', async () => {
    const office = await opened('simulator');
    const claim = await office.draft('a');
    expect((await office.submit(claim)).one<ClaimResponse>().outcome).toBe('complete');
    await office.store.close();
  });

  test('1.3 one that this server does not have is 422, and nothing is sent', async () => {
    const office = await opened('carrier-pigeon');
    const claim = await office.draft('a');
    const refused = await office.submit(claim);
    expect([refused.status, refused.codes]).toEqual([422, ['gateway-unknown']]);
    expect((await office.get<Claim>(claim)).status).toBe('draft');
    await office.store.close();
  });

  test('1.3 neighbour: one that is suspended keeps the claim queued, and it goes on when it is active', async () => {
    const office = await opened('simulator', 'suspended');
    const claim = await office.draft('a');
    const queued = (await office.submit(claim)).one<ClaimResponse>();
    expect([queued.outcome, queued.meta?.tag]).toEqual(['queued', undefined]);
    await office.put(endpoint('simulator'));
    expect((await office.submit(claim)).one<ClaimResponse>()).toMatchObject({
      outcome: 'complete',
      id: queued.id,
    });
    await office.store.close();
  });

  test('1.3 without a payer connected nothing is paid and answeredOn is refused', async () => {
    const office = await openSender(open, { payer: 'none' }, scripted());
    const claim = await office.draft('a');
    const dated = await office.submit(claim, [{ name: 'answeredOn', valueDate: '2026-06-20' }]);
    expect([dated.status, dated.codes]).toEqual([422, ['answer-date-not-supported']]);
    expect((await office.submit(claim)).one<ClaimResponse>().outcome).toBe('queued');
    expect(await office.made(claim)).toEqual(notAnswered);
    expect(office.payer.sent).toEqual([]);
    await office.store.close();
  });
});
