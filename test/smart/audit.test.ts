import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AuditEvent, Bundle, OperationOutcome } from '@medplum/fhirtypes';
import type { OperationContext } from '../../src/operation/operation.ts';
import { auditFaults } from '../../src/command/verify/auditFaults.ts';
import { validateResource } from '../../src/validation/validate.ts';
import { testContext } from '../context.ts';
import { put } from '../contract/caseTable.ts';
import { eachStore } from '../http/eachStore.ts';
import { until } from '../until.ts';
import { AsAccount } from './asAccount.ts';
import { chartOf, directory } from './practices.ts';

const biller = { name: 'biller', kind: 'user' as const, roles: ['biller'], users: ['Practitioner/dr-alder'] };
const atAlder = { ...biller, practices: ['alder'] };

describe.each(eachStore('audit'))('the audit on %s', (_, open) => {
  let context: OperationContext;
  let server: AsAccount;
  beforeAll(async () => {
    context = await testContext({ store: await open() });
    await put(
      context.store,
      ...directory(['alder', 'birch']),
      ...chartOf('ann', 'alder'),
      ...chartOf('bob', 'birch'),
    );
    server = new AsAccount(context);
    await server.is(atAlder);
    await server.is({ ...biller, name: 'auditor', roles: ['auditor'], users: [], practices: [] });
    await server.is({ ...biller, name: 'patient', roles: ['patient'], users: ['Patient/ann'] });
  });
  afterAll(() => context.store.close());

  /** The AuditEvents of the request of an id. */
  const eventsOf = async (id: string): Promise<AuditEvent[]> => {
    const found = (await server.ask('auditor', 'get', 'AuditEvent?_count=1000&_sort=date')).body as Bundle;
    return (found.entry ?? [])
      .map(({ resource }) => resource as AuditEvent)
      .filter(({ entity }) => entity?.some(({ what }) => what?.identifier?.value === id));
  };
  const codeOf = (body: unknown): string | undefined =>
    (body as OperationOutcome).issue[0]?.details?.coding?.[0]?.code;
  const profileOf = ({ meta }: AuditEvent): string | undefined => meta?.profile?.[0]?.split('.').at(-1);

  test('D.5 a read is one AuditEvent: who, patient, what was asked, outcome, purpose', async () => {
    await server.ask('biller', 'get', 'Coverage/coverage-ann').set('x-request-id', 'read-1').expect(200);
    const [event, ...more] = await eventsOf('read-1');
    expect(more).toEqual([]);
    expect(event && profileOf(event)).toBe('PatientRead');
    expect(event?.agent.find(({ requestor }) => requestor)?.who?.identifier?.value).toBe('biller');
    expect(event?.agent.find(({ requestor }) => requestor)?.who?.reference).toBe('Practitioner/dr-alder');
    expect(event?.entity?.map(({ what }) => what?.reference)).toEqual([
      'Patient/ann',
      'Coverage/coverage-ann/_history/1',
      undefined,
    ]);
    expect(event?.action).toBe('R');
    expect(event?.outcome).toBe('0');
    expect(event?.purposeOfEvent?.[0]?.coding?.[0]?.code).toBe('HPAYMT');
    expect(validateResource(event)).toEqual([]);
  });

  test('D.5 a search is an AuditEvent of each patient it showed, with what was asked in base64', async () => {
    const path = 'Claim?status=active';
    await server.ask('biller', 'get', path).set('x-request-id', 'search-1').expect(200);
    const events = await eventsOf('search-1');
    expect(events.map(profileOf)).toEqual(['PatientQuery']);
    const asked = events[0]?.entity?.find(({ query }) => query !== undefined);
    expect(Buffer.from(asked?.query ?? '', 'base64').toString()).toBe(`GET ${context.publicUrl}/${path}`);
    expect(validateResource(events[0])).toEqual([]);
  });

  test('D.5 a refused request is recorded: not found, and not allowed', async () => {
    await server.ask('biller', 'get', 'Patient/bob').set('x-request-id', 'refused-1').expect(404);
    await server.ask('patient', 'get', 'Task').set('x-request-id', 'refused-2').expect(403);
    const [hidden] = await eventsOf('refused-1');
    expect([hidden?.outcome, hidden?.outcomeDesc, hidden?.meta?.profile]).toEqual([
      '4',
      'HTTP 404',
      undefined,
    ]);
    const [refused] = await eventsOf('refused-2');
    expect([refused?.outcome, refused?.outcomeDesc]).toEqual(['4', 'HTTP 403']);
    expect(refused?.agent.at(-1)?.who?.identifier?.value).toBe('patient');
  });

  test('D.5 an import is recorded commit by commit, with how many of each type it kept', async () => {
    await server.is({ ...biller, name: 'loader', roles: ['administrator'], users: [], practices: [] });
    const lines = [
      ...Array.from({ length: 230 }, (_none, i) => ({ resourceType: 'Patient', id: `imported-${i}` })),
      { resourceType: 'Organization', id: 'imported', name: 'x' },
      { resourceType: 'Organization', id: 'refused', name: 7 },
    ];
    await server
      .ask('loader', 'post', '$import')
      .set('content-type', 'application/fhir+ndjson')
      .set('x-request-id', 'import-1')
      .send(lines.map((line) => JSON.stringify(line)).join('\n'))
      .expect(200);
    const events = await eventsOf('import-1');
    const counts = events.map(({ entity }) => {
      const detail = entity?.find(({ name }) => name === 'imported')?.detail ?? [];
      return detail.map(({ type, valueString = '' }) => `${type} ${valueString}`);
    });
    expect(counts).toEqual([['Patient 200'], ['Patient 30', 'Organization 1'], []]);
    for (const event of events) expect(validateResource(event)).toEqual([]);
  });

  test('D.5 changes and the entries of a batch are recorded, each by itself', async () => {
    const batch = {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [
        { request: { method: 'GET', url: 'Patient/ann' } },
        { request: { method: 'GET', url: 'Patient/bob' } },
      ],
    };
    await server.ask('biller', 'post', '', batch).set('x-request-id', 'batch-1').expect(200);
    const events = await eventsOf('batch-1');
    expect(events.map(({ subtype, outcome }) => [subtype?.[0]?.code, outcome]).sort()).toEqual([
      ['batch', '0'],
      ['read', '0'],
      ['read', '4'],
    ]);
    const task = { resourceType: 'Task', status: 'requested', intent: 'order' };
    await server.ask('anybody', 'post', 'Task', task).set('x-request-id', 'open-1').expect(201);
    expect(await eventsOf('open-1')).toEqual([]); // without a token nothing is recorded while the server is open
  });

  test('D.5 neighbour: what is answered later is recorded when it is done, with whom it showed', async () => {
    const kickOff = server.ask('biller', 'get', 'Coverage?_id=coverage-ann').set('prefer', 'respond-async');
    await kickOff.set('x-request-id', 'later-1').expect(202);
    const events = await until(async () => {
      const found = await eventsOf('later-1');
      return found.length >= 2 && found;
    });
    expect(events.map(profileOf).sort()).toEqual(['PatientQuery', 'Query']);
  });

  test('D.5 for the auditor alone, and nobody changes what the audit made', async () => {
    const [event] = await eventsOf('read-1');
    const id = event?.id ?? '';
    await server.ask('biller', 'get', `AuditEvent/${id}`).expect(403);
    await server.ask('biller', 'get', 'AuditEvent').expect(403);
    const changed = { ...event, outcome: '8' };
    for (const asked of [
      server.ask('anybody', 'put', `AuditEvent/${id}`, changed),
      server.ask('anybody', 'delete', `AuditEvent/${id}`),
      server.ask('anybody', 'put', 'AuditEvent/audit-mine', { ...event, id: 'audit-mine' }),
      server.ask('anybody', 'post', `AuditEvent/${id}/$meta-add`, {
        resourceType: 'Parameters',
        parameter: [{ name: 'meta', valueMeta: { tag: [{ system: 'urn:x', code: 'x' }] } }],
      }),
      server
        .ask('anybody', 'patch', `AuditEvent/${id}`)
        .set('content-type', 'application/json-patch+json')
        .send(JSON.stringify([{ op: 'replace', path: '/outcome', value: '8' }])),
    ]) {
      const answer = await asked;
      expect([answer.status, codeOf(answer.body)]).toEqual([409, 'kept-by-the-audit']);
    }
    const own = { ...event, id: undefined, meta: undefined };
    const made = await server.ask('anybody', 'post', 'AuditEvent', own).expect(201);
    await server.ask('anybody', 'delete', `AuditEvent/${(made.body as AuditEvent).id ?? ''}`).expect(204);
  });

  test('D.5 neighbour: the same through a batch and an import', async () => {
    const [event] = await eventsOf('read-1');
    const changed = { ...event, outcome: '8' };
    const entry = [{ resource: changed, request: { method: 'PUT', url: `AuditEvent/${event?.id ?? ''}` } }];
    const batch = await server.ask('anybody', 'post', '', { resourceType: 'Bundle', type: 'batch', entry });
    expect((batch.body as Bundle).entry?.[0]?.response?.status).toMatch(/^409/);
    await server
      .ask('anybody', 'post', '$import')
      .set('content-type', 'application/fhir+ndjson')
      .send(`${JSON.stringify(changed)}\n`);
    const after = await server.ask('auditor', 'get', `AuditEvent/${event?.id ?? ''}`).expect(200);
    expect((after.body as AuditEvent).outcome).toBe('0');
    expect((after.body as AuditEvent).meta?.versionId).toBe('1');
  });

  test('D.5 the chain and the AuditEvents verify', async () => {
    await server.ask('auditor', 'get', 'AuditEvent').expect(200);
    const { records, faults, heads } = await auditFaults(context.store);
    expect(faults).toEqual([]);
    expect(records).toBeGreaterThan(10);
    expect((await auditFaults(context.store, heads)).faults).toEqual([]);
    const cut = heads.map((head) => ({ ...head, seq: head.seq + 1 }));
    expect((await auditFaults(context.store, cut)).faults).toHaveLength(1);
  });
});
