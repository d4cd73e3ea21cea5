import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, OperationOutcome, Resource } from '@medplum/fhirtypes';
import { eachStore } from './eachStore.ts';
import { said, sent, testServer, type Reply, type TestServer } from './server.ts';

describe.each(eachStore('searchsystem'))('on %s', (_name, open) => {
  let server: TestServer;
  const get = (path: string): Promise<Reply> => sent(server.http.get(`/fhir${path}`));
  const names = ({ body }: Reply): string[] =>
    ((body as Bundle).entry ?? []).map(({ resource: r, search }) => {
      const mode = search?.mode === 'match' ? '' : `${search?.mode ?? ''} `;
      return `${mode}${r?.resourceType ?? ''}/${r?.id ?? ''}`;
    });
  const next = ({ body }: Reply): string | undefined =>
    (body as Bundle).link?.find(({ relation }) => relation === 'next')?.url.replace(/^.*?\/fhir/, '');

  /** Every page of a search, until there is none. */
  async function pages(path: string): Promise<string[][]> {
    const all: string[][] = [];
    for (let at: string | undefined = path; at !== undefined;) {
      const reply: Reply = await get(at);
      expect(reply.status).toBe(200);
      all.push(names(reply));
      at = next(reply);
    }
    return all;
  }

  const three = '_type=Condition,Observation,Patient';
  const subject = { reference: 'Patient/p' };
  afterAll(() => server.context.store.close());
  beforeAll(async () => {
    server = await testServer({}, { store: await open() });
    const code = { text: 'x' };
    const all: Resource[] = [
      {
        resourceType: 'Observation',
        id: 'o1',
        status: 'final',
        code,
        subject,
        effectiveDateTime: '2026-03-01',
      },
      { resourceType: 'Patient', id: 'p', birthDate: '1970-01-01', gender: 'female' },
      { resourceType: 'Condition', id: 'c1', subject, recordedDate: '2026-02-01' },
      { resourceType: 'Observation', id: 'o2', status: 'final', code, subject: { reference: 'Patient/q' } },
      { resourceType: 'Patient', id: 'q', link: [{ type: 'seealso', other: subject }] },
      { resourceType: 'Observation', id: 'o3', status: 'final', code, performer: [subject] },
    ];
    await server.load(...(all as (Resource & { id: string })[]));
  });

  describe('a search of several types', () => {
    test('comes type by type in the order of _type, inside a type by first creation', async () => {
      expect(names(await get('?_type=Patient,Observation'))).toEqual([
        'Patient/p',
        'Patient/q',
        'Observation/o1',
        'Observation/o2',
        'Observation/o3',
      ]);
    });

    test('without _type takes all types in the order of the alphabet', async () => {
      expect(names(await get('?_id=c1,o1,o2,o3,p,q'))).toEqual([
        'Condition/c1',
        'Observation/o1',
        'Observation/o2',
        'Observation/o3',
        'Patient/p',
        'Patient/q',
      ]);
    });

    test.each([1, 2, 3, 4, 5, 6])('gives each row once in pages of %i, and no empty page', async (count) => {
      const found = await pages(`?_id=c1,o1,o2,o3,p,q&_count=${count}`);
      expect(found.flat()).toEqual(names(await get('?_id=c1,o1,o2,o3,p,q')));
      expect(found.every((page) => page.length > 0)).toBe(true);
    });

    test.each(['_lastUpdated', '-_lastUpdated', '_id', '-_id'])('is in one order by %s', async (sort) => {
      const one = names(await get(`?${three}&_sort=${sort}`));
      for (const count of [1, 2, 4]) {
        expect((await pages(`?${three}&_sort=${sort}&_count=${count}`)).flat()).toEqual(one);
      }
      const ids = ['c1', 'o1', 'o2', 'o3', 'p', 'q'];
      const written = ['o1', 'p', 'c1', 'o2', 'q', 'o3'];
      const expected = sort.endsWith('_id') ? ids : written;
      if (sort.endsWith('_id'))
        expect(one.map((n) => n.split('/')[1])).toEqual(sort.startsWith('-') ? ids.toReversed() : expected);
      expect(one).toHaveLength(6);
    });

    test('is in one order by a parameter that all of them have, rows without a value last', async () => {
      const of = '?_type=Patient,Practitioner&_sort=birthdate';
      expect((await get(of)).status).toBe(400);
      const dated = await pages('?_type=Observation,Encounter&_sort=-date&_count=1');
      expect(dated.flat()[0]).toBe('Observation/o1');
      expect(dated.flat()).toHaveLength(3);
    });

    test('counts all of them', async () => {
      const { body } = await get(`?${three}&_total=accurate&_count=1`);
      expect((body as Bundle).total).toBe(6);
      const counted = (await get('?_type=Patient,Condition&_summary=count')).body as Bundle;
      expect(counted).toMatchObject({ total: 3 });
      expect(counted.entry).toBeUndefined();
    });

    test('may come as a form', async () => {
      const reply = await sent(server.http.post('/fhir/_search').type('form').send('_type=Patient&_id=p'));
      expect(names(reply)).toEqual(['Patient/p']);
    });

    test('includes each resource once, and none that is a match', async () => {
      expect(names(await get('?_type=Condition,Patient&_include=Condition:subject&_id=c1,p'))).toEqual([
        'Condition/c1',
        'Patient/p',
      ]);
      expect(names(await get('?_type=Condition,Patient&_include=Condition:subject&_id=c1'))).toEqual([
        'Condition/c1',
        'include Patient/p',
      ]);
    });

    test.each([
      ['?name=a', 'unknown-parameter'],
      ['?_type=Patient,Claim&birthdate=1970', 'unknown-parameter'],
      ['?_type=Pateint', 'malformed-value'],
      ['?_type=Patient&_type=Claim', 'repeated-parameter'],
      ['?_type=Patient&_include=Claim:patient', 'malformed-value'],
      ['?_cursor=Nothing.x', 'malformed-cursor'],
      ['?_cursor=Patient.abc.def', 'malformed-cursor'],
      ['?_sort=_id&_cursor=Patient.', 'malformed-cursor'],
      ['?_explain=maybe', 'malformed-value'],
    ])('refuses %s', async (path, code) => {
      const reply = await get(path);
      expect([reply.status, said(reply)[0]?.code]).toEqual([400, code]);
    });

    test('refuses the cursor of another search', async () => {
      const at = next(await get('?_type=Patient,Observation&_count=1')) ?? '';
      const cursor = new URLSearchParams(at.slice(1)).get('_cursor') ?? '';
      const other = await get(
        `?_type=Observation,Patient&_id=p,q&_count=1&_cursor=${encodeURIComponent(cursor)}`,
      );
      expect([other.status, said(other)[0]?.code]).toEqual([400, 'malformed-cursor']);
    });
  });

  describe('a search in a compartment', () => {
    test('finds what is about the patient, of one type', async () => {
      expect(names(await get('/Patient/p/Condition'))).toEqual(['Condition/c1']);
      expect(names(await get('/Patient/p/Observation'))).toEqual(['Observation/o1', 'Observation/o3']);
      expect(names(await get('/Patient/p/Observation?date=2026-03'))).toEqual(['Observation/o1']);
      expect(names(await get('/Patient/p/Patient'))).toEqual(['Patient/p', 'Patient/q']);
      const form = server.http.post('/fhir/Patient/p/Observation/_search').type('form');
      expect(names(await sent(form.send('date=2026-03')))).toEqual(['Observation/o1']);
      expect(names(await get('/Patient/p/Account'))).toEqual([]);
      expect(names(await get('/Patient/p/AuditEvent?_id=x'))).toEqual([]);
    });

    test('finds all that is about the patient, in stable pages', async () => {
      const all = ['Condition/c1', 'Observation/o1', 'Observation/o3', 'Patient/p', 'Patient/q'];
      expect(names(await get('/Patient/p/*'))).toEqual(all);
      expect((await pages('/Patient/p/*?_count=2')).flat()).toEqual(all);
      expect(names(await get('/Patient/p/*?_type=Condition'))).toEqual(['Condition/c1']);
    });

    test('refuses types that are never in it, and types that have none', async () => {
      for (const path of ['/Patient/p/Organization', '/Organization/x/Patient', '/Organization/x/*']) {
        expect((await get(path)).status).toBe(404);
      }
      expect((await get('/Patient/p/*?_type=Organization')).status).toBe(400);
    });
  });

  describe('parts of resources', () => {
    test('_elements gives what is asked for, what is mandatory and what modifies, tagged as a part', async () => {
      const { body } = await get('/Observation?_elements=subject&_id=o1');
      expect((body as Bundle).entry?.[0]?.resource).toEqual({
        resourceType: 'Observation',
        id: 'o1',
        meta: expect.objectContaining({ tag: [expect.objectContaining({ code: 'SUBSETTED' })] }) as unknown,
        status: 'final',
        code: { text: 'x' },
        subject,
      });
    });

    test.each([
      ['_summary=text&_include=Observation:subject', 'malformed-value'],
      ['_summary=half', 'malformed-value'],
      ['_elements=nothing', 'malformed-value'],
      ['_elements=subject&_summary=true', 'repeated-parameter'],
    ])('refuses %s', async (query, code) => {
      const reply = await get(`/Observation?${query}`);
      expect([reply.status, said(reply)[0]?.code]).toEqual([400, code]);
    });
  });

  test('_explain=true says how it was answered, by which index', async () => {
    const reply = await get('/Observation?subject=Patient/p&_explain=true');
    const outcome = (reply.body as Bundle).entry?.at(-1);
    expect(outcome?.search?.mode).toBe('outcome');
    const { issue } = outcome?.resource as OperationOutcome;
    expect(issue.length).toBeGreaterThan(0);
    for (const { details, diagnostics } of issue) {
      expect(details?.coding?.[0]?.code).toBe('search-plan');
      expect(diagnostics).toEqual(expect.any(String));
    }
    expect(names(reply).slice(0, -1)).toEqual(['Observation/o1']);
  });

  test('handling=lenient names what it ignored', async () => {
    const reply = await sent(
      server.http.get('/fhir/Patient?colour=red&gender=female').set('Prefer', 'handling=lenient'),
    );
    expect(names(reply)).toEqual(['Patient/p', 'outcome OperationOutcome/']);
    expect((reply.body as Bundle).link?.[0]?.url).toMatch(/\/Patient\?gender=female$/);
  });

  describe('what the server brings along', () => {
    const url = 'https://claimwright.example/fhir/SearchParameter/Claim-service-date';

    test('is found by url and by code, and read by id', async () => {
      const [name = ''] = names(await get(`/SearchParameter?url=${url}`));
      expect(name).toBe('SearchParameter/Claim-service-date');
      expect((await get(`/${name}`)).body).toMatchObject({ url, meta: { versionId: '1' } });
      expect((await get(`/${name}/_history/1`)).status).toBe(200);
      expect(names(await get('/OperationDefinition?code=scrub'))).toEqual([
        'OperationDefinition/Claim-scrub',
      ]);
      expect(names(await get('/CompartmentDefinition?_sort=_id'))).toHaveLength(5);
    });

    test('comes after what is stored, in stable pages, with one total', async () => {
      const all = (await pages('/OperationDefinition?_count=3')).flat();
      expect(new Set(all).size).toBe(all.length);
      expect((await pages('/OperationDefinition?_count=4&_sort=-_id')).flat()).toEqual(
        all.toSorted().toReversed(),
      );
      const { total } = (await get('/OperationDefinition?_summary=count')).body as Bundle;
      expect(total).toBe(all.length);
    });

    test('is hidden by what is stored under its id', async () => {
      const own = { resourceType: 'CompartmentDefinition', id: 'device', url: 'urn:own' } as const;
      const rest = { name: 'Own', status: 'active', code: 'Device', search: true } as const;
      await server.load({ ...own, ...rest });
      expect((await get('/CompartmentDefinition/device')).body).toMatchObject({ url: 'urn:own' });
      expect(names(await get('/CompartmentDefinition?_id=device'))).toEqual(['CompartmentDefinition/device']);
      expect((await get('/CompartmentDefinition?_summary=count')).body).toMatchObject({ total: 5 });
    });
  });
});
