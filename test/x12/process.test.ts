import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import type {
  Binary,
  Bundle,
  OperationOutcome,
  PaymentReconciliation,
  Resource,
  Task,
} from '@medplum/fhirtypes';
import supertest, { type Response } from 'supertest';
import { createApp } from '../../src/app.ts';
import { confinement } from '../../src/store/access/access.ts';
import type { Store } from '../../src/store/store.ts';
import { testContext } from '../context.ts';
import { eachStore } from '../http/eachStore.ts';
import { faultsOfAnswer } from './acknowledged.ts';
import { interchange, remittance } from './written.ts';

const x12 = 'application/EDI-X12';

/** A remittance whose deposit has no claims, so that it is posted without a claim being known. */
const text = interchange(remittance);

const numbered = (file: string, n: number): string =>
  file.replaceAll('000000017', String(n).padStart(9, '0'));

const resources = ({ body }: Response): readonly Resource[] =>
  ((body as Bundle).entry ?? []).flatMap(({ resource }) => resource ?? []);
const of = <T extends Resource>(answer: Response, type: T['resourceType']): readonly T[] =>
  resources(answer).filter((one): one is T => one.resourceType === type);
const codes = (answer: Response): readonly (string | undefined)[] =>
  of<OperationOutcome>(answer, 'OperationOutcome').flatMap(({ issue }) =>
    issue.map(({ details }) => details?.coding?.[0]?.code),
  );
const bytesOf = ({ data = '' }: Binary): string => Buffer.from(data, 'base64').toString();

