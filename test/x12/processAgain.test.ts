import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Bundle, OperationOutcome, PaymentReconciliation } from '@medplum/fhirtypes';
import supertest, { type Response } from 'supertest';
import { receiveFile } from '../../src/operation/x12/receive.ts';
import { createApp } from '../../src/app.ts';
import type { Store } from '../../src/store/store.ts';
import { testContext } from '../context.ts';
import { until } from '../firm/payerAtTheEnd.ts';
import { eachStore } from '../http/eachStore.ts';
import { interchange, remittance } from './written.ts';

const x12 = 'application/EDI-X12';
const text = interchange(remittance);

const data = (): string => Buffer.from(text).toString('base64');
async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

const codes = ({ body }: Response): readonly (string | undefined)[] =>
  ((body as Bundle).entry ?? [])
    .flatMap(({ resource }) => (resource?.resourceType === 'OperationOutcome' ? [resource] : []))
    .flatMap(({ issue }: OperationOutcome) => issue.map(({ details }) => details?.coding?.[0]?.code));

describe.each(eachStore('process-again'))('a file that could not be worked through, on %s', (_, open) => {
  let store: Store;
  let app: ReturnType<typeof createApp>;
  let isBroken = false;
  beforeEach(async () => {
    store = await open();
    const { newId, ...rest } = await testContext({ store });
    app = createApp({
      ...rest,
      newId: () => {
        if (isBroken) throw new Error('nobody foresaw this');
        return newId();
      },
      background: () => {
        isBroken = true; // the file is kept, and its work begins
      },
    });
  });
  afterEach(() => store.close());
  const inBody = (): Promise<Response> =>
    Promise.resolve(supertest(app).post('/fhir/$process-x12').set('content-type', x12).send(text));
  const asBinary = (): Promise<Response> => {
    const data = Buffer.from(text).toString('base64');
    const parameter = [{ name: 'interchange', resource: { resourceType: 'Binary', contentType: x12, data } }];
    return Promise.resolve(
      supertest(app).post('/fhir/$process-x12').send({ resourceType: 'Parameters', parameter }),
    );
  };
  const posted = async (): Promise<number> => {
    const found = await supertest(app).get('/fhir/PaymentReconciliation');
    return ((found.body as Bundle<PaymentReconciliation>).entry ?? []).length;
  };

  test.each([
    ['a body', inBody],
    ['a Binary', asBinary],
  ])('3 given up, it is worked through when it comes again as %s, once', async (_form, again) => {
    const first = await inBody();
    expect([first.status, codes(first), await posted()]).toEqual([200, ['x12-underway'], 0]);
    isBroken = false;
    const lease = await until(async () => (await store.jobs.take({ kinds: ['x12-received'], count: 1 }))[0]);
    await store.transaction((tx) => tx.jobs.change(lease, { state: 'failed' })); // as the tenth attempt does
    store.jobs.leave(lease);
    const { key } = lease.job;
    expect((await store.jobs.read(key))?.state).toBe('failed');
    app = createApp(await testContext({ store }));
    const second = await again();
    expect([second.status, codes(second), await posted()]).toEqual([
      200,
      ['x12-repeat', 'x12-received', 'claims-held'],
      1,
    ]);
    expect(codes(await again())).toEqual(codes(second));
    expect([(await store.jobs.read(key))?.state, await posted()]).toEqual(['done', 1]);
  });

  test('3 neighbour: the same file by two requests and a poll at once is taken in once, in either form', async () => {
    app = createApp(await testContext({ store }));
    const context = await testContext({ store });
    const polled = receiveFile(context, once(Buffer.from(text)));
    const answers = await Promise.all([inBody(), asBinary(), inBody()]);
    await polled;
    // who came second may be told that the first is still at it
    for (const { status } of answers) expect([200, 409]).toContain(status);
    expect((await inBody()).status).toBe(200);
    const kept = ((await supertest(app).get('/fhir/Binary')).body as Bundle).entry ?? [];
    const read = kept.filter(
      ({ resource }) => resource?.resourceType === 'Binary' && resource.data === data(),
    );
    expect([await posted(), read.length]).toEqual([1, 1]);
  });
});
