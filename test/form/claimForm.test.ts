import type { Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import supertest from 'supertest';
import type { Binary, Claim, OperationOutcome, Resource } from '@medplum/fhirtypes';
import { createApp } from '../../src/app.ts';
import type { Context } from '../../src/interaction/context.ts';
import { putMade, updateResource } from '../../src/interaction/repository.ts';
import { system } from '../../src/terminology/system.ts';
import { testContext } from '../context.ts';
import { eachStore } from '../http/eachStore.ts';
import { readPdf, textsOf } from './pdf.ts';
import { category, code, institutional, knownWith, line, patient, professional } from './world.ts';
import { httpServer } from '../httpServer.ts';

const attachment = {
  sequence: 1,
  category: category('attachment'),
  valueReference: { identifier: { value: 'ACN-4711' } },
};

const claims: readonly Claim[] = [
  professional(),
  professional({ id: 'long', item: Array.from({ length: 8 }, (_, i) => line(i + 1)) }),
  professional({ id: 'documents', supportingInfo: [attachment] }),
  professional({ id: 'oral', type: code(system.claimType, 'oral') }),
  professional({ id: 'pharmacy', type: code(system.claimType, 'pharmacy') }),
  professional({ id: 'orphan', patient: { reference: 'Patient/nobody' } }),
  institutional({ id: 'stay', item: Array.from({ length: 23 }, (_, i) => line(i + 1)) }),
  professional({ id: 'sent', patient: { reference: 'Patient/p/_history/1' } }),
];

interface Got {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: unknown;
}

const resources: readonly Resource[] = [...knownWith().values(), ...claims];

describe.each(eachStore('claimForm'))('%s', (_name, open) => {
  let server: Server;
  let context: Context;
  const get = (path: string, accept?: string) => {
    const asked = supertest(server).get(`/fhir/${path}`).buffer(true).parse(bytes);
    return accept === undefined ? asked : asked.set('accept', accept);
  };
  const json = async <T>(path: string): Promise<{ status: number; body: T }> => {
    const { status, body } = (await get(path, 'application/fhir+json')) as Got;
    return { status, body: JSON.parse((body as Buffer).toString('utf8')) as T };
  };
  const pdf = async (path: string) => readPdf((await get(path)).body as Buffer);

  beforeAll(async () => {
    context = await testContext({ store: await open() });
    await context.store.transaction(async (tx) => {
      for (const r of resources) await putMade(tx, { ...structuredClone(r), id: r.id ?? '' });
    });
    server = httpServer(createApp(context));
  });
  afterAll(async () => {
    await context.store.close();
  });

  test('9 a professional claim is a CMS-1500 in PDF, each box where it belongs', async () => {
    const { status, headers, body } = (await get('Claim/claim/$form')) as Got;
    expect([status, headers['content-type']]).toEqual([200, 'application/pdf']);
    const [page, ...more] = await readPdf(body as Buffer);
    expect(more).toEqual([]);
    expect(textsOf(page)).toEqual(
      expect.arrayContaining([
        'NÚÑEZ, ZOË, ANA',
        'NÚÑEZ JR, MAX',
        'G0463',
        '1210 05',
        '1239 05',
        'PCN0001',
        'NOT FOR SUBMISSION',
      ]),
    );
    expect(textsOf(page)).toContain(
      'Facsimile of the data of a CMS-1500 (02/12), not for submission; page 1 of 1',
    );
    const at = (text: string) => page?.find((t) => t.text === text);
    expect((at('1a Member id')?.x ?? 0) > (at('2 Patient')?.x ?? 0)).toBe(true);
  });

  test('9 the same claim gives the same bytes', async () => {
    const [one, two] = [
      (await get('Claim/claim/$form')).body as Buffer,
      (await get('Claim/claim/$form')).body as Buffer,
    ];
    expect(one.equals(two)).toBe(true);
  });

  test('9 where FHIR is asked for, it is a Binary', async () => {
    const { body } = await json<Binary>('Claim/claim/$form');
    expect([body.resourceType, body.contentType]).toEqual(['Binary', 'application/pdf']);
    expect(
      Buffer.from(body.data ?? '', 'base64')
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-');
    const asked = await get('Claim/claim/$form?_format=json');
    expect(asked.headers['content-type']).toMatch(/^application\/fhir\+json/);
  });

  test('9 an overlay has the data alone, in upper case, and is moved by its offset', async () => {
    const [page] = await pdf('Claim/claim/$form?style=overlay');
    const [moved] = await pdf('Claim/claim/$form?style=overlay&offset=2.5,-1');
    const texts = textsOf(page);
    expect(texts).not.toContain('NOT FOR SUBMISSION');
    expect(texts.every((text) => text === text.toUpperCase())).toBe(true);
    const member = (of: typeof page) => of?.find((t) => t.text === 'C1001');
    expect((member(moved)?.x ?? 0) - (member(page)?.x ?? 0)).toBeCloseTo((2.5 * 72) / 25.4, 1);
    expect((member(moved)?.y ?? 0) - (member(page)?.y ?? 0)).toBeCloseTo(-72 / 25.4, 1);
    expect(member(page)?.x).toBeCloseTo(20 + 49 * 7.2, 1);
  });

  test('9 a stay is a UB-04, and both go on over further pages', async () => {
    const stay = await pdf('Claim/stay/$form');
    expect(stay).toHaveLength(2);
    expect(textsOf(stay[1])).toContain(
      'Facsimile of the data of a UB-04 (CMS-1450), not for submission; page 2 of 2',
    );
    const long = await pdf('Claim/long/$form');
    expect(long.map((p) => textsOf(p).includes('CONTINUED'))).toEqual([true, false]);
  });

  test('9 part=outcome tells what does not stand on the form', async () => {
    const { body } = await json<OperationOutcome>('Claim/long/$form?part=outcome');
    expect(body.issue.map((i) => [i.severity, i.details?.coding?.[0]?.code, i.details?.text])).toEqual([
      ['warning', 'form-cut', 'the claim takes 2 pages: send them together'],
      ['information', 'form-filled', 'the CMS-1500 (02/12) takes 2 pages'],
    ]);
    const plain = await get('Claim/long/$form?part=outcome');
    expect(plain.headers['content-type']).toMatch(/^application\/fhir\+json/);
  });

  test('9 the cover sheet of a document has its control number', async () => {
    const [page] = await pdf('Claim/documents/$form?part=cover-sheet');
    expect(textsOf(page)).toEqual(
      expect.arrayContaining(['ACN-4711', 'PCN0001', 'PWKOZBMACN-4711', '1234567893']),
    );
    const none = await json<OperationOutcome>('Claim/claim/$form?part=cover-sheet');
    expect([none.status, none.body.issue[0]?.details?.coding?.[0]?.code]).toEqual([422, 'no-attachment']);
  });

  test.each([
    ['Claim/oral/$form', 422, 'form-not-made', /licensed by the ADA/],
    ['Claim/pharmacy/$form', 422, 'form-not-made', /no paper form/],
    ['Claim/orphan/$form', 422, 'form-incomplete', /names no Patient/],
    ['Claim/nothing/$form', 404, 'not-found', /./],
    ['Claim/claim/$form?style=red', 400, 'malformed-value', /facsimile, overlay/],
    ['Claim/claim/$form?offset=1,1', 400, 'unexpected-parameter', /style=overlay/],
    ['Claim/claim/$form?style=overlay&offset=1cm', 400, 'malformed-value', /millimetres/],
    ['Claim/claim/$form?part=back', 400, 'malformed-value', /cover-sheet/],
    ['Claim/claim/$form?colour=red', 400, 'unknown-parameter', /./],
  ])('9 %s is refused with %i', async (path, status, coded, text) => {
    const { status: got, body } = await json<OperationOutcome>(path);
    expect([got, body.issue[0]?.details?.coding?.[0]?.code]).toEqual([status, coded]);
    expect(body.issue[0]?.details?.text).toMatch(text);
    const plain = await get(path);
    expect([plain.status, plain.headers['content-type']]).toEqual([
      status,
      expect.stringMatching(/fhir\+json/),
    ]);
  });

  test('9 a claim that was sent is printed with its parties as they were sent', async () => {
    await context.store.transaction((tx) =>
      updateResource(context, tx, { ...patient, id: 'p', name: [{ family: 'Married' }] }),
    );
    expect(textsOf((await pdf('Claim/sent/$form'))[0])).toContain('NÚÑEZ, ZOË, ANA');
    expect(textsOf((await pdf('Claim/claim/$form'))[0])).toContain('MARRIED');
  });
});

/** The whole body as bytes, whatever its type. */
function bytes(response: supertest.Response, done: (error: Error | null, body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  const stream = response as unknown as NodeJS.ReadableStream;
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => {
    done(null, Buffer.concat(chunks));
  });
}
