import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Resource } from '@medplum/fhirtypes';
import supertest from 'supertest';
import { createApp } from '../../../src/app.ts';
import { openOffice, type Office } from '../../firm/office.ts';
import { patient, visit } from '../../firm/visit.ts';
import { eachStore } from '../../http/eachStore.ts';
import { fhirJson } from '../../http/server.ts';
import { AsAccount } from '../../smart/asAccount.ts';

const people = {
  resourceType: 'ViewDefinition',
  name: 'people',
  status: 'active',
  resource: 'Patient',
  select: [
    { column: [{ name: 'id', path: 'getResourceKey()' }] },
    { forEachOrNull: 'name', column: [{ name: 'family', path: 'family' }] },
  ],
};
const visits = {
  ...{ resourceType: 'ViewDefinition', status: 'active', resource: 'Encounter' },
  select: [
    {
      column: [
        { name: 'id', path: 'getResourceKey()' },
        { name: 'patient', path: 'subject.getReferenceKey(Patient)' },
      ],
    },
  ],
};
const user = (name: string, role: string, practice: string) => ({
  ...{ name, kind: 'user' as const, roles: [role], users: [], practices: [practice] },
});
const endless = (path: string): object => ({ ...people, select: [{ column: [{ name: 'a', path }] }] });

describe.each(eachStore('office-views'))('views on %s', (_, open) => {
  let o: Office;
  let accounts: AsAccount;
  let http: ReturnType<typeof supertest>;

  const run = (view: object, query = '', more: readonly object[] = []) =>
    http
      .post(`/fhir/$viewdefinition-run${query}`)
      .set('Content-Type', fhirJson)
      .send({
        resourceType: 'Parameters',
        parameter: [{ name: 'viewResource', resource: view }, ...more],
      })
      .buffer(true)
      .parse((res, done) => {
        let text = '';
        res.on('data', (part: Buffer) => (text += part.toString('utf8')));
        res.on('end', () => {
          done(null, text);
        });
      });
  const body = (answer: { body: unknown }): string => answer.body as string;
  const rows = (answer: { body: unknown }): { readonly id: string; readonly patient?: string }[] =>
    JSON.parse(body(answer)) as { id: string }[];
  const codeOf = (text: string): unknown =>
    (JSON.parse(text) as { issue?: { details: { coding: { code: string }[] } }[] }).issue?.[0]?.details
      .coding[0]?.code;

  beforeAll(async () => {
    o = await openOffice(open, { now: () => new Date().toISOString() });
    http = supertest(createApp(o.context));
    accounts = new AsAccount(o.context);
    await accounts.is(user('biller', 'biller', 'alder-street-clinic'));
    await accounts.is(user('hospital', 'biller', 'bellwater-hospital'));
    for (const id of ['ada', 'bea', 'cia']) await o.put(patient(id), visit(`${id}-1`, id, '2026-09-10'));
  }, 120_000);
  afterAll(() => o.close());

  test('10 a view sent along gives its rows as JSON, NDJSON and CSV', async () => {
    const json = await run(people);
    expect([json.status, json.headers['content-type']]).toEqual([200, 'application/json']);
    expect(rows(json).map(({ id }) => id)).toEqual(expect.arrayContaining(['ada', 'bea', 'cia']));
    const lines = body(await run(people, '?_format=ndjson'))
      .trim()
      .split('\n');
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual(rows(json));
    const csv = await run(people, '?_format=csv');
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(body(csv).split('\r\n')[0]).toBe('id,family');
    expect(body(csv).trim().split('\r\n')).toHaveLength(rows(json).length + 1);
    const bare = await run(people, '?_format=csv', [{ name: 'header', valueBoolean: false }]);
    expect(body(bare).trim().split('\r\n')).toHaveLength(rows(json).length);
    expect(rows(await run(people, '', [{ name: '_limit', valueInteger: 2 }]))).toHaveLength(2);
  });

  test('10 the type ViewDefinition and the later name $sql-run lead to the same', async () => {
    const ways = [
      'ViewDefinition/$viewdefinition-run',
      'ViewDefinition/$sql-run',
      '$sql-run',
      'Library/$sql-run',
    ];
    const whole = rows(await run(people));
    for (const way of ways) {
      const { status, body: told } = (await http
        .post(`/fhir/${way}`)
        .set('Content-Type', fhirJson)
        .set('Accept', 'application/json')
        .send({ resourceType: 'Parameters', parameter: [{ name: 'viewResource', resource: people }] })) as {
        status: number;
        body: unknown;
      };
      expect([way, status, told]).toEqual([way, 200, whole]);
    }
  });

  test('10 a view kept in a Library is run by its path, by reference and by its canonical', async () => {
    const library: Resource & { id: string } = {
      ...{
        resourceType: 'Library',
        id: 'people',
        status: 'active',
        url: 'https://clinic.example/views/people',
      },
      type: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/library-type', code: 'logic-library' }],
      },
      content: [
        { contentType: 'application/json', data: Buffer.from(JSON.stringify(people)).toString('base64') },
      ],
    };
    await o.put(library);
    const whole = rows(await run(people));
    for (const path of [
      'Library/people/$viewdefinition-run',
      'ViewDefinition/people/$viewdefinition-run?_format=json',
      '$viewdefinition-run?viewReference=Library/people',
      '$viewdefinition-run?viewReference=https://clinic.example/views/people',
    ]) {
      const answer = await http.get(`/fhir/${path}`);
      expect([path, answer.status, answer.body]).toEqual([path, 200, whole]);
    }
    const gone = await http.get('/fhir/Library/nobody/$viewdefinition-run');
    expect(gone.status).toBe(404);
  });

  test('10 patient, group and _since say of what', async () => {
    const of = async (more: object): Promise<string[]> =>
      rows(await run(visits, '', [more])).map(({ id }) => id);
    expect(await of({ name: 'patient', valueReference: { reference: 'Patient/ada' } })).toEqual(['ada-1']);
    await o.put({
      ...{ resourceType: 'Group', id: 'two', type: 'person', actual: true },
      member: ['ada', 'bea'].map((id) => ({ entity: { reference: `Patient/${id}` } })),
    });
    const group = { name: 'group', valueReference: { reference: 'Group/two' } };
    expect((await of(group)).sort()).toEqual(['ada-1', 'bea-1']);
    const nobody = await run(visits, '', [{ name: 'patient', valueReference: { reference: 'Patient/x' } }]);
    expect(nobody.status).toBe(404);
    const outside = [group, { name: 'patient', valueReference: { reference: 'Patient/cia' } }];
    expect((await run(visits, '', outside)).status).toBe(404);
    const late = { name: '_since', valueInstant: new Date(Date.now() + 60_000).toISOString() };
    expect(await of(late)).toEqual([]);
  });

  test('10 resources that are sent are made rows of instead of what is stored', async () => {
    const sent = [
      { name: 'resource', resource: { resourceType: 'Patient', id: 'sent', name: [{ family: 'X' }] } },
    ];
    expect(rows(await run(people, '', sent))).toEqual([{ id: 'sent', family: 'X' }]);
  });

  test('10 a caller has rows of what they see', async () => {
    const as = async (name: string): Promise<string[]> => {
      const answer = await accounts.ask(name, 'post', '$viewdefinition-run', {
        resourceType: 'Parameters',
        parameter: [{ name: 'viewResource', resource: visits }],
      });
      return (answer.body as unknown as { id: string }[]).map(({ id }) => id);
    };
    expect((await as('biller')).sort()).toEqual(['ada-1', 'bea-1', 'cia-1']);
    expect(await as('hospital')).toEqual([]);
  });

  test.each([
    ['no view', '', undefined, 400, 'view-missing'],
    ['a view of no resource type', '', { ...people, resource: 'Person2' }, 422, 'view-malformed'],
    ['an element that is not run', '', { ...people, limit: 3 }, 422, 'view-malformed'],
    ['what is no FHIRPath', '', endless('name.('), 422, 'view-path'],
    ['an unknown function', '', endless('name.conjure()'), 422, 'view-path'],
    ['a constant that is not there', '', endless('%nobody'), 422, 'view-path'],
    ['several values in a column', '', endless("('a' | 'b')"), 422, 'view-value'],
    ['parquet', '?_format=parquet', people, 406, 'not-acceptable'],
    [
      'a product without end',
      '',
      {
        ...people,
        select: [{ repeat: ['$this'], column: [{ name: 'a', path: 'id' }] }],
      },
      422,
      'view-rows',
    ],
  ] as const)('10 neighbour: %s is refused', async (_name, query, view, status, code) => {
    const answer =
      view === undefined
        ? await http
            .post('/fhir/$viewdefinition-run')
            .set('Content-Type', fhirJson)
            .send({ resourceType: 'Parameters' })
        : await run(view, query);
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
    expect([answer.status, codeOf(text)]).toEqual([status, code]);
  });

  test('10 neighbour: another source is refused', async () => {
    const answer = await run(people, '', [{ name: 'source', valueString: 's3://bucket' }]);
    expect([answer.status, codeOf(body(answer))]).toEqual([422, 'view-source']);
  });
});
