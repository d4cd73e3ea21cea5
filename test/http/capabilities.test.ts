import { beforeAll, describe, expect, test } from '@jest/globals';
import type { CapabilityStatement, CapabilityStatementRest, OperationDefinition } from '@medplum/fhirtypes';
import { operations } from '../../src/operation/index.ts';
import { codeOfIssue, type Issue } from '../../src/outcome/issue.ts';
import { put, sent, testServer, type TestServer } from './server.ts';

let server: TestServer;
let statement: CapabilityStatement;
let rest: CapabilityStatementRest;
beforeAll(async () => {
  server = await testServer();
  statement = (await sent(server.http.get('/fhir/metadata'))).body as CapabilityStatement;
  rest = statement.rest?.[0] as CapabilityStatementRest;
});

describe('the CapabilityStatement', () => {
  test('is a sound resource of R4 that speaks JSON', () => {
    expect(server.context.validate(statement)).toEqual([]);
    expect(statement.fhirVersion).toBe('4.0.1');
    expect(statement.format).toEqual(['json', 'application/fhir+json', 'application/json']);
  });

  test('lists all 146 resource types', () => {
    expect(rest.resource).toHaveLength(146);
  });

  test('lists only interactions that answer, for every type', async () => {
    for (const { type, interaction = [] } of rest.resource ?? []) {
      const codes = interaction.map(({ code }) => code);
      const { http } = server;
      const answers = {
        read: (await http.get(`/fhir/${type}/nobody`)).status,
        vread: (await http.get(`/fhir/${type}/nobody/_history/1`)).status,
        'history-instance': (await http.get(`/fhir/${type}/nobody/_history`)).status,
        delete: (await http.delete(`/fhir/${type}/nobody`)).status,
        'search-type': (await http.get(`/fhir/${type}?_count=1`)).status,
        create: (await http.post(`/fhir/${type}`).set('Content-Type', 'application/fhir+json').send('{}'))
          .status,
        patch: (
          await http
            .patch(`/fhir/${type}/nobody`)
            .set('Content-Type', 'application/json-patch+json')
            .send('[]')
        ).status,
        'history-type': (await http.get(`/fhir/${type}/_history`)).status,
        update: (await put(http, { resourceType: type, id: 'a' } as never)).status < 500 ? 200 : 500,
      };
      expect({ type, codes: codes.sort() }).toEqual({ type, codes: Object.keys(answers).sort() });
      expect({ type, answers }).toEqual({
        type,
        answers: {
          read: 404,
          vread: 404,
          'history-instance': 404,
          delete: 204,
          'search-type': 200,
          create: 400,
          patch: 404,
          'history-type': 200,
          update: 200,
        },
      });
    }
  });

  test('lists only search parameters that answer', async () => {
    const values: Readonly<Record<string, string>> = {
      token: 'a',
      reference: 'Patient/a',
      date: '2026-01-01',
      string: 'a',
      number: '1',
      quantity: '1',
      uri: 'urn:a',
    };
    const refused: string[] = [];
    for (const { type, searchParam = [] } of rest.resource ?? []) {
      const query = searchParam.map(({ name, type: kind }) => `${name}=${values[kind] ?? ''}`).join('&');
      const { status, text } = await sent(server.http.get(`/fhir/${type}?${query}`));
      if (status !== 200) refused.push(`${type}: ${text}`);
    }
    expect(refused).toEqual([]);
  });

  test('lists only includes that answer', async () => {
    const refused: string[] = [];
    for (const { type, searchInclude = [], searchRevInclude = [] } of rest.resource ?? []) {
      for (const query of [
        ...searchInclude.map((include) => `_include=${include}`),
        ...searchRevInclude.slice(0, 5).map((include) => `_revinclude=${include}`),
      ]) {
        const { status } = await sent(server.http.get(`/fhir/${type}?${query}`));
        if (status !== 200) refused.push(`${type}?${query}`);
      }
    }
    expect(refused).toEqual([]);
  });

  test('lists every operation, and each answers and is described where it says', async () => {
    const listed = [
      ...(rest.operation ?? []),
      ...(rest.resource ?? []).flatMap(({ operation = [] }) => operation),
    ];
    expect(new Set(listed.map(({ definition }) => definition))).toEqual(
      new Set(operations.map(({ definition }) => definition.url)),
    );
    for (const { definition } of operations) {
      const { id = '', code, type, instance, resource = [] } = definition;
      const { status, body } = await sent(server.http.get(`/fhir/OperationDefinition/${id}`));
      expect({ id, status, code: (body as OperationDefinition).code }).toEqual({ id, status: 200, code });
      for (const r of resource) {
        const paths = [...(type ? [`${r}/$${code}`] : []), ...(instance ? [`${r}/nobody/$${code}`] : [])];
        for (const path of paths) {
          const reply = await sent(server.http.post(`/fhir/${path}`));
          const codes = ((reply.body as { issue?: Issue[] }).issue ?? []).map(codeOfIssue);
          expect({ path, known: !codes.includes('unknown-operation'), fault: reply.status >= 500 }).toEqual({
            path,
            known: true,
            fault: false,
          });
        }
      }
    }
  });

  test('says 404 or 405 to what it does not list', async () => {
    const { http } = server;
    expect((await http.get('/fhir/Patient/_search')).status).toBe(405);
    expect((await http.put('/fhir')).status).toBe(405);
    expect((await http.options('/fhir/Patient/a')).status).toBe(405);
    expect((await http.post('/fhir/Patient/$match')).status).toBe(404);
  });
});

test('metadata needs no slash and minds none', async () => {
  expect((await server.http.get('/fhir/metadata/')).status).toBe(200);
});
