import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Bundle, Resource } from '@medplum/fhirtypes';
import { runsOn } from '../runs.ts';
import { eachStore } from './eachStore.ts';
import { listen, type Listening } from './listening.ts';

const urn = (n: number): string => `urn:uuid:00000000-0000-4000-8000-00000000000${n}`;
const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64');

const sound: readonly (Resource & { id: string })[] = [
  { resourceType: 'Patient', id: 'p1', identifier: [{ system: 'urn:x', value: '1' }] },
  { resourceType: 'Patient', id: 'p2', identifier: [{ system: 'urn:x', value: '2' }] },
  { resourceType: 'Basic', id: 'b1', code: { text: 'x' }, subject: { reference: 'Patient/p2' } },
];

const reference = fc.constantFrom(
  ...[
    'Patient/p1',
    'Patient/p9',
    urn(1),
    urn(2),
    urn(9),
    'Patient?identifier=urn:x|1',
    'Patient?identifier=urn:x|9',
  ],
  ...['Patient?identifier=urn:x|1,urn:x|2', 'Patient?colour=red', '#here', 'http://other/Patient/1'],
);
const id = fc.constantFrom('p1', 'p2', 'p9', 'b1', 'a_b', undefined);
const resource = fc.oneof(
  fc.record({ id, active: fc.constantFrom(true, 'yes') }).map((r) => ({ resourceType: 'Patient', ...r })),
  fc.record({ id, to: reference }).map(({ id: own, to }) => ({
    resourceType: 'Basic',
    id: own,
    code: { text: 'x' },
    subject: { reference: to },
  })),
  fc.constantFrom<object | undefined>(
    undefined,
    { resourceType: 'Parameters' },
    {
      resourceType: 'Parameters',
      parameter: [
        {
          name: 'operation',
          part: [
            { name: 'type', valueCode: 'delete' },
            { name: 'path', valueString: 'Patient.identifier[0]' },
          ],
        },
      ],
    },
    {
      resourceType: 'Binary',
      contentType: 'application/json-patch+json',
      data: encoded([{ op: 'add', path: '/active', value: true }]),
    },
    { resourceType: 'Binary', contentType: 'application/json-patch+json', data: encoded({}) },
    { resourceType: 'Bundle', type: 'batch' },
  ),
);
const url = fc.constantFrom(
  ...[
    'Patient',
    'Patient/p1',
    'Patient/p2',
    'Patient/p9',
    'Basic',
    'Basic/b1',
    'Patient/p1/_history/1',
    'Patient/p1/_history',
    '_history',
  ],
  ...[
    'Patient?identifier=urn:x|1',
    'Patient?identifier=urn:x|9',
    'Patient?identifier=urn:x|1,urn:x|2',
    'Patient?colour=red',
    'Patient?',
  ],
  ...[
    'Patient/_search?_id=p1',
    '?_type=Patient',
    'Claim/$scrub',
    'Account/a/$balance',
    'Patient/p1/$bill',
    'metadata',
    '/',
    'Patiend',
    '../x',
    '%zz',
  ],
);
const entry = fc
  .record({
    fullUrl: fc.constantFrom(undefined, urn(1), urn(2), 'http://other/Patient/1'),
    resource,
    request: fc.record(
      {
        method: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'),
        url,
        ifMatch: fc.constantFrom('W/"1"', 'W/"2"', '*', 'x'),
        ifNoneMatch: fc.constantFrom('W/"1"', '*', 'x'),
        ifModifiedSince: fc.constantFrom('2026-01-01T00:00:00Z', '2100-01-01T00:00:00Z'),
        ifNoneExist: fc.constantFrom('identifier=urn:x|1', 'identifier=urn:x|9', '_count=1', ''),
      },
      { requiredKeys: ['method', 'url'] },
    ),
  })
  .map((e) => JSON.parse(JSON.stringify(e)) as object);
/** What can land, so that whole transactions do. */
const landing = { resource: sound[0], request: { method: 'PUT', url: 'Patient/p1' } };
const right = fc.constantFrom<object>(
  landing,
  { resource: { resourceType: 'Patient', active: true }, request: { method: 'POST', url: 'Patient' } },
  { resource: sound[2], request: { method: 'PUT', url: 'Basic/b1' } },
  { request: { method: 'GET', url: 'Patient/p1' } },
);
const refused = { request: { method: 'GET', url: 'Patiend' } };
const entries = fc.array(fc.oneof(entry, right), { maxLength: 4 });

describe.each(eachStore('fuzz_bundle'))('on %s', (store, open) => {
  let server: Listening;
  beforeAll(async () => {
    server = await listen({ store: await open() });
    await server.context.store.transaction(async (tx) => {
      for (const resource of sound) await tx.put(resource);
    });
  });
  afterAll(() => server.close());

  /** The last that was written, and the journal: equal means that nothing was written in between. */
  const latest = async (): Promise<unknown> => {
    const { versions } = await server.context.store.changes({ count: 10 });
    const last = versions.map((v) => [v.type, v.id, v.version, new TextDecoder().decode(v.json)]);
    return [last, await server.context.store.entries({ count: 10 })];
  };

  test('whatever a transaction says, all of it lands or none does, and it is never a fault of ours', async () => {
    const seen = new Set<boolean>();
    await fc.assert(
      fc.asyncProperty(entries, fc.boolean(), async (sent, isBatch) => {
        const before = await latest();
        const type = isBatch ? 'batch' : 'transaction';
        const body = JSON.stringify({ resourceType: 'Bundle', type, entry: sent });
        const reply = await server.send('POST', '/fhir', body, { 'content-type': 'application/fhir+json' });
        expect(reply.status).toBeLessThan(500);
        if (reply.status >= 400) {
          expect(JSON.parse(reply.text)).toMatchObject({ resourceType: 'OperationOutcome' });
          expect(await latest()).toEqual(before);
        } else {
          const statuses = ((JSON.parse(reply.text) as Bundle).entry ?? []).map(({ response }) =>
            Number.parseInt(response?.status ?? '', 10),
          );
          expect(statuses).toHaveLength(sent.length);
          expect(statuses.every((status) => status >= 200 && status < (isBatch ? 500 : 400))).toBe(true);
        }
        if (!isBatch && sent.length > 0) seen.add(reply.status < 400);
      }),
      {
        numRuns: runsOn(store, { usual: 400, long: 10_000 }),
        examples: [
          [[landing], false],
          [[refused], false],
        ],
      },
    );
    expect(seen.size).toBe(2);
  });
});
