import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, CapabilityStatement, OperationOutcome, Patient, Resource } from '@medplum/fhirtypes';
import { listen, type Listening, type Received } from '../http/listening.ts';
import { examples, fill } from './oracle/exampleStore.ts';

/** What the public test suites ask of any server; the numbers are those of our list of their requirements, part 2. */
const token = 'a-token-of-at-least-thirty-two-characters';
const bearer = { authorization: `Bearer ${token}` };
const fhirJson = 'application/fhir+json';

let server: Listening;
beforeAll(async () => {
  server = await listen({}, { auth: 'token', token });
  const wanted = /^(Patient|Observation|ExplanationOfBenefit|Encounter|Claim|Organization)$/;
  await fill(
    server.context.store,
    examples(0).filter((text) => wanted.test((JSON.parse(text) as Resource).resourceType)),
  );
});
afterAll(() => server.close());

const get = (path: string): Promise<Received> =>
  server.send('GET', `/fhir/${path}`, '', { ...bearer, accept: fhirJson });
const send = (method: string, path: string, body: string, type = fhirJson): Promise<Received> =>
  server.send(method, `/fhir/${path}`, body, { ...bearer, 'content-type': type });
const bundleOf = ({ text }: Received): Bundle => JSON.parse(text) as Bundle;
const idsOf = async (path: string): Promise<string[]> => {
  const answer = await get(path);
  expect(answer.status).toBe(200);
  return (bundleOf(answer).entry ?? [])
    .filter(({ search }) => search?.mode === 'match')
    .map(({ resource }) => resource?.id ?? '')
    .sort();
};

