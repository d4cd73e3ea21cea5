import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, Parameters, Resource } from '@medplum/fhirtypes';
import { eachStore } from './eachStore.ts';
import { post, said, sent, testServer, type Reply, type TestServer } from './server.ts';

describe.each(eachStore('everything'))('on %s', (_name, open) => {
  let server: TestServer;
  const get = (path: string): Promise<Reply> => sent(server.http.get(`/fhir${path}`));
  const names = ({ body }: Reply): string[] =>
    ((body as Bundle).entry ?? []).map(({ resource: r, search }) => {
      const mode = search?.mode === 'match' ? '' : `${search?.mode ?? ''} `;
      return `${mode}${r?.resourceType ?? ''}/${r?.id ?? ''}`;
    });
  const next = ({ body }: Reply): string | undefined =>
    (body as Bundle).link?.find(({ relation }) => relation === 'next')?.url.replace(/^.*?\/fhir/, '');

  async function pages(path: string): Promise<string[]> {
    const all: string[] = [];
    for (let at: string | undefined = path; at !== undefined;) {
      const reply: Reply = await get(at);
      expect(reply.status).toBe(200);
      expect(names(reply).length).toBeGreaterThan(0);
      all.push(...names(reply));
      at = next(reply);
    }
    return all;
  }

  const code = { text: 'x' };
  const to = (reference: string) => ({ reference });
  const visit = (id: string, patient: string, day: string): Resource => ({
    resourceType: 'Encounter',
    id,
    status: 'finished',
    class: { code: 'AMB' },
    subject: to(`Patient/${patient}`),
    period: { start: day, end: day },
    participant: [{ individual: to('Practitioner/doctor') }],
    location: [{ location: to('Location/room') }],
    account: [to(`Account/${patient}`)],
  });
  afterAll(() => server.context.store.close());
  beforeAll(async () => {
    server = await testServer({}, { store: await open() });
    const all: Resource[] = [
      { resourceType: 'Organization', id: 'practice', partOf: to('Organization/group') },
      { resourceType: 'Organization', id: 'group' },
      { resourceType: 'Organization', id: 'elsewhere' },
      { resourceType: 'Practitioner', id: 'doctor' },
      { resourceType: 'Location', id: 'room', managingOrganization: to('Organization/practice') },
      { resourceType: 'Patient', id: 'a', link: [{ type: 'seealso', other: to('Patient/b') }] },
      { resourceType: 'Patient', id: 'b' },
      { resourceType: 'Account', id: 'a', status: 'active', subject: [to('Patient/a')] },
      { resourceType: 'Account', id: 'b', status: 'active', subject: [to('Patient/b')] },
      visit('old', 'a', '2025-01-10'),
      visit('new', 'a', '2026-01-10'),
      visit('other', 'b', '2026-01-10'),
      {
        resourceType: 'Observation',
        id: 'pulse',
        status: 'final',
        code,
        subject: to('Patient/a'),
        encounter: to('Encounter/new'),
        effectiveDateTime: '2026-01-10',
      },
      {
        resourceType: 'ChargeItem',
        id: 'charge',
        status: 'billable',
        code,
        subject: to('Patient/a'),
        context: to('Encounter/new'),
        account: [to('Account/a')],
      },
    ];
    await server.load(...(all as (Resource & { id: string })[]));
  });

  const ofA = [
    'Account/a',
    'ChargeItem/charge',
    'Encounter/old',
    'Encounter/new',
    'Observation/pulse',
    'Patient/a',
  ];
  const supporting = [
    'Location/room',
    'Organization/group',
    'Organization/practice',
    'Practitioner/doctor',
  ].map((name) => `include ${name}`);

  describe('Patient/[id]/$everything', () => {
    test('gives the compartment and what supports it, each once, and nothing of others', async () => {
      const reply = await get('/Patient/a/$everything');
      expect(reply.status).toBe(200);
      expect(names(reply)).toEqual([...ofA, ...supporting]);
      expect(reply.body).toMatchObject({ type: 'searchset', total: ofA.length });
      expect(next(reply)).toBeUndefined();
    });

    test.each([1, 2, 3, 4, 6, 7, 9])('gives the same in pages of %i', async (count) => {
      expect(await pages(`/Patient/a/$everything?_count=${count}`)).toEqual([...ofA, ...supporting]);
    });

    test('by POST as by GET', async () => {
      const parameter = [{ name: '_type', valueCode: 'Encounter' }];
      const reply = await post(server.http, '/Patient/a/$everything', {
        resourceType: 'Parameters',
        parameter,
      });
      expect(names(reply)).toEqual(['Encounter/old', 'Encounter/new']);
    });

    test('of the types that are asked for', async () => {
      expect(names(await get('/Patient/a/$everything?_type=Encounter,Location'))).toEqual([
        'Encounter/old',
        'Encounter/new',
        'include Location/room',
      ]);
    });

    test('of care between two days; what has no day of care is in it', async () => {
      expect(names(await get('/Patient/a/$everything?start=2026-01-01&_type=Encounter,Observation'))).toEqual(
        ['Encounter/new', 'Observation/pulse'],
      );
      expect(names(await get('/Patient/a/$everything?end=2025-12-31')).slice(0, 4)).toEqual([
        'Account/a',
        'ChargeItem/charge',
        'Encounter/old',
        'Patient/a',
      ]);
    });

    test('written since a moment', async () => {
      const { body } = await get('/Observation/pulse');
      const since = (body as Resource).meta?.lastUpdated ?? '';
      const found = names(await get(`/Patient/a/$everything?_since=${encodeURIComponent(since)}`));
      expect(found).toContain('Observation/pulse');
      expect(found).not.toContain('Patient/a');
      expect(names(await get('/Patient/a/$everything?_since=2100-01-01T00:00:00Z'))).toEqual([]);
    });

    test.each([
      ['/Patient/nobody/$everything', 404, 'not-found'],
      ['/Patient/a/$everything?_count=0', 400, 'malformed-value'],
      ['/Patient/a/$everything?_type=Person,Nothing', 400, 'malformed-value'],
      ['/Patient/a/$everything?_since=yesterday', 422, 'wrong-format'],
      ['/Patient/a/$everything?start=2026-13-01', 422, 'wrong-format'],
      ['/Patient/a/$everything?_cursor=nothing', 400, 'malformed-cursor'],
      ['/Patient/a/$everything?colour=red', 400, 'unknown-parameter'],
      ['/Encounter/new/$everything?start=2026-01-01', 400, 'unknown-parameter'],
    ])('%s is %i', async (path, status, expected) => {
      const reply = await get(path);
      expect([reply.status, said(reply)[0]?.code]).toEqual([status, expected]);
    });
  });

  test('Patient/$everything gives the records of all', async () => {
    const found = await pages('/Patient/$everything?_count=5');
    expect(found.filter((name) => !name.startsWith('include')).sort()).toEqual(
      [...ofA, 'Account/b', 'Encounter/other', 'Patient/b'].sort(),
    );
  });

  test('Encounter/[id]/$everything gives one visit and what it refers to', async () => {
    const found = await pages('/Encounter/new/$everything?_count=3');
    expect(found).toEqual([
      'ChargeItem/charge',
      'Encounter/new',
      'Observation/pulse',
      'include Account/a',
      'include Location/room',
      'include Organization/group',
      'include Organization/practice',
      'include Patient/a',
      'include Practitioner/doctor',
    ]);
  });

  test('Account/[id]/$everything gives what is on it and what that refers to', async () => {
    const found = names(await get('/Account/a/$everything'));
    expect(found.slice(0, 4)).toEqual(['Account/a', 'ChargeItem/charge', 'Encounter/old', 'Encounter/new']);
    expect(found).toContain('include Patient/a');
    expect(found.join()).not.toMatch(/Patient\/b|other/);
  });

  test('Account/[id]/$everything gives claims that name it, and what follows from them', async () => {
    const url = 'https://claimwright.example/fhir/StructureDefinition/account';
    const money = { value: 1, currency: 'USD' };
    const about = {
      status: 'active',
      type: code,
      use: 'claim',
      created: '2026-01-11',
      patient: to('Patient/a'),
    };
    const all = [
      {
        resourceType: 'Claim',
        id: 'named',
        ...about,
        extension: [{ url, valueReference: to('Account/a') }],
        provider: to('Organization/practice'),
        priority: code,
        insurance: [{ sequence: 1, focal: true, coverage: { display: 'none' } }],
      },
      {
        resourceType: 'ClaimResponse',
        id: 'answer',
        ...about,
        insurer: to('Organization/group'),
        request: to('Claim/named'),
        outcome: 'complete',
      },
      {
        resourceType: 'Invoice',
        id: 'bill',
        status: 'issued',
        account: to('Account/a'),
        totalNet: money,
      },
      {
        resourceType: 'Task',
        id: 'work',
        status: 'requested',
        intent: 'order',
        focus: to('ChargeItem/charge'),
      },
    ];
    await server.load(...(all as (Resource & { id: string })[]));
    const found = names(await get('/Account/a/$everything'));
    expect(found).toEqual(
      expect.arrayContaining(['Claim/named', 'ClaimResponse/answer', 'Invoice/bill', 'Task/work']),
    );
    expect(names(await get('/Account/b/$everything')).join()).not.toMatch(/named|answer|bill|work/);
  });

  describe('$meta', () => {
    const labels = { tag: [{ system: 'urn:t', code: 'one' }], profile: ['urn:profile'] };
    const meta = ({ body }: Reply) => (body as Parameters).parameter?.[0]?.valueMeta;
    const relabel = (how: string, valueMeta: object) =>
      post(server.http, `/Practitioner/doctor/$meta-${how}`, {
        resourceType: 'Parameters',
        parameter: [{ name: 'meta', valueMeta }],
      });

    test('labels are sets that grow and shrink, each change a version', async () => {
      expect(meta(await relabel('add', labels))).toMatchObject({ versionId: '2', ...labels });
      expect(meta(await relabel('add', { tag: [{ ...labels.tag[0], display: 'One' }] }))).toMatchObject({
        versionId: '2',
        tag: labels.tag,
      });
      expect(meta(await relabel('add', { security: [{ system: 'urn:s', code: 'R' }] }))?.versionId).toBe('3');
      expect(meta(await relabel('delete', { profile: ['urn:profile', 'urn:none'] }))).toEqual({
        versionId: '4',
        lastUpdated: expect.any(String) as unknown,
        tag: labels.tag,
        security: [{ system: 'urn:s', code: 'R' }],
      });
    });

    test('is that of a resource, of a version, of a type, of all', async () => {
      expect(meta(await get('/Practitioner/doctor/$meta'))?.versionId).toBe('4');
      expect(meta(await get('/Practitioner/doctor/_history/2/$meta'))).toMatchObject({
        versionId: '2',
        ...labels,
      });
      expect(meta(await get('/Practitioner/$meta'))).toEqual({
        tag: labels.tag,
        security: [{ system: 'urn:s', code: 'R' }],
      });
      expect(meta(await get('/$meta'))).toMatchObject({ tag: labels.tag });
      expect(meta(await get('/Location/$meta'))).toEqual({});
    });

    test.each([
      ['/Practitioner/nobody/$meta', 404],
      ['/Practitioner/doctor/_history/99/$meta', 404],
      ['/Practitioner/doctor/$meta-add', 405],
      ['/Practitioner/doctor/_history/2/$meta-add', 404],
      ['/Practitioner/doctor/_history/2/$everything', 404],
    ])('GET %s is %i', async (path, status) => {
      expect((await get(path)).status).toBe(status);
    });
  });
});
