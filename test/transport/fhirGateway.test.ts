import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Bundle, Claim, ClaimResponse, Organization, Resource, Task } from '@medplum/fhirtypes';
import { withBackground } from '../../src/background.ts';
import { shippedGateways } from '../../src/gateways.ts';
import type { Queue } from '../../src/job/queue.ts';
import { system } from '../../src/terminology/system.ts';
import { fhirServers } from '../../src/transport/fhirServer.ts';
import { testContext } from '../context.ts';
import { notAnswered, onceAnswered, openSender, type Sender } from '../firm/payerAtTheEnd.ts';
import { emptyDatabase } from '../mongodb/database.ts';
import { openStore } from '../../src/store/openStore.ts';
import { until } from '../until.ts';
import { openFhirPayer, payerEndpoint, withEndpoint, type FhirPayer } from './fhirPayer.ts';

let payer: FhirPayer;
beforeAll(async () => {
  payer = await openFhirPayer();
});
afterAll(() => payer.close());

let count = 0;
const stores: readonly (readonly [string, () => Promise<string>])[] = [
  ['sqlite', () => Promise.resolve('sqlite::memory:')],
  ['mongodb', () => emptyDatabase('fhir-gateway')],
];
describe.each(stores)('a payer with a FHIR server, on %s', (_store, place) => {
  let office: Sender;
  let queue: Queue;
  let ahead = 0;
  let patience = 30_000;
  beforeAll(async () => {
    // the time of office and store goes on when a test says so
    const now = (): string => new Date(Date.parse('2026-11-24T15:00:00Z') + ahead).toISOString();
    const store = await openStore(await place(), { now, base: 'http://127.0.0.1:8080/fhir' });
    const given = await testContext({
      ...{ store, now, payer: 'none', gateways: shippedGateways, submitWait: 500 },
      openFhirServer: (way) => fhirServers({ hosts: [new URL(payer.base).host], patience })(way),
    });
    const made = withBackground(given, () => undefined);
    queue = made.queue;
    office = await openSender(() => Promise.resolve(store), { ...made.context, now });
    await office.put(payerEndpoint(payer.base));
    await office.change<Organization>('Organization/juniper-ridge', withEndpoint);
    queue.start();
  });
  beforeEach(() => {
    patience = 30_000;
    payer.got.length = 0;
    payer.before = () => false;
    payer.after = (answer) => answer;
  });
  afterAll(async () => {
    await queue.stop();
    await office.store.close();
  });
  const draft = (): Promise<string> => office.draft(`fhir-${_store}-${(count += 1)}`);
  /** Submits a claim and waits for what comes of it, however slow the machine is. */
  const answered = async (claim: string, outcome = 'complete'): Promise<ClaimResponse & { id: string }> => {
    const { status, text } = await office.submit(claim);
    if (status !== 200) throw new Error(text);
    return until(async () => {
      const response = await office.response(claim);
      return response?.outcome === outcome && response;
    });
  };
  const task = async (claim: string, code: string): Promise<(Task & { id: string }) | undefined> => {
    const found = (await office.get(`Task?code=${system.task}|${code}`)) as unknown as Bundle<
      Task & { id: string }
    >;
    return (found.entry ?? []).flatMap(({ resource }) =>
      resource?.focus?.reference === claim ? [resource] : [],
    )[0];
  };
  /** Lets the time of the office go on, so that what waits is due. */
  const later = (milliseconds: number): void => {
    ahead += milliseconds;
    queue.wake();
  };
  const decided = (claim: string): Promise<ClaimResponse> =>
    until(async () => {
      later(10_000);
      const response = await office.response(claim);
      return response?.outcome === 'complete' && response;
    });

  test('6 the claim goes by Claim/$submit and comes back decided, as if the payer were here', async () => {
    const claim = await draft();
    const response = await answered(claim);
    expect(response).toMatchObject({
      outcome: 'complete',
      request: { reference: claim },
      insurer: { reference: 'Organization/juniper-ridge' },
      meta: { tag: [{ code: 'simulated' }] },
    });
    expect(await office.made(claim)).toEqual(onceAnswered);
    const stored = await office.get<Claim>(claim);
    expect(response.patient).toEqual({ reference: stored.patient.reference?.replace(/\/_history.*/, '') });
    expect(response.item).toHaveLength(stored.item?.length ?? 0);
    expect((await answered(claim)).id).toBe(response.id);
    expect(payer.got).toHaveLength(1);
  });

  test('6 neighbour: what leaves is the claim and its parties, nothing of our books, nobody else, and marked as test', async () => {
    const claim = await draft();
    await answered(claim);
    const [bundle] = payer.got;
    const entries = bundle?.entry ?? [];
    expect(bundle).toMatchObject({
      type: 'collection',
      identifier: { system: 'urn:ietf:rfc:3986', value: expect.stringMatching(/^urn:uuid:/) as unknown },
      meta: { security: [{ code: 'HTEST' }] },
    });
    expect(entries[0]?.resource).toMatchObject({
      resourceType: 'Claim',
      identifier: [bundle?.identifier, { system: system.patientControlNumber }],
    });
    const text = JSON.stringify(bundle);
    expect(text).not.toMatch(
      /ChargeItem|Account\/|_history|us-ssn|"extension":\[\]|StructureDefinition\/(?:account|charge)/,
    );
    const known = new Set(
      entries.map(({ resource }) => `${resource?.resourceType ?? ''}/${resource?.id ?? ''}`),
    );
    for (const [, reference = ''] of text.matchAll(/"reference":"([^"]*)"/g))
      expect(known).toContain(reference);
    expect([...known].filter((name) => name.startsWith('Patient/'))).toHaveLength(1);
  });

  test('6 neighbour: a document of the claim goes with it, with what is in it', async () => {
    const claim = await draft();
    const id = claim.replace('Claim/', 'scan-');
    await office.put({
      resourceType: 'Binary',
      id,
      contentType: 'application/pdf',
      data: 'JVBERg==',
    });
    await office.put({
      ...{ resourceType: 'DocumentReference', id, status: 'current' },
      subject: { reference: (await office.get<Claim>(claim)).patient.reference ?? '' },
      content: [{ attachment: { url: `Binary/${id}`, title: 'Operative note' } }],
    });
    const category = { coding: [{ system: system.supportingInfo, code: 'attachment' }] };
    const added = await office.change<Claim>(claim, (one) => {
      one.supportingInfo = [
        ...(one.supportingInfo ?? []),
        { sequence: 90, category, valueReference: { reference: `DocumentReference/${id}` } },
      ];
    });
    expect(added.status).toBe(200);
    await answered(claim);
    const documents = (payer.got[0]?.entry ?? []).filter(
      ({ resource }) => resource?.resourceType === 'DocumentReference',
    );
    expect(documents).toMatchObject([
      {
        resource: {
          content: [
            { attachment: { contentType: 'application/pdf', data: 'JVBERg==', title: 'Operative note' } },
          ],
        },
      },
    ]);
    expect(JSON.stringify(payer.got)).not.toContain('Binary/');
  });

  test('6 a payer that needs time is asked again until it has decided, and gets the claim once', async () => {
    payer.after = () => ({
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'information', code: 'informational' }],
    });
    payer.before = (request, response) => {
      if (request.method !== 'GET') return false;
      const self = `${payer.base}${request.url?.replace('/fhir', '') ?? ''}`;
      response.end(
        JSON.stringify({
          resourceType: 'Bundle',
          type: 'searchset',
          link: [{ relation: 'self', url: self }],
        }),
      );
      return true; // it has nothing yet
    };
    const claim = await draft();
    await office.submit(claim);
    // however long it takes: what was acknowledged is not sent again
    await until(async () => {
      later(200_000);
      const { result = '{}' } = (await office.store.jobs.read(`submission|${claim}`)) ?? {};
      return ((JSON.parse(result) as { asked?: number }).asked ?? 0) > 3;
    });
    payer.before = () => false;
    await decided(claim);
    expect([payer.got.length, await office.made(claim)]).toEqual([1, onceAnswered]);
  });

  test.each<[string, (response: import('node:http').ServerResponse) => void]>([
    ['500', (response) => void response.writeHead(500).end('{"resourceType":"OperationOutcome","issue":[]}')],
    [
      'a page of HTML',
      (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>hello</html>'),
    ],
    [
      'half an answer',
      (response) =>
        void response
          .writeHead(200, { 'content-length': '900' })
          .write('{"resource', () => response.destroy()),
    ],
    ['a redirect', (response) => void response.writeHead(307, { location: 'http://127.0.0.1:1/fhir' }).end()],
  ])(
    '6 after %s nobody knows: the payer is asked first, and what it has is not sent again',
    async (_what, misbehave) => {
      payer.before = async (request, response, body) => {
        if (request.method !== 'POST') return false;
        await payer.judge(JSON.parse(body) as Bundle);
        misbehave(response);
        return true;
      };
      const claim = await draft();
      queue.start();
      await office.submit(claim);
      await decided(claim);
      expect([payer.got.length, await office.made(claim)]).toEqual([1, onceAnswered]);
    },
  );

  test('6 a payer that hangs is waited for so long, and asked whether it has the claim; an answer that comes late is none', async () => {
    let isJudged = false;
    payer.before = async (request, response, body) => {
      if (request.method !== 'POST') return false;
      patience = 30_000; // of the questions that follow
      await payer.judge(JSON.parse(body) as Bundle);
      isJudged = true;
      response.on('error', () => undefined);
      setTimeout(() => response.end('{}'), 5000).unref();
      return true;
    };
    const claim = await draft();
    patience = 1500;
    await office.submit(claim);
    // the time of the office waits for a slow payer, and goes on where the request did not even come in
    await until(() => isJudged || (payer.got.length === 0 && (later(1000), false)));
    await decided(claim);
    expect([payer.got.length, await office.made(claim)]).toEqual([1, onceAnswered]);
  });

  test('6 what the payer never got is sent again, the same under the same identifier, but not before it could have come in', async () => {
    let isBroken = true;
    payer.before = (request, response) => {
      if (!isBroken || request.method !== 'POST') return false;
      response.writeHead(502).end();
      return true;
    };
    const claim = await draft();
    await office.submit(claim);
    await until(() => payer.got.length === 1);
    isBroken = false;
    later(100_000);
    await until(async () => ((await office.store.jobs.read(`submission|${claim}`))?.attempts ?? 0) > 1);
    expect(payer.got).toHaveLength(1);
    await decided(claim);
    expect(payer.got).toHaveLength(2);
    expect(payer.got[1]).toEqual(payer.got[0]);
    expect(await office.made(claim)).toEqual(onceAnswered);
  });

  test.each<[string, (answer: ClaimResponse) => ClaimResponse]>([
    ['of another patient', (r) => ({ ...r, patient: { reference: 'Patient/someone-else' } })],
    ['of another claim', (r) => ({ ...r, request: { reference: 'Claim/another' } })],
  ])(
    '6 an answer %s is not posted: what the payer keeps of the claim is asked for instead',
    async (_what, change) => {
      payer.after = (answer) => ({
        ...answer,
        entry: [{ resource: change(answer.entry?.[0]?.resource as ClaimResponse) }],
      });
      const claim = await draft();
      expect(await answered(claim)).toMatchObject({ outcome: 'complete', request: { reference: claim } });
      expect([payer.got.length, await office.made(claim)]).toEqual([1, onceAnswered]);
    },
  );

  test('6 an answer that does not add up is not posted: a person asks the payer, and $submit takes it up once it is mended', async () => {
    let isWrong = true;
    const wrong = (said: Resource): Resource => {
      if (!isWrong) return said;
      if (said.resourceType === 'Bundle')
        return {
          ...said,
          entry: said.entry?.map((e) => ({ ...e, resource: e.resource && wrong(e.resource) })),
        } as Bundle;
      if (said.resourceType !== 'ClaimResponse' || said.payment?.amount.value === undefined) return said;
      return {
        ...said,
        payment: {
          ...said.payment,
          amount: { value: Math.round(100 * said.payment.amount.value + 1) / 100, currency: 'USD' },
        },
      };
    };
    payer.after = (answer) => wrong(answer);
    const claim = await draft();
    await office.submit(claim);
    const found = await until(() => task(claim, 'submission-unknown'));
    expect([(await office.response(claim))?.outcome, await office.made(claim)]).toEqual([
      'queued',
      notAnswered,
    ]);
    expect(found.description).toContain('the payment is not what the lines pay');
    isWrong = false;
    await office.put({ ...found, status: 'completed' });
    expect((await answered(claim)).outcome).toBe('complete');
    expect([payer.got.length, await office.made(claim)]).toEqual([1, onceAnswered]);
  });

  test('6 a payer that answers twice, in one Bundle or at the next submission, is posted once', async () => {
    payer.after = (answer) => ({ ...answer, entry: [...(answer.entry ?? []), ...(answer.entry ?? [])] });
    const claim = await draft();
    expect((await answered(claim)).outcome).toBe('complete');
    expect([payer.got.length, await office.made(claim)]).toEqual([1, onceAnswered]);
  });

  test('6 neighbour: a refusal with an OperationOutcome is a refusal, with its reason; without one nobody knows', async () => {
    payer.before = (request, response) => {
      if (request.method !== 'POST') return false;
      const issue = [{ severity: 'error', code: 'business-rule', details: { text: 'member not found' } }];
      response.writeHead(422).end(JSON.stringify({ resourceType: 'OperationOutcome', issue }));
      return true;
    };
    const claim = await draft();
    expect(await answered(claim, 'error')).toMatchObject({
      outcome: 'error',
      error: [{ code: { text: 'member not found' } }],
    });
    await until(() => task(claim, 'submission-refused'));
  });

  test('6 neighbour: refused at the door after a post of which nobody knows, that post is asked about all the same', async () => {
    let posts = 0;
    payer.before = async (request, response, body) => {
      if (request.method !== 'POST') return false;
      posts += 1;
      if (posts === 1) response.writeHead(502).end();
      else {
        await payer.judge(JSON.parse(body) as Bundle); // the first one comes in late
        response.writeHead(403).end();
      }
      return true;
    };
    const claim = await draft();
    await office.submit(claim);
    later(200_000);
    await decided(claim);
    expect([posts, await office.made(claim)]).toEqual([2, onceAnswered]);
  });

  test('6 neighbour: an Endpoint that leads elsewhere after the claim left is not asked what the one before it has', async () => {
    payer.before = async (request, response) => {
      if (request.method !== 'POST') return false;
      await office.put(payerEndpoint(`${payer.base}/elsewhere`));
      response.writeHead(500).end();
      return true;
    };
    const claim = await draft();
    await office.submit(claim);
    await until(async () => (later(5000), task(claim, 'submission-unknown')));
    expect(payer.got).toHaveLength(1);
    await office.put(payerEndpoint(payer.base));
  });

  test('6 neighbour: a demo store sends to a FHIR payer as test only, a host that the settings do not name is never called', async () => {
    await office.put(payerEndpoint(payer.base, { usage: 'P' }));
    expect((await office.submit(await draft())).codes).toContain('production-not-allowed');
    await office.put(payerEndpoint('http://127.0.0.1:9/fhir'));
    await answered(await draft(), 'queued');
    expect(payer.got).toHaveLength(0);
  });
});
