import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Bundle, OperationOutcome, Resource } from '@medplum/fhirtypes';
import request, { type Response } from 'supertest';
import { createApp } from '../../src/app.ts';
import type { Context, WriteHook } from '../../src/interaction/context.ts';
import { conflict } from '../../src/outcome/fhirError.ts';
import { confinement, type Access, type TypeAccess } from '../../src/store/access/access.ts';
import { testContext } from '../context.ts';
import { minimal, put } from '../contract/caseTable.ts';
import { eachStore } from './eachStore.ts';

const own: TypeAccess = { see: 'patient', write: 'patient' };
const accesses: Readonly<Record<string, Access>> = {
  all: 'all',
  ann: confinement({
    patients: ['ann'],
    types: {
      Patient: own,
      Observation: own,
      Encounter: own,
      Account: own,
      Claim: own,
      Invoice: own,
      Organization: { see: 'open' },
    },
  }),
};

const refer = (reference: string): { reference: string } => ({ reference });
const observation = (id: string | undefined, patient: string, more: Record<string, unknown> = {}) =>
  minimal({
    resourceType: 'Observation',
    ...(id === undefined ? {} : { id }),
    status: 'final',
    code: { text: 'x' },
    subject: refer(`Patient/${patient}`),
    ...more,
  } as never);
const chart = [
  minimal({ resourceType: 'Organization', id: 'clinic', name: 'Clinic' }),
  ...['ann', 'bob'].flatMap((patient) => [
    minimal({ resourceType: 'Patient', id: patient, identifier: [{ system: 'urn:mrn', value: patient }] }),
    observation(`of-${patient}`, patient),
    minimal({
      resourceType: 'Account',
      id: `of-${patient}`,
      status: 'active',
      subject: [refer(`Patient/${patient}`)],
    }),
    minimal({
      resourceType: 'Encounter',
      id: `of-${patient}`,
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
      subject: refer(`Patient/${patient}`),
    }),
  ]),
  observation('linking', 'ann', { hasMember: [refer('Observation/of-bob')] }),
  observation('shared', 'bob', { hasMember: [refer('Observation/of-ann')] }),
];

/** Refuses every change of an Invoice that is there. */
const guard: WriteHook = {
  types: ['Invoice'],
  async run(_context, _tx, { before }) {
    if (await before()) throw conflict('guarded', 'An Invoice does not change');
    return undefined;
  },
};

