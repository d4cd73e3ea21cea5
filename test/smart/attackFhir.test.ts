import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bearer, smartTest, type Received, type SmartTest } from './browser.ts';
import { tokenOf, world } from './world.ts';

/** What an attacker with the token of a patient (p1) sends to FHIR; p2 is somebody else. */
const scope = 'launch/patient openid fhirUser patient/*.cruds';
let server: SmartTest;
let by: { readonly headers: Readonly<Record<string, string>> };
const lines: string[] = [];

beforeAll(async () => {
  const keep = (line: unknown): void => void lines.push(JSON.stringify(line));
  const log = { wants: () => true, debug: keep, info: keep, error: keep, flush: () => undefined };
  server = await smartTest({}, { log });
  const { patient } = await world(server);
  await server.client({ id: 'app' });
  const { json } = await tokenOf(server, { client: 'app', scope, account: patient });
  by = bearer(json['access_token']);
});
afterAll(() => server.close());

const get = (path: string): Promise<Received> => server.ask(`${server.base}/${path}`, by);
const post = (path: string, body: string, method = 'POST'): Promise<Received> =>
  server.ask(`${server.base}/${path}`, {
    ...{ method, body },
    headers: { ...by.headers, 'content-type': 'application/fhir+json' },
  });

describe('another patient', () => {
  const batch = (urls: readonly string[]): string =>
    JSON.stringify({
      resourceType: 'Bundle',
      type: 'batch',
      entry: urls.map((url) => ({ request: { method: 'GET', url } })),
    });
  const urls = [
    ...[
      'Patient/p2',
      'Patient/p2/_history/1',
      'Patient/p2/_history',
      'Encounter/e-p2',
      'Patient/p2/$everything',
    ],
    ...['Patient?_id=p2', 'Patient?name=two', 'Encounter?patient=p2', 'Encounter?subject=Patient/p2'],
    ...['Encounter?patient.name=two', 'Patient?_has:Encounter:patient:_id=e-p2', 'Patient/p2/Encounter'],
    ...['Encounter?_id=e-p2&_include=Encounter:patient', 'Patient?_id=p1,p2&_revinclude=Encounter:patient'],
    ...[
      '_history',
      'Patient/_history',
      '?_type=Patient,Encounter',
      'Organization?_revinclude=Encounter:service-provider',
    ],
    ...[
      'Patient?_id:not=p1',
      'Patient?name:not=one',
      'Patient?_id:missing=false',
      'Patient?_filter=name eq "two"',
    ],
    ...['Encounter?patient:Patient._id=p2', 'Patient?_list=x', 'Patient?_query=x'],
  ];

  test('D attack: no read path shows them', async () => {
    for (const url of urls) {
      const { status, text } = await get(encodeURI(url));
      expect([url, status < 500, /"Two"|"id":"e-p2"|"id":"p2"/.test(text)]).toEqual([url, true, false]);
    }
    const { text } = await post('', batch(urls.map((url) => encodeURI(url))));
    expect(text).not.toMatch(/"Two"|"id":"e-p2"|"id":"p2"/);
  });

  test('D attack: what is not theirs and what is not there are answered by the same words', async () => {
    for (const [mine, none] of [
      ['Patient/p2', 'Patient/p9'],
      ['Encounter/e-p2', 'Encounter/e-p9'],
      ['Patient/p2/_history/1', 'Patient/p9/_history/1'],
      ['Patient/p2/$everything', 'Patient/p9/$everything'],
    ] as const) {
      const [a, b] = [await get(mine), await get(none)];
      const plain = ({ text }: Received, id: string): string =>
        text.replaceAll(id, 'ID').replaceAll(/[0-9a-f]{12}-\w+/g, 'R');
      expect([a.status, plain(a, 'p2')]).toEqual([b.status, plain(b, 'p9')]);
    }
  });

  test('D attack: they are neither written, deleted nor found out by conditions', async () => {
    const p2 = JSON.stringify({ resourceType: 'Patient', id: 'p2', name: [{ family: 'Stolen' }] });
    const patch = JSON.stringify([{ op: 'replace', path: '/name/0/family', value: 'Stolen' }]);
    const sent: [string, string, string][] = [
      ['PUT', 'Patient/p2', p2],
      ['PUT', 'Patient?_id=p2', p2],
      ['DELETE', 'Patient/p2', ''],
      ['DELETE', 'Patient?name=two', ''],
      [
        'POST',
        '',
        JSON.stringify({
          resourceType: 'Bundle',
          type: 'transaction',
          entry: [{ resource: JSON.parse(p2) as object, request: { method: 'PUT', url: 'Patient/p2' } }],
        }),
      ],
      ['PATCH', 'Patient/p2', patch],
    ];
    for (const [method, path, body] of sent) {
      const { status } = await post(path, body, method);
      expect([method, path, status >= 400 && status < 500]).toEqual([method, path, true]);
    }
    const stored = await server.context.store.read('Patient', 'p2');
    expect(stored && new TextDecoder().decode(stored.deleted ? new Uint8Array() : stored.json)).toContain(
      '"Two"',
    );
  });
});