describe('2.1 HTTP and JSON', () => {
  test('2.1.1 the CapabilityStatement needs no Authorization, is sound and of R4', async () => {
    const { status, text } = await server.send('GET', '/fhir/metadata');
    expect(status).toBe(200);
    const statement = JSON.parse(text) as CapabilityStatement;
    expect(statement.fhirVersion).toMatch(/^4\.0/);
    expect(server.context.validate(statement)).toEqual([]);
  });

  test('2.1.2 Accept alone says what is wanted', async () => {
    const { headers, text } = await get('Patient/example');
    expect(headers['content-type']).toMatch(/^application\/fhir\+json/);
    expect((JSON.parse(text) as Patient).id).toBe('example');
  });

  test('2.1.3 a slash at the end of the base changes nothing', async () => {
    const plain = await server.send('GET', '/fhir?_type=Patient&_count=1', '', bearer);
    const slash = await server.send('GET', '/fhir/?_type=Patient&_count=1', '', bearer);
    expect([plain.status, slash.status]).toEqual([200, 200]);
    expect(bundleOf(slash).entry).toEqual(bundleOf(plain).entry);
    const batch = '{"resourceType":"Bundle","type":"batch"}';
    const post = (path: string) => server.send('POST', path, batch, { ...bearer, 'content-type': fhirJson });
    expect([(await post('/fhir')).status, (await post('/fhir/')).status]).toEqual([200, 200]);
  });

  test.each([fhirJson, `${fhirJson};charset=utf-8`, `${fhirJson}; charset=UTF-8`, 'application/json'])(
    '2.1.4 and 2.1.5 a body as %s is taken, and the resource comes with 201',
    async (type) => {
      const { status, text } = await send(
        'POST',
        'Patient',
        '{"resourceType":"Patient","active":true}',
        type,
      );
      expect(status).toBe(201);
      expect((JSON.parse(text) as Patient).active).toBe(true);
    },
  );

  test('2.1.6 what comes out is sound: no extension without url, no primitive of another type', async () => {
    const { text } = await get('ExplanationOfBenefit?_count=50');
    const faults = (bundleOf({ status: 200, headers: {}, text }).entry ?? []).flatMap(({ resource }) =>
      resource ? server.context.validate(resource) : [],
    );
    expect(faults.filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});

describe('2.2 Search', () => {
  test('2.2.1 parameters come sorted, a plus as %2B, a bar as %7C, colon, star and slash as they are', async () => {
    const query =
      '_include=ExplanationOfBenefit:*&created=gt2014-08-15T00:00:00%2B00:00' +
      '&identifier=http://www.BenefitsInc.com/fhir/explanationofbenefit%7C987654321';
    expect(await idsOf(`ExplanationOfBenefit?${query}`)).toEqual(['EB3500']);
    const both = 'status=active%2Ccancelled';
    expect(await idsOf(`ExplanationOfBenefit?${both}`)).toEqual(
      await idsOf('ExplanationOfBenefit?status=active,cancelled'),
    );
    expect(
      await idsOf('Patient?address=534%20Erewhon%20St%20PeasantVille\\,%20Rainbow\\,%20Vic%20%203999'),
    ).toEqual(['example']);
  });

  test('2.2.2 POST to _search finds what GET finds', async () => {
    const form = await send(
      'POST',
      'Observation/_search',
      'status=final',
      'application/x-www-form-urlencoded',
    );
    expect(form.status).toBe(200);
    expect(bundleOf(form).entry?.length).toBe(bundleOf(await get('Observation?status=final')).entry?.length);
  });

  test('2.2.3 patient=ID and patient=Patient/ID are alike', async () => {
    const all = await idsOf('Observation?patient=f001');
    expect(all.length).toBeGreaterThan(2);
    expect(await idsOf('Observation?patient=Patient/f001')).toEqual(all);
  });

  test('2.2.4 next is an absolute URL that takes the same token, page by page', async () => {
    const all = await idsOf('Observation?_count=1000');
    const found: string[] = [];
    let url: string | undefined = `${server.base}/Observation?_count=7`;
    while (url !== undefined) {
      expect(url.startsWith(server.base)).toBe(true);
      expect((await server.send('GET', new URL(url).pathname + new URL(url).search)).status).toBe(401);
      const answer = await server.send('GET', new URL(url).pathname + new URL(url).search, '', bearer);
      expect(answer.status).toBe(200);
      const { entry = [], link = [] } = bundleOf(answer);
      found.push(...entry.map(({ resource }) => resource?.id ?? ''));
      url = link.find(({ relation }) => relation === 'next')?.url;
    }
    expect(found.sort()).toEqual(all);
  });

  test('2.2.5 every entry has a resource, a URL and a mode', async () => {
    const { entry = [] } = bundleOf(await get('Observation?_include=Observation:subject&_count=50'));
    expect(entry.length).toBeGreaterThan(50);
    for (const { resource, fullUrl, search } of entry) {
      expect(fullUrl).toBe(`${server.base}/${resource?.resourceType ?? ''}/${resource?.id ?? ''}`);
      expect(search?.mode).toMatch(/^(match|include)$/);
    }
  });

  test('2.2.6 each row meets every parameter', async () => {
    const [one, other] = [
      await idsOf('Observation?patient=f001'),
      await idsOf('Observation?value-quantity=gt6'),
    ];
    const both = await idsOf('Observation?patient=f001&value-quantity=gt6');
    expect(both).toEqual(one.filter((id) => other.includes(id)));
    expect(both.length).toBeGreaterThan(0);
    expect(both.length).toBeLessThan(one.length);
  });

  test.each([
    'name=cHalm',
    'family=chalmers',
    'given=JIM',
    'name=Peter',
    'address-city=pleasantv',
    'address-state=VIC',
    'address-postalcode=3999',
    'address=534 erewhon',
  ])('2.2.7 %s starts a string, whatever its case', async (query) => {
    expect(await idsOf(`Patient?${encodeURI(query)}`)).toContain('example');
  });

  test.each([
    ['1974', true],
    ['1974-12', true],
    ['1974-12-25', true],
    ['1974-12-26', false],
    ['ne1974-12-25', false],
    ['gt1974-12-24', true],
    ['gt1974-12-25', false],
    ['gt1974', false],
    ['lt1974-12-26', true],
    ['lt1974', false],
    ['ge1974-12-25', true],
    ['ge1974', true],
    ['le1974-12-25', true],
    ['le1974-12-24', false],
    ['sa1974-12-24', true],
    ['sa1974-12-25', false],
    ['eb1974-12-26', true],
    ['eb1974-12-25', false],
    ['ap1974-12-25', true],
  ])('2.2.8 birthdate=%s of 1974-12-25: %s', async (value, meets) => {
    expect((await idsOf(`Patient?birthdate=${value}`)).includes('example')).toBe(meets);
  });

  test.each([
    ['gt1974-12-24T23:59:59%2B00:00', true],
    ['ge1974-12-25T00:00:00%2B00:00', true],
    ['lt1974-12-25T00:00:01Z', true],
    ['lt1974-12-24T19:00:00-05:00', false],
    ['ge1974-12-26T00:00:00.000Z', false],
  ])('2.2.9 a date is compared with the moment %s: %s', async (value, meets) => {
    expect((await idsOf(`Patient?birthdate=${value}`)).includes('example')).toBe(meets);
  });
});

describe('2.5 Status codes', () => {
  const codeOf = ({ text }: Received): unknown =>
    (JSON.parse(text) as OperationOutcome).issue[0]?.details?.coding?.[0]?.code;

  test('2.5.1 an invalid parameter is 400', async () => {
    const answer = await get('ExplanationOfBenefit?service-dates=2020');
    expect([answer.status, codeOf(answer)]).toEqual([400, 'unknown-parameter']);
  });

  test.each([[undefined], ['Bearer x'], [`Bearer ${token}x`], ['Basic Zm9vOmJhcg==']])(
    '2.5.2 a request with Authorization %s is 401',
    async (authorization) => {
      const headers = authorization === undefined ? {} : { authorization };
      for (const path of ['Patient/example', 'Patient?name=x', 'Patient/example/_history', '_history']) {
        const answer = await server.send('GET', `/fhir/${path}`, '', headers);
        expect([path, answer.status, codeOf(answer)]).toEqual([path, 401, 'unauthorized']);
      }
    },
  );

  test('2.5.4 what is unknown is 404, what was deleted 410', async () => {
    const { headers } = await send('POST', 'Basic', '{"resourceType":"Basic","code":{"text":"a"}}');
    const [, id = ''] = /Basic\/([^/]+)/.exec(String(headers['location'])) ?? [];
    expect((await send('DELETE', `Basic/${id}`, '')).status).toBe(204);
    expect([(await get('Basic/nobody')).status, (await get(`Basic/${id}`)).status]).toEqual([404, 410]);
    expect(await idsOf('Basic')).toEqual([]);
  });

  test.each(['patient=f001', 'code=http://loinc.org|15074-8', 'date=ge2000', 'category=vital-signs'])(
    '2.5.5 no search needs a further parameter: %s alone is run, and with a status finds no more',
    async (query) => {
      const alone = await idsOf(`Observation?${query}`);
      const final = await idsOf(`Observation?${query}&status=final`);
      expect(alone.length).toBeGreaterThan(0);
      expect(final.filter((id) => !alone.includes(id))).toEqual([]);
    },
  );
});
