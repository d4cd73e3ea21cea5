import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, CapabilityStatement, OperationOutcome, Patient, Provenance } from '@medplum/fhirtypes';
import request from 'supertest';
import { codeOfIssue } from '../../../src/outcome/issue.ts';
import { askExport } from '../../../src/operation/export/askExport.ts';
import { exportRemoval } from '../../../src/operation/export/removal.ts';
import type { Job } from '../../../src/store/job.ts';
import { validateResource } from '../../../src/validation/validate.ts';
import { eachStore } from '../../http/eachStore.ts';
import { BulkServer, namesOf, world } from './bulkServer.ts';

const codesOf = (body: unknown): (string | undefined)[] => (body as OperationOutcome).issue.map(codeOfIssue);

describe.each(eachStore('bulk'))('bulk export (%s)', (_name, open) => {
  let server: BulkServer;

  beforeAll(async () => {
    server = await BulkServer.on(await open());
    await server.load(...world);
  });
  afterAll(() => server.context.store.close());

  test.each(['$export', 'Patient/$export', 'Group/two/$export'])(
    '6.2, 6.7, 2.5.8 a kick-off of %s is 202 with Content-Location, and ends in a manifest',
    async (path) => {
      const kicked = await server.kickOff(path);
      expect([kicked.status, kicked.text]).toEqual([202, '']);
      const { manifest } = await server.export(path);
      expect(manifest).toMatchObject({ request: `http://127.0.0.1:8080/fhir/${path}`, error: [] });
      expect(Object.keys(manifest)).toEqual([
        'transactionTime',
        'request',
        'requiresAccessToken',
        'output',
        'error',
      ]);
      expect(Date.now() - Date.parse(manifest.transactionTime)).toBeLessThan(60_000);
    },
  );

  test('6.3 the manifest is JSON; a client that asks after it is done gets it again, with when it expires', async () => {
    const { status, manifest } = await server.export('$export');
    const reply = await server.ask(status);
    expect(reply.headers['content-type']).toContain('application/json');
    expect(reply.body).toEqual(manifest);
    const left = Date.parse(String(reply.headers['expires'])) - Date.now();
    expect(left).toBeGreaterThan(23.9 * 3_600_000);
  });

  test('6.4 files hold what there is, one resource a line, each valid', async () => {
    const { manifest } = await server.export('$export');
    const found = await server.lines(manifest.output);
    expect(namesOf(found)).toEqual(namesOf(world).map((name) => `${name}1`));
    expect(found.flatMap(validateResource)).toEqual([]);
    expect(manifest.output.find(({ type }) => type === 'Patient')?.count).toBe(3);
    const [file] = manifest.output;
    const reply = await server.ask(file?.url ?? '');
    expect(reply.headers['content-type']).toMatch(/^application\/fhir\+ndjson/);
  });

  test('6.5, 2.5.8 a cancelled export is 202, then 404 with an OperationOutcome; so is one that was done', async () => {
    const kicked = await server.kickOff('$export');
    const { status, manifest } = await server.export('$export');
    for (const url of [kicked.headers['content-location'] ?? '', status]) {
      expect((await server.ask(url, 'delete')).status).toBe(202);
      const after = await server.ask(url);
      expect([after.status, codesOf(after.body)]).toEqual([404, ['not-found']]);
      expect(validateResource(after.body)).toEqual([]);
      expect((await server.ask(url, 'delete')).status).toBe(404);
    }
    expect((await server.ask(manifest.output[0]?.url ?? '')).status).toBe(404);
  });

  test.each(['application/fhir+ndjson', 'application/ndjson', 'ndjson', 'application%2Ffhir%2Bndjson'])(
    '6.6 _outputFormat=%s is taken',
    async (format) => {
      const kicked = await server.kickOff(`$export?_outputFormat=${format}`);
      expect(kicked.status).toBe(202);
      expect((await server.ask(kicked.headers['content-location'] ?? '', 'delete')).status).toBe(202);
    },
  );

  test('6.6 _since exports what was changed after it, and deletions as a Bundle', async () => {
    await server.load(
      { resourceType: 'Basic', id: 'old', code: {} },
      { resourceType: 'Basic', id: 'gone', code: {} },
    );
    const { manifest: before } = await server.export('$export?_type=Basic');
    expect(before.output[0]?.count).toBe(2);
    await server.load({ resourceType: 'Basic', id: 'new', code: {} });
    await server.context.store.transaction((tx) => tx.delete('Basic', 'gone'));
    const { manifest } = await server.export(`$export?_type=Basic&_since=${before.transactionTime}`);
    expect(namesOf(await server.lines(manifest.output))).toEqual(['Basic/new/1']);
    const [bundle] = (await server.lines(manifest.deleted)) as Bundle[];
    expect(bundle?.entry).toEqual([{ request: { method: 'DELETE', url: 'Basic/gone' } }]);
    const until = await server.export(`$export?_type=Basic&_until=${before.transactionTime}`);
    expect(namesOf(await server.lines(until.manifest.output))).toEqual(['Basic/old/1']);
  });

  test('6.2 Patient export holds compartments, Group export those of its members', async () => {
    const ann = ['Observation/observation-ann/1', 'Patient/ann/1'];
    const bob = ['Observation/observation-bob/1', 'Patient/bob/1'];
    const cat = ['Observation/observation-cat/1', 'Patient/cat/1'];
    expect(await server.names('Patient/$export')).toEqual(['Group/two/1', ...ann, ...bob, ...cat].sort());
    expect(await server.names('Group/two/$export')).toEqual(['Group/two/1', ...ann, ...bob].sort());
    const body = {
      resourceType: 'Parameters',
      parameter: [{ name: 'patient', valueReference: { reference: 'Patient/bob' } }],
    };
    expect(await server.names('Group/two/$export', {}, body)).toEqual(['Group/two/1', ...bob].sort());
    const other = { ...body, parameter: [{ name: 'patient', valueReference: { reference: 'Patient/cat' } }] };
    expect((await server.kickOff('Group/two/$export', {}, other)).status).toBe(404);
    expect((await server.kickOff('Group/none/$export')).status).toBe(404);
  });

  test('6.2 _type, _typeFilter and _elements narrow an export', async () => {
    expect(
      await server.names('$export?_type=Patient,Observation&_typeFilter=Observation%3Fstatus%3Dfinal'),
    ).toEqual(['Observation/observation-ann/1', 'Patient/ann/1', 'Patient/bob/1', 'Patient/cat/1']);
    const { manifest } = await server.export('$export?_type=Patient&_elements=Patient.birthDate');
    const [ann] = (await server.lines(manifest.output)) as Patient[];
    expect(ann).toMatchObject({ id: 'ann', birthDate: '1980-01-01', meta: { tag: [{ code: 'SUBSETTED' }] } });
    expect(ann?.name).toBeUndefined();
  });

  test('6.2 neighbour: what is unknown or unsound is 400, and left out with handling=lenient', async () => {
    const table = [
      ['$export?nonsense=1', 'unknown-parameter'],
      ['$export?patient=Patient/ann', 'unknown-parameter'],
      ['$export?_type=Nonsense', 'malformed-value'],
      ['$export?_outputFormat=text/csv', 'malformed-value'],
      ['$export?_typeFilter=Observation', 'malformed-value'],
      ['$export?_typeFilter=Observation%3Fpatient.name%3Dx', 'not-in-type-filter'],
      ['$export?_elements=Patient.nonsense', 'malformed-value'],
      ['Patient/$export?_type=Organization', 'not-in-compartment'],
    ] as const;
    for (const [path, code] of table) {
      const reply = await server.kickOff(path);
      expect([path, reply.status, codesOf(reply.body)]).toEqual([path, 400, [code]]);
    }
    expect((await server.kickOff('$export?nonsense=1')).text).toContain('handling=lenient');
    const { manifest } = await server.export('$export?_type=Patient&nonsense=1', {
      prefer: 'respond-async, handling=lenient',
    });
    const [outcome] = (await server.lines(manifest.error)) as OperationOutcome[];
    expect([manifest.output[0]?.count, codesOf(outcome)]).toEqual([3, ['ignored-parameter']]);
    const plain = await request(server.app).get('/fhir/$export');
    expect([plain.status, codesOf(plain.body)]).toEqual([400, ['respond-async-required']]);
  });

  test('6.2 neighbour: includeAssociatedData brings Provenance of what is exported', async () => {
    const of = (id: string, target: string, recorded: string): Provenance & { id: string } => ({
      ...{ resourceType: 'Provenance' as const, id, target: [{ reference: target }], recorded },
      agent: [{ who: { display: 'Somebody' } }],
    });
    await server.load(
      of('first', 'Observation/observation-ann', '2026-01-01T00:00:00Z'),
      of('second', 'Observation/observation-ann', '2026-02-01T00:00:00Z'),
      of('other', 'Organization/clinic', '2026-02-01T00:00:00Z'),
    );
    const asked = (what: string): Promise<string[]> =>
      server.names(`Patient/$export?_type=Observation&includeAssociatedData=${what}ProvenanceResources`);
    const provenances = (names: readonly string[]): string[] =>
      names.filter((name) => name.startsWith('Prov'));
    expect(provenances(await asked('Latest'))).toEqual(['Provenance/second/1']);
    expect(provenances(await asked('Relevant'))).toEqual(['Provenance/first/1', 'Provenance/second/1']);
    expect((await server.kickOff('$export?includeAssociatedData=_custom')).status).toBe(400);
  });

  test('6.4 neighbour: a file is for who asked: others get the 404 of what is not there', async () => {
    const mine = { 'x-caller': 'mine' };
    const { status, manifest } = await server.export('Patient/$export', mine);
    const file = manifest.output[0]?.url ?? '';
    expect(manifest.requiresAccessToken).toBe(true);
    const none = await server.ask(status.replace(/.{5}$/, '00000'), 'get', mine);
    for (const url of [status, file])
      for (const method of ['get', 'delete'] as const) {
        if (url === file && method === 'delete') continue;
        const reply = await server.ask(url, method, { 'x-caller': 'other' });
        expect([reply.status, reply.body]).toEqual([404, none.body]);
      }
    expect((await server.ask(file, 'get', mine)).status).toBe(200);
  });

  test('6.3 neighbour: what has expired is 404, and a job has removed it', async () => {
    const { status, manifest } = await server.export('$export?_type=Patient');
    const id = status.split('/').at(-1) ?? '';
    const { store } = server.context;
    const later = Date.now() + 25 * 3_600_000;
    const context = { ...server.context, now: () => new Date(later).toISOString() };
    await expect(askExport(context, 'GET', id)).rejects.toMatchObject({ status: 404 });
    const [lease] = await store.jobs.take({ kinds: ['none'], count: 1 });
    expect(lease).toBeUndefined();
    const job = await store.jobs.read(`bulk-export-removal|${id}`);
    expect(job?.due).toBeGreaterThan(Date.now() + 23 * 3_600_000);
    const fake = { job: job as Job, owner: '', fence: 0 };
    await expect(exportRemoval(context).run(fake, new AbortController().signal)).rejects.toThrow(); // no lease of ours
    expect((await server.ask(manifest.output[0]?.url ?? '')).text).toBe('');
  });

  test('6.4 neighbour: what changes during an export is exported as it was at transactionTime', async () => {
    await server.load({ resourceType: 'Basic', id: 'moved', code: { text: 'before' } });
    const at = Date.now() + 1;
    await server.context.store.settled(at);
    await server.load({ resourceType: 'Basic', id: 'moved', code: { text: 'after' } });
    await server.load({ resourceType: 'Basic', id: 'made', code: {} });
    await server.context.store.transaction((tx) => tx.delete('Basic', 'moved'));
    const found: string[] = [];
    for (let after: string | undefined; ;) {
      const query = { type: 'Basic', at, count: 1 } as const;
      const page = await server.context.store.asOf(after === undefined ? query : { ...query, after });
      found.push(...page.versions.map(({ id, version }) => `${id}/${version}`));
      after = page.next;
      if (after === undefined) break;
    }
    expect(found).toContain('moved/1');
    expect(found.filter((one) => /^(?:moved|made)/.test(one))).toEqual(['moved/1']);
  });

  test('2.3.5, 2.3.13 the CapabilityStatement instantiates Bulk Data and names the three operations by their canonicals', async () => {
    const reply = await request(server.app).get('/fhir/metadata');
    const { instantiates, rest: [rest] = [] } = reply.body as CapabilityStatement;
    expect(instantiates).toContain('http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data');
    const at = (type: string) => rest?.resource?.find((one) => one.type === type)?.operation;
    const canonical = 'http://hl7.org/fhir/uv/bulkdata/OperationDefinition';
    expect(rest?.operation).toContainEqual({ name: 'export', definition: `${canonical}/export` });
    expect(at('Patient')).toContainEqual({ name: 'export', definition: `${canonical}/patient-export` });
    expect(at('Group')).toContainEqual({ name: 'export', definition: `${canonical}/group-export` });
  });
});