describe.each(eachStore('process-x12'))('$process-x12 on %s', (_, open) => {
  let store: Store;
  let app: ReturnType<typeof createApp>;
  let context: Awaited<ReturnType<typeof testContext>>;
  beforeEach(async () => {
    store = await open();
    context = await testContext({ store });
    app = createApp(context);
  });
  afterEach(() => store.close());
  const send = (body: string | Buffer): Promise<Response> =>
    Promise.resolve(supertest(app).post('/fhir/$process-x12').set('content-type', x12).send(body));
  const all = async <T extends Resource>(type: string): Promise<readonly T[]> => {
    const found = await supertest(app).get(`/fhir/${type}?_count=200`);
    return ((found.body as Bundle).entry ?? []).map(({ resource }) => resource as T);
  };

  test('2 the interchange is kept unchanged with its SHA-256, acknowledged, and its set is taken up', async () => {
    const answer = await send(text);
    expect([answer.status, codes(answer)[0]]).toEqual([200, 'x12-received']);
    const [kept, acknowledgement] = of<Binary>(answer, 'Binary');
    const sha256 = createHash('sha256').update(text).digest('hex');
    expect(kept?.meta?.extension).toMatchObject([{ valueString: sha256 }]);
    const native = await supertest(app)
      .get(`/fhir/Binary/${kept?.id ?? ''}`)
      .buffer();
    expect([native.headers['content-type'], native.text]).toEqual([x12, text]);
    const sent = acknowledgement ? bytesOf(acknowledgement) : '';
    expect(sent).toContain('AK2*835*0001~IK5*A~AK9*A*1*1*1~');
    expect(faultsOfAnswer(sent)).toEqual([]);
    const [remitted] = of<PaymentReconciliation>(answer, 'PaymentReconciliation');
    expect(remitted?.paymentAmount).toEqual({ value: 80, currency: 'USD' });
  });

  test('2 redelivery changes nothing and is answered as before, in either form', async () => {
    const first = await send(text);
    const count = async (): Promise<number> => {
      const found = await supertest(app).get('/fhir/_history?_count=500');
      return (found.body as Bundle).entry?.length ?? 0;
    };
    const before = await count();
    const again = await send(text);
    const data = Buffer.from(text).toString('base64');
    const parameter = [{ name: 'interchange', resource: { resourceType: 'Binary', contentType: x12, data } }];
    const asBinary = await supertest(app)
      .post('/fhir/$process-x12')
      .send({ resourceType: 'Parameters', parameter });
    expect(await count()).toBe(before);
    for (const repeat of [again, asBinary]) {
      expect([repeat.status, codes(repeat)[0]]).toEqual([200, 'x12-repeat']);
      expect(resources(repeat).slice(0, -1)).toEqual(resources(first).slice(0, -1));
    }
  });

  test('3 a damaged set is rejected with a Task, its neighbour is taken up', async () => {
    const broken = remittance.filter((line) => !line.startsWith('TRN'));
    const body = [remittance, broken]
      .map((lines, n) => `ST*835*000${n + 1}~${lines.join('~')}~SE*${lines.length + 2}*000${n + 1}~`)
      .join('');
    const [before = '', after = ''] = text.split(/ST\*.*SE\*\d+\*0001~/);
    const answer = await send(`${before}${body}${after.replace('GE*1', 'GE*2')}`);
    const [, acknowledgement] = of<Binary>(answer, 'Binary');
    expect(acknowledgement && bytesOf(acknowledgement)).toMatch(
      /AK2\*835\*0001~IK5\*A~AK2\*835\*0002~IK3\*TRN\*3\*\*3~IK5\*R\*5~AK9\*P\*2\*2\*1~/,
    );
    expect(codes(answer)).toContain('x12-fault');
    expect(of<PaymentReconciliation>(answer, 'PaymentReconciliation')).toHaveLength(1);
    const tasks = (await all<Task>('Task')).filter(({ code }) => code?.coding?.[0]?.code === 'inbound');
    expect(tasks).toHaveLength(1);
  });

  test('3 a set that nobody takes up is kept, with a Task', async () => {
    const document = [
      'BGN*11*1*20240506',
      'NM1*PR*2*PAYER ONE*****PI*P1',
      'NM1*41*2*PRACTICE*****46*PRACTICE',
    ];
    const attachment = { set: '275', group: 'PI', version: '005010X210', convention: '005010X210' };
    const answer = await send(interchange(document, attachment));
    expect(codes(answer).filter((c) => c !== 'x12-fault')).toEqual(['x12-received', 'set-unhandled']);
    const tasks = (await all<Task>('Task')).filter(({ code }) => code?.coding?.[0]?.code === 'inbound');
    expect(tasks.map(({ focus }) => focus?.reference)).toEqual([
      `Binary/${of<Binary>(answer, 'Binary')[0]?.id ?? ''}`,
    ]);
  });

  test('3 another interchange with the same control number is refused by TA1 025, and nothing is posted', async () => {
    await send(text);
    const answer = await send(text.replace('BPR*I*80*', 'BPR*I*90*'));
    const [, acknowledgement] = of<Binary>(answer, 'Binary');
    expect(acknowledgement && bytesOf(acknowledgement)).toContain('TA1*000000017*240506*0708*R*025~');
    expect(await all<PaymentReconciliation>('PaymentReconciliation')).toHaveLength(1);
  });

  test.each([
    ['nothing', ''],
    ['garbage', 'hello'],
    ['UTF-16', Buffer.from(text, 'utf16le')],
    ['half an ISA', text.slice(0, 50)],
  ])('a body of %s is refused with 400 not-x12 and nothing is kept', async (_name, body) => {
    const answer = await send(body);
    const { issue } = answer.body as OperationOutcome;
    expect([answer.status, issue[0]?.details?.coding?.[0]?.code]).toEqual([400, 'not-x12']);
    expect(await all('Binary')).toEqual([]);
  });

  test('an 835 cut off at any segment is kept and rejected, and posts nothing', async () => {
    const ends = [...text.matchAll(/~/g)].map(({ index }) => index + 1).slice(0, -1);
    for (const end of ends.filter((_, n) => n % 6 === 0)) {
      const answer = await send(text.slice(0, end));
      expect([end, answer.status]).toEqual([end, 200]);
      expect(of<PaymentReconciliation>(answer, 'PaymentReconciliation')).toEqual([]);
    }
    expect(await all<PaymentReconciliation>('PaymentReconciliation')).toEqual([]);
  });

  test('Size: more than 4 MB are kept in pieces and streamed out as they came', async () => {
    const [before = '', claims = '', after = ''] = text.split(/(CLP.*)(?=SE\*)/);
    const filler = `N3*${'X'.repeat(50)}~`.repeat(80_000); // damaged, and large
    const large = numbered(`${before}${filler}${claims}${after}`, 99);
    expect(large.length).toBeGreaterThan(4_000_000);
    const answer = await send(large);
    expect(answer.status).toBe(200);
    const [kept] = of<Binary>(answer, 'Binary');
    const native = await supertest(app)
      .get(`/fhir/Binary/${kept?.id ?? ''}`)
      .buffer()
      .parse((response, done) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          done(null, Buffer.concat(chunks));
        });
      });
    expect(native.headers['content-length']).toBe(String(large.length));
    expect((native.body as Buffer).equals(Buffer.from(large))).toBe(true);
    const outline = (query: string) =>
      supertest(app)
        .get(`/fhir/Binary/${kept?.id ?? ''}/$outline?format=text${query}`)
        .set('accept', 'application/fhir+json');
    const shown = ({ body }: { body: unknown }) =>
      Buffer.from((body as Binary).data ?? '', 'base64').toString();
    const first = shown(await outline(''));
    expect(first).toMatch(/^ *1 ISA /);
    expect(first).toContain('Segments 1 to 20000 are shown; what follows begins with from=20001.');
    const last = shown(await outline('&from=80001'));
    expect(last).toMatch(/ CLP .*[^]* SE .*[^]* IEA /);
    expect(last).not.toContain('are shown');
    expect((await outline('&from=0')).status).toBe(400);
    const again = await send(large);
    expect(codes(again)[0]).toBe('x12-repeat');
    const pieces = await store.records.list('content', { count: 200 });
    expect(pieces).toHaveLength(Math.ceil(large.length / 131_072));
  });

  test('neighbour: it is no part of a Bundle, and a Binary without data is refused', async () => {
    const body = { resourceType: 'Parameters', parameter: [{ name: 'interchange' }] };
    const empty = await supertest(app).post('/fhir/$process-x12').send(body);
    expect(empty.status).toBe(400);
    const request = { method: 'POST', url: '$process-x12' };
    const bundle = { resourceType: 'Bundle', type: 'transaction', entry: [{ request, resource: body }] };
    const answer = await supertest(app).post('/fhir').send(bundle);
    expect([400, 422]).toContain(answer.status);
  });

  test('neighbour: a plain PUT or DELETE of the interchange is refused', async () => {
    const [kept] = of<Binary>(await send(text), 'Binary');
    const url = `/fhir/Binary/${kept?.id ?? ''}`;
    const changed = { resourceType: 'Binary', id: kept?.id, contentType: x12, data: 'AAAA' };
    expect((await supertest(app).put(url).send(changed)).status).toBe(409);
    expect((await supertest(app).delete(url)).status).toBe(409);
  });

  test('neighbour: a patient sees neither the interchange nor may send one', async () => {
    const sent = await send(text);
    const binary = of<Binary>(sent, 'Binary')[0]?.id ?? '';
    const access = confinement({ patients: ['ann'], types: { Binary: { see: 'patient' } } });
    const confined = createApp(context, { principalOf: () => ({ name: 'ann', access }) });
    expect((await supertest(confined).get(`/fhir/Binary/${binary}`)).status).toBe(404);
  });
});