describe('injection', () => {
  test.each([
    "Patient?name=' OR 1=1 --",
    'Patient?name=" OR ""="',
    'Patient?name=%',
    'Patient?name=_',
    'Patient?name=.*',
    'Patient?name:contains=(a+)+$',
    'Patient?name[$ne]=x',
    'Patient?name={"$ne":null}',
    'Patient?identifier=$where|1',
    'Patient?_id=p1;p2',
    "Patient?_id=p1') UNION SELECT * FROM resource--",
    'Patient?birthdate=ge0001) OR (1=1',
    'Encounter?patient=p2)||(1',
    'Patient?_sort=name;DROP TABLE',
    'Patient?_elements=name,__proto__,constructor',
    'Patient?_count=1e9',
    'Patient?_summary=__proto__',
  ])('D attack: %s finds nothing of anybody else', async (url) => {
    const { status, text } = await get(encodeURI(url).replaceAll('#', '%23'));
    expect(status).toBeLessThan(500);
    expect(text).not.toMatch(/"Two"|"id":"p2"|SQLITE|Mongo|\.ts:/);
  });

  test.each([
    '__proto__',
    'constructor',
    'Patient/__proto__',
    'Patient/constructor',
    'Patient/p1/__proto__',
    'Patient/$__proto__',
    'Patient?__proto__=x',
    'Patient?constructor=x',
    'Patient?__proto__[polluted]=1',
    'Patient?_has:__proto__:patient:_id=1',
    'Patient?_include=__proto__:constructor',
    'Patient?_revinclude=constructor:__proto__',
    'Patient?_type=__proto__',
    'Patient?name:__proto__=x',
    'Encounter?patient.__proto__=x',
    'Patient/p1/constructor?x=1',
    'Patient?_format=__proto__',
  ])('D attack: %s is refused as any unknown name is', async (url) => {
    const { status } = await get(url);
    expect([url, status >= 400 && status < 500]).toEqual([url, true]);
  });

  test('D attack: keys of the prototype in JSON and Parameters change nothing', async () => {
    const bodies: [string, string][] = [
      ['Patient', '{"resourceType":"Patient","__proto__":{"polluted":true}}'],
      ['Patient', '{"resourceType":"Patient","constructor":{"prototype":{"polluted":true}}}'],
      ['Patient', '{"resourceType":"__proto__"}'],
      ['Claim', '{"resourceType":"Claim","__proto__":{"resourceType":"Patient"}}'],
      [
        '',
        '{"resourceType":"Bundle","type":"batch","entry":[{"__proto__":{"request":{"method":"GET","url":"Patient/p2"}}}]}',
      ],
      [
        'Encounter/e-p1/$claim',
        '{"resourceType":"Parameters","parameter":[{"name":"__proto__","valueString":"x"},{"name":"constructor"}]}',
      ],
    ];
    for (const [path, body] of bodies) {
      const { status, text } = await post(path, body);
      expect([body, status < 500, /"Two"|"id":"p2"/.test(text)]).toEqual([body, true, false]);
    }
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  test('D attack: headers that carry more than a value make no header and no line of their own', async () => {
    for (const headers of [
      { 'x-request-id': 'a b<script>' },
      { 'x-request-id': 'x'.repeat(5000) },
      { prefer: 'return=minimal; x="\\r\\nSet-Cookie: a=b"' },
      { accept: 'application/fhir+json;fhirVersion=__proto__' },
      { 'accept-encoding': '__proto__' },
      { 'if-none-match': 'W/"__proto__"' },
      { 'idempotency-key': '__proto__' },
      { 'content-type': 'constructor' },
      { origin: 'https://evil.example\\r\\nX: y' },
    ] as readonly Record<string, string>[]) {
      const answer = await server.ask(`${server.base}/Patient/p1`, {
        headers: { ...by.headers, ...headers },
      });
      expect([JSON.stringify(headers), answer.status < 500, answer.headers['set-cookie']]).toEqual([
        ...[JSON.stringify(headers), true, undefined],
      ]);
      expect(JSON.stringify(answer.headers)).not.toMatch(/script|evil|x{300}/);
    }
  });

  test('D attack: an expression that takes for ever, or that reaches beyond its resource, is refused', async () => {
    const patch = (path: string): string =>
      JSON.stringify({
        resourceType: 'Parameters',
        parameter: [
          {
            name: 'operation',
            part: [
              { name: 'type', valueCode: 'delete' },
              { name: 'path', valueString: path },
            ],
          },
        ],
      });
    for (const path of [
      "Patient.name.where(family.matches('(a+)+$'))",
      'Patient.__proto__',
      'Patient.constructor.constructor',
      '%context.resolve()',
      "'x'.repeat(1000000000)",
      `Patient${'.name'.repeat(10_000)}`,
      '('.repeat(5000),
    ]) {
      const start = performance.now();
      const { status } = await post('Patient/p1', patch(path), 'PATCH');
      expect([path.slice(0, 40), status >= 400 && status < 500]).toEqual([path.slice(0, 40), true]);
      expect(performance.now() - start).toBeLessThan(30_000);
    }
  });
});

test('D attack: the log holds no fault of ours, no name and no token', () => {
  expect(lines.length).toBeGreaterThan(60);
  expect(lines.join('\n')).not.toMatch(/"error"|stack|Two|Stolen|Bearer|__proto__|script|UNION/);
});