describe.each(eachStore('access'))('a confined caller on %s', (_, open) => {
  let context: Context;
  let app: ReturnType<typeof createApp>;
  beforeEach(async () => {
    context = await testContext({ store: await open(), hooks: [guard] });
    await put(context.store, ...chart);
    app = createApp(context, {
      principalOf: ({ headers }) => {
        const name = String(headers['x-principal'] ?? 'all');
        return { name, access: accesses[name] ?? 'all' };
      },
    });
  });
  afterEach(() => context.store.close());

  const as = (
    name: string,
    method: 'get' | 'post' | 'put' | 'patch' | 'delete',
    path: string,
    body?: unknown,
  ) => {
    const asked = request(app)
      [method](`/fhir/${path}`)
      .set('x-principal', name)
      .set('content-type', 'application/fhir+json');
    return body === undefined ? asked : asked.send(body as object);
  };
  const ann = (method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string, body?: unknown) =>
    as('ann', method, path, body);
  const ids = ({ body }: Response): string[] =>
    ((body as Bundle).entry ?? [])
      .map((e) => `${e.resource?.resourceType ?? ''}/${e.resource?.id ?? ''}`)
      .sort();
  /** What an answer says, but for what it repeats of the URL. */
  const said = ({ status, text }: Response, id: string): unknown => [status, text.replaceAll(id, 'ID')];

  test('1.2 reads do not tell apart what is hidden and what does not exist', async () => {
    await as('all', 'delete', 'Observation/shared');
    expect((await as('all', 'get', 'Observation/shared')).status).toBe(410);
    expect((await ann('get', 'Observation/of-ann')).status).toBe(200);
    for (const tail of ['', '/_history', '/_history/1', '/$meta', '?_summary=true'])
      for (const id of ['of-bob', 'shared'])
        expect(said(await ann('get', `Observation/${id}${tail}`), id)).toEqual(
          said(await ann('get', `Observation/nowhere${tail}`), 'nowhere'),
        );
    expect((await ann('get', 'Observation/of-bob')).status).toBe(404);
  });

  test('1.2 searches, totals, includes and chains know nothing of what is hidden', async () => {
    expect(ids(await ann('get', 'Observation'))).toEqual(['Observation/linking', 'Observation/of-ann']);
    const counted = await ann('get', 'Observation?_summary=count');
    expect((counted.body as Bundle).total).toBe(2);
    const included = await ann('get', 'Observation?_include=*&_revinclude=*');
    expect(ids(included)).toEqual(['Observation/linking', 'Observation/of-ann', 'Patient/ann']);
    expect(ids(await ann('get', 'Observation?has-member.subject=Patient/bob'))).toEqual([]);
    expect(ids(await ann('get', 'Patient?_has:Observation:subject:_id=of-bob'))).toEqual([]);
    expect(ids(await ann('get', 'Patient/bob/Observation'))).toEqual([]);
    expect(ids(await ann('get', 'Patient/bob/*'))).toEqual([]);
    expect(ids(await ann('get', '?_type=Patient,Observation,Account'))).toHaveLength(4);
    expect((await ann('get', 'Observation?_explain=true')).status).toBe(403);
    const all = await ann('get', '_history');
    expect(ids(all).filter((name) => name.includes('bob') || name.includes('shared'))).toEqual([]);
    expect(ids(await ann('get', 'Observation/_history'))).toEqual([
      'Observation/linking',
      'Observation/of-ann',
    ]);
  });

  test('1.2 the history of a resource has the versions that were theirs', async () => {
    await as('all', 'put', 'Observation/shared', observation('shared', 'ann'));
    const { body } = (await ann('get', 'Observation/shared/_history')) as { body: unknown };
    expect((body as Bundle).entry?.map(({ resource }) => resource?.meta?.versionId)).toEqual(['2']);
    expect((body as Bundle).total).toBeUndefined();
    expect((await ann('get', 'Observation/shared/_history/1')).status).toBe(404);
  });

  test('1.2 who is confined creates by POST, and changes what is theirs', async () => {
    expect((await ann('post', 'Observation', observation(undefined, 'ann'))).status).toBe(201);
    expect((await ann('post', 'Observation', observation(undefined, 'bob'))).status).toBe(403);
    expect(
      (await ann('put', 'Observation/of-ann', observation('of-ann', 'ann', { status: 'amended' }))).status,
    ).toBe(200);
    expect((await ann('put', 'Observation/of-ann', observation('of-ann', 'bob'))).status).toBe(403);
    const patch = [{ op: 'replace', path: '/subject/reference', value: 'Patient/bob' }];
    const patched = await ann('patch', 'Observation/of-ann', patch).set(
      'content-type',
      'application/json-patch+json',
    );
    expect(patched.status).toBe(403);
    for (const id of ['of-bob', 'nowhere']) {
      expect((await ann('put', `Observation/${id}`, observation(id, 'ann'))).status).toBe(404);
      expect((await ann('delete', `Observation/${id}`)).status).toBe(204);
      const missed = await ann('patch', `Observation/${id}`, patch).set(
        'content-type',
        'application/json-patch+json',
      );
      expect(missed.status).toBe(404);
    }
    expect((await as('all', 'get', 'Observation/of-bob')).status).toBe(200);
    expect(
      (await ann('post', 'Task', { resourceType: 'Task', status: 'requested', intent: 'order' })).status,
    ).toBe(403);
  });

  test('1.2 neighbour: a hook that guards a type says nothing of what is hidden', async () => {
    const invoice = (id: string, patient: string, status: string) =>
      minimal({ resourceType: 'Invoice', id, status, subject: refer(`Patient/${patient}`) });
    await put(context.store, invoice('of-bob', 'bob', 'issued'), invoice('of-ann', 'ann', 'issued'));
    expect((await as('all', 'put', 'Invoice/of-bob', invoice('of-bob', 'bob', 'balanced'))).status).toBe(409);
    expect((await ann('put', 'Invoice/of-ann', invoice('of-ann', 'ann', 'balanced'))).status).toBe(409);
    for (const id of ['of-bob', 'nowhere'])
      expect((await ann('put', `Invoice/${id}`, invoice(id, 'ann', 'balanced'))).status).toBe(404);
    expect((await ann('delete', 'Invoice/of-bob')).status).toBe(204);
    expect((await as('all', 'get', 'Invoice/of-bob')).status).toBe(200);
  });

  test('1.2 conditions see only what is theirs', async () => {
    const bob = 'Patient?identifier=urn:mrn|bob';
    expect((await ann('delete', bob)).status).toBe(204);
    expect((await as('all', 'get', 'Patient/bob')).status).toBe(200);
    const referring = await ann('post', 'Observation', {
      ...observation(undefined, 'ann'),
      focus: [refer(bob)],
    });
    expect(referring.status).toBe(422);
    const existing = await ann('post', 'Observation', observation(undefined, 'ann')).set(
      'if-none-exist',
      '_id=of-ann',
    );
    expect([existing.status, (existing.body as Resource).id]).toEqual([200, 'of-ann']);
    const hidden = await ann('post', 'Observation', observation(undefined, 'ann')).set(
      'if-none-exist',
      '_id=of-bob',
    );
    expect(hidden.status).toBe(201);
  });

  test('1.2 referrers count whoever they are, and only visible ones are named', async () => {
    const { status, body } = (await ann('delete', 'Observation/of-ann')) as { body: unknown; status: number };
    const text = (body as OperationOutcome).issue[0]?.details?.text;
    expect([status, text]).toEqual([409, 'Observation/of-ann is referred to by 1']);
    const other = await as('all', 'delete', 'Observation/of-ann');
    expect(JSON.stringify(other.body)).toContain('Observation/shared');
    expect((await ann('delete', 'Observation/of-bob')).status).toBe(204); // referred to, but not there to them
  });

  test('1.2 the same holds inside of batches and transactions', async () => {
    const entry = (method: string, url: string, resource?: unknown) => ({
      request: { method, url },
      ...(resource === undefined ? {} : { resource }),
    });
    const reads = [
      'Observation/of-bob',
      'Observation?_count=50',
      'Observation/of-ann',
      '_history',
      'Patient/bob/$everything',
    ];
    for (const type of ['batch', 'transaction'] as const) {
      const asked = type === 'batch' ? reads : ['Observation?_count=50', 'Observation/of-ann', '_history'];
      const { body, status } = (await ann('post', '', {
        resourceType: 'Bundle',
        type,
        entry: asked.map((url) => entry('GET', url)),
      })) as { body: unknown; status: number };
      expect(status).toBe(200);
      const text = JSON.stringify(body);
      expect(text).not.toMatch(/Patient\/bob"|"of-bob".*"subject"|"shared"/);
      expect(text).toContain('of-ann');
    }
    const refused = await ann('post', '', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        entry('POST', 'Observation', observation(undefined, 'ann')),
        entry('PUT', 'Observation/of-bob', observation('of-bob', 'ann')),
      ],
    });
    expect(refused.status).toBe(404);
    expect(ids(await ann('get', 'Observation'))).toHaveLength(2);
  });

  test('1.2 answers that come later and answers that are repeated are those of who asked', async () => {
    const started = await ann('get', 'Observation').set('prefer', 'respond-async');
    expect(started.status).toBe(202);
    const where = String(started.headers['content-location']).split('/fhir/')[1] ?? '';
    expect((await as('all', 'get', where)).status).toBe(404);
    let answer = await ann('get', where);
    for (; answer.status === 202; answer = await ann('get', where))
      await new Promise((done) => setTimeout(done, 20));
    expect(JSON.stringify(answer.body)).toContain('of-ann');
    expect(JSON.stringify(answer.body)).not.toContain('"shared"');
    const created = await ann('post', 'Observation', observation(undefined, 'ann')).set(
      'idempotency-key',
      'k1',
    );
    const repeated = await ann('post', 'Observation', observation(undefined, 'ann')).set(
      'idempotency-key',
      'k1',
    );
    expect((repeated.body as Resource).id).toBe((created.body as Resource).id);
    const another = await as('all', 'post', 'Observation', observation(undefined, 'ann')).set(
      'idempotency-key',
      'k1',
    );
    expect((another.body as Resource).id).not.toBe((created.body as Resource).id);
  });

  test('1.2 an import writes what is theirs and refuses the rest line by line', async () => {
    const lines = [observation('of-ann', 'ann'), observation('of-bob', 'ann'), observation('nowhere', 'ann')];
    const { body } = (await ann('post', '$import', lines.map((line) => JSON.stringify(line)).join('\n')).set(
      ...(['content-type', 'application/fhir+ndjson'] as const),
    )) as { body: unknown };
    const text = JSON.stringify(body);
    expect(text).toContain('"name":"refused","valueInteger":2');
  });

  test('1.2 what concerns the server as a whole is for who sees all', async () => {
    expect((await ann('get', 'SearchParameter/$index-progress')).status).toBe(403);
    expect((await as('all', 'get', 'SearchParameter/$index-progress')).status).toBe(200);
  });
});
