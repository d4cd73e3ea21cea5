import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runsOn } from '../runs.ts';
import { eachStore } from './eachStore.ts';
import { listen, type Listening } from './listening.ts';

const odd = fc.oneof(
  fc.constantFrom(
    'p1',
    'b1',
    'nobody',
    '_history',
    '_search',
    '$submit',
    '$balance',
    'metadata',
    '1',
    '0',
    '..',
  ),
  fc.constantFrom('%', '%00', '%24apply', '%ff', '__proto__', 'constructor', "'", '"', ';--', '', '//', 'é'),
  fc.stringMatching(/^[\x21-\x7e]{0,12}$/).map((text) => text.replace(/[#?/]/g, '')),
);
const type = fc.constantFrom(
  'Patient',
  'Basic',
  'Claim',
  'Account',
  'Encounter',
  'Bundle',
  'Parameters',
  'Patiend',
);
const path = fc.tuple(type, fc.array(odd, { maxLength: 4 })).map(([t, rest]) => [t, ...rest].join('/'));
const name = fc.constantFrom(
  ...['_id', '_count', '_sort', '_cursor', '_include', '_revinclude', '_total', '_format', '_lastUpdated'],
  ...[
    'birthdate',
    'name:exact',
    'subject',
    'code',
    'name:missing',
    'gender:not',
    '_has:Basic:subject:code',
    'x',
    '',
  ],
);
const value = fc.oneof(
  odd,
  fc.constantFrom(
    '-1',
    '0',
    '1e999',
    'ge2020',
    'eq',
    'a|b|c',
    '|',
    ',',
    '\\,',
    'Patient/p1',
    '*',
    'Basic:subject',
  ),
);
const query = fc
  .array(fc.tuple(name, value), { maxLength: 3 })
  .map((pairs) => pairs.map((p) => p.join('=')).join('&'));
const json = fc.oneof(
  fc.json({ maxDepth: 3 }),
  fc.constantFrom(
    '',
    '{}',
    'null',
    '{"resourceType":"Patient","id":"p1"}',
    '{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Patient/p1"}}]}',
    '{"resourceType":"Bundle","type":"transaction","entry":[{"resource":null,"request":{"method":"POST","url":"Basic"}}]}',
    '{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"PUT","url":"Patient?_id=p1"}}]}',
    '{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"DELETE","url":"Patient"}}]}',
    '{"resourceType":"Parameters","parameter":[{"name":"amount","valueMoney":{"value":"x"}}]}',
    '{"resourceType":"Parameters","parameter":[null]}',
    '{"resourceType":"Patient","contained":[{"resourceType":"Patient","contained":[]}]}',
    '{"__proto__":{"resourceType":"Patient"},"resourceType":"Patient","id":"p1"}',
  ),
);
const header = fc.dictionary(
  fc.constantFrom(
    'accept',
    'content-type',
    'if-match',
    'if-none-match',
    'if-none-exist',
    'prefer',
    'idempotency-key',
  ),
  fc.constantFrom(
    'application/fhir+json',
    '*/*',
    'W/"1"',
    '"x"',
    '*',
    '_id=p1',
    'name=',
    '?',
    'return=minimal',
    ';q=0',
  ),
);
const method = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS');

describe.each(eachStore('fuzz'))('on %s', (store, open) => {
  let server: Listening;
  beforeAll(async () => {
    server = await listen({ store: await open() });
    await server.context.store.transaction(async (tx) => {
      await tx.put({ resourceType: 'Patient', id: 'p1', birthDate: '1980-12-31' });
      await tx.put({ resourceType: 'Basic', id: 'b1', code: {}, subject: { reference: 'Patient/p1' } });
    });
  });
  afterAll(() => server.close());

  test('whatever a client sends, it is never a fault of ours, and a refusal is an OperationOutcome', async () => {
    await fc.assert(
      fc.asyncProperty(method, path, query, fc.tuple(header, json), async (m, p, q, [h, body]) => {
        const headers = { 'content-type': 'application/fhir+json', ...h };
        const { status, text } = await server.send(
          m,
          encodeURI(`/fhir/${p}?${q}`).replace(/%25/g, '%'),
          body,
          headers,
        );
        expect(status).toBeLessThan(500);
        if (status >= 400 && m !== 'HEAD') {
          expect(JSON.parse(text)).toMatchObject({ resourceType: 'OperationOutcome' });
        }
      }),
      { numRuns: runsOn(store, { usual: 2000, long: 20_000 }) },
    );
  });
});
