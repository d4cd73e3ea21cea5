import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, Resource } from '@medplum/fhirtypes';
import type { Response } from 'supertest';
import type { Context } from '../../src/interaction/context.ts';
import { testContext } from '../context.ts';
import { put } from '../contract/caseTable.ts';
import { eachStore } from '../http/eachStore.ts';
import { AsAccount } from './asAccount.ts';
import { chartOf, directory } from './practices.ts';

const user = (role: string, more: { users?: string[]; practices?: string[] } = {}) => ({
  name: role,
  kind: 'user' as const,
  roles: [role],
  users: [],
  ...more,
});

/** Each role: what it reads (200), what is not there to it (404), and what it may not ask (403). */
const table: readonly (readonly [string, readonly string[], readonly string[], readonly string[]])[] = [
  [
    'patient',
    [
      'Patient/ann',
      'Claim/claim-ann',
      'ExplanationOfBenefit/eob-ann',
      'PaymentNotice/notice-ann',
      'Binary/binary-ann',
      'Organization/birch',
      'Practitioner/dr-birch',
      'ConceptMap/map',
      'Observation/laboratory-ann',
    ],
    ['Patient/bob', 'Claim/claim-bob', 'PaymentNotice/notice-bob', 'Binary/binary-bob', 'Claim/nowhere'],
    [
      'Task/task-ann',
      'Basic/basic-ann',
      'AuditEvent/audit-ann',
      'PaymentReconciliation/remittance-ann',
      'Task/nowhere',
    ],
  ],
  [
    'proxy',
    ['Patient/ann', 'Invoice/invoice-ann', 'PaymentNotice/notice-ann', 'Binary/binary-ann'],
    ['Patient/bob', 'Invoice/invoice-bob', 'Binary/binary-bob'],
    ['Task/task-ann', 'Basic/basic-ann', 'AuditEvent/audit-ann'],
  ],
  [
    'biller',
    [
      'Patient/ann',
      'Claim/claim-ann',
      'PaymentReconciliation/remittance-ann',
      'Task/task-ann',
      'Observation/laboratory-ann',
      'Coverage/coverage-ann',
      'Binary/binary-ann',
    ],
    [
      'Patient/bob',
      'Claim/claim-bob',
      'PaymentReconciliation/remittance-bob',
      'Task/task-bob',
      'Observation/laboratory-bob',
      'Binary/binary-bob',
    ],
    ['AuditEvent/audit-ann', 'Schedule/x'],
  ],
  [
    'coder',
    ['Condition/condition-ann', 'Claim/claim-ann', 'Task/task-ann'],
    ['Condition/condition-bob', 'Claim/claim-bob'],
    ['Invoice/invoice-ann', 'PaymentNotice/notice-ann', 'AuditEvent/audit-ann'],
  ],
  [
    'clinician',
    [
      ...['Patient/ann', 'Observation/laboratory-ann', 'Coverage/coverage-ann', 'Binary/binary-ann'],
      ...['Claim/claim-ann', 'ExplanationOfBenefit/eob-ann', 'Task/task-ann'],
    ],
    [
      ...['Patient/bob', 'Observation/laboratory-bob', 'Claim/claim-bob', 'ExplanationOfBenefit/eob-bob'],
      'Task/task-bob',
    ],
    [
      ...['Account/account-ann', 'Invoice/invoice-ann', 'PaymentNotice/notice-ann', 'Basic/basic-ann'],
      ...['PaymentReconciliation/remittance-ann', 'AuditEvent/audit-ann'],
    ],
  ],
  [
    'front-desk',
    ['Patient/ann', 'Coverage/coverage-ann', 'Invoice/invoice-ann', 'Encounter/encounter-ann'],
    ['Patient/bob', 'Coverage/coverage-bob', 'Invoice/invoice-bob'],
    [
      'Observation/laboratory-ann',
      'Condition/condition-ann',
      'Claim/claim-ann',
      'DocumentReference/document-ann',
      'Binary/binary-ann',
    ],
  ],
  [
    'auditor',
    ['AuditEvent/audit-ann', 'AuditEvent/audit-bob', 'Practitioner/dr-alder'],
    ['AuditEvent/nowhere'],
    ['Patient/ann', 'Claim/claim-ann'],
  ],
  [
    'administrator',
    ['Patient/bob', 'Basic/basic-bob', 'Binary/binary-bob', 'Task/task-ann'],
    ['Patient/nowhere'],
    ['AuditEvent/audit-ann'],
  ],
];

describe.each(eachStore('roles'))('roles on %s', (_, open) => {
  let context: Context;
  let server: AsAccount;
  beforeAll(async () => {
    const made = await testContext({ store: await open() });
    context = made;
    await put(
      context.store,
      ...directory(['alder', 'birch']),
      ...chartOf('ann', 'alder'),
      ...chartOf('bob', 'birch'),
    );
    server = new AsAccount(made);
    await server.is(user('patient', { users: ['Patient/ann'] }));
    await server.is(user('proxy', { users: ['RelatedPerson/parent-ann'] }));
    for (const role of ['biller', 'coder', 'clinician', 'front-desk'])
      await server.is(user(role, { practices: ['alder'] }));
    for (const role of ['auditor', 'administrator']) await server.is(user(role));
    const system = { name: 'system-client', kind: 'system' as const, roles: ['system-client'], users: [] };
    await server.is(system, { scope: 'system/*.read' });
    await server.is({ ...system, name: 'loader' }, { scope: 'system/*.cruds' });
  });
  afterAll(() => context.store.close());

  const ids = ({ body }: Response): string[] =>
    ((body as Bundle).entry ?? [])
      .map((e) => `${e.resource?.resourceType ?? ''}/${e.resource?.id ?? ''}`)
      .sort();

  test.each(table)('D.3 what the role %s may read', async (role, sees, hidden, refused) => {
    for (const path of sees)
      expect([path, (await server.ask(role, 'get', path)).status]).toEqual([path, 200]);
    for (const path of hidden)
      expect([path, (await server.ask(role, 'get', path)).status]).toEqual([path, 404]);
    for (const path of refused) {
      const { status, headers } = await server.ask(role, 'get', path);
      expect([path, status, headers['www-authenticate']]).toEqual([
        path,
        403,
        expect.stringContaining('insufficient_scope'),
      ]);
    }
  });

  test('D.3 a type that is not allowed is refused on every road, whatever is stored', async () => {
    const batch = (type: string, url: string) => ({
      resourceType: 'Bundle',
      type,
      entry: [{ request: { method: 'GET', url } }],
    });
    for (const path of [
      'Task',
      'Task/_history',
      'Task/task-ann/_history',
      'Task/task-ann/_history/1',
      'Patient/ann/Task',
      '?_type=Patient,Task',
      'Task?_summary=count',
      '_history',
    ])
      expect([path, (await server.ask('patient', 'get', path)).status]).toEqual([
        path,
        path === '_history' ? 403 : path === 'Patient/ann/Task' ? 404 : 403,
      ]);
    const asked = await server.ask('patient', 'post', '', batch('batch', 'Task/task-ann'));
    expect((asked.body as Bundle).entry?.[0]?.response?.status).toBe('403 Forbidden');
    expect(
      (await server.ask('patient', 'post', '', batch('transaction', 'Task?status=requested'))).status,
    ).toBe(403);
    const later = await server.ask('patient', 'get', 'Task').set('prefer', 'respond-async');
    expect(later.status).toBe(403);
    expect(
      (await server.ask('patient', 'post', 'Task/_search').type('form').send('status=requested')).status,
    ).toBe(403);
  });

  test('D.3 a clinician reads and writes nothing, and runs no step of the bill', async () => {
    const read = async (path: string): Promise<Resource> =>
      (await server.ask('all', 'get', path)).body as Resource;
    for (const path of ['Observation/laboratory-ann', 'Claim/claim-ann', 'Encounter/encounter-ann']) {
      expect([path, (await server.ask('clinician', 'put', path, await read(path))).status]).toEqual([
        path,
        403,
      ]);
      expect([path, (await server.ask('clinician', 'delete', path)).status]).toEqual([path, 403]);
    }
    const nothing = { resourceType: 'Parameters' };
    for (const path of [
      ...['Encounter/encounter-ann/$capture-charges', 'Encounter/encounter-ann/$generate-claim'],
      ...['Claim/claim-ann/$submit', 'Claim/claim-ann/$edit', 'Claim/claim-ann/$meta-add'],
      ...['ExplanationOfBenefit/eob-ann/$generate-invoice', 'Invoice/invoice-ann/$record-payment'],
    ])
      expect([path, (await server.ask('clinician', 'post', path, nothing)).status]).toEqual([path, 403]);
  });

  test('D.3 neighbour: includes, reverse includes, chains and searches of all types leave out what is not allowed', async () => {
    const included = ids(await server.ask('patient', 'get', 'Patient?_revinclude=*&_include=*'));
    expect(included).toContain('Claim/claim-ann');
    expect(
      included.filter((name) => /^(?:Task|Basic|AuditEvent|PaymentReconciliation)|bob/.test(name)),
    ).toEqual([]);
    const all = ids(await server.ask('patient', 'get', '?_lastUpdated=gt2000-01-01&_count=200'));
    expect(
      all.filter(
        (name) =>
          /^(?:Task|Basic|AuditEvent|PaymentReconciliation|Binary)|bob/.test(name) &&
          !/^(?:Organization|Practitioner)/.test(name),
      ),
    ).toEqual([]);
    expect(ids(await server.ask('patient', 'get', 'Patient?_has:Task:patient:status=requested'))).toEqual([]);
    expect(ids(await server.ask('patient', 'get', 'PaymentNotice'))).toEqual(['PaymentNotice/notice-ann']);
    expect(ids(await server.ask('patient', 'get', 'PaymentNotice?_include=PaymentNotice:request'))).toEqual([
      'Account/account-ann',
      'PaymentNotice/notice-ann',
    ]);
  });

  test('D.3 a patient changes nothing, staff change what is theirs, an auditor changes no audit', async () => {
    const read = async (path: string): Promise<Resource> =>
      (await server.ask('all', 'get', path)).body as Resource;
    const coverage = await read('Coverage/coverage-ann');
    expect((await server.ask('patient', 'put', 'Coverage/coverage-ann', coverage)).status).toBe(403);
    expect((await server.ask('patient', 'delete', 'Coverage/coverage-ann')).status).toBe(403);
    expect((await server.ask('front-desk', 'put', 'Coverage/coverage-ann', coverage)).status).toBe(200);
    expect((await server.ask('front-desk', 'delete', 'Coverage/coverage-ann')).status).toBe(403);
    expect(
      (await server.ask('front-desk', 'put', 'Coverage/coverage-bob', await read('Coverage/coverage-bob')))
        .status,
    ).toBe(404);
    const foreign = { ...coverage, id: undefined, beneficiary: { reference: 'Patient/bob' } };
    expect((await server.ask('front-desk', 'post', 'Coverage', foreign)).status).toBe(403);
    const audit = await read('AuditEvent/audit-ann');
    for (const role of ['auditor', 'administrator', 'loader', 'biller']) {
      expect((await server.ask(role, 'put', 'AuditEvent/audit-ann', audit)).status).toBe(403);
      expect((await server.ask(role, 'delete', 'AuditEvent/audit-ann')).status).toBe(403);
      expect((await server.ask(role, 'post', 'AuditEvent', { ...audit, id: undefined })).status).toBe(403);
    }
  });

  test('D.3 the front desk takes a new patient of its practice on, and only of that', async () => {
    const patient = (practice: string) => ({
      resourceType: 'Patient',
      managingOrganization: { reference: `Organization/${practice}` },
    });
    const made = await server.ask('front-desk', 'post', 'Patient', patient('alder'));
    expect(made.status).toBe(201);
    expect(
      (await server.ask('front-desk', 'get', `Patient/${(made.body as Resource).id ?? ''}`)).status,
    ).toBe(200);
    expect((await server.ask('front-desk', 'post', 'Patient', patient('birch'))).status).toBe(403);
  });

  test('D.3 a system client reads all that its scopes name, and chooses ids where it sees all', async () => {
    expect(ids(await server.ask('system-client', 'get', 'Patient?_id=ann,bob'))).toEqual([
      'Patient/ann',
      'Patient/bob',
    ]);
    const made = { resourceType: 'Location', id: 'room-1', name: 'Room' };
    expect((await server.ask('system-client', 'put', 'Location/room-1', made)).status).toBe(403);
    expect((await server.ask('loader', 'put', 'Location/room-1', made)).status).toBe(201);
    expect((await server.ask('loader', 'delete', 'Location/room-1')).status).toBe(204);
  });

  test('2.5.6 3.10.1 a granular scope finds what matches, and a read of anything else is 404', async () => {
    const ann = user('patient', { users: ['Patient/ann'] });
    await server.is(
      { ...ann, name: 'granular' },
      {
        patient: 'ann',
        scope:
          'patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory',
      },
    );
    expect(ids(await server.ask('granular', 'get', 'Observation'))).toEqual(['Observation/laboratory-ann']);
    expect((await server.ask('granular', 'get', 'Observation/laboratory-ann')).status).toBe(200);
    expect((await server.ask('granular', 'get', 'Observation/vital-signs-ann')).status).toBe(404);
    expect((await server.ask('granular', 'get', 'Observation/vital-signs-ann/_history')).status).toBe(404);
    expect((await server.ask('granular', 'get', 'Patient/ann')).status).toBe(403);
    expect((await server.ask('granular', 'get', 'Patient/ann/$everything')).status).toBe(403);
  });

  test('3.9.4 a search without a patient is limited to the compartment by itself', async () => {
    const ann = user('patient', { users: ['Patient/ann'] });
    await server.is(
      { ...ann, name: 'app' },
      {
        patient: 'ann',
        scope: 'openid fhirUser launch/patient patient/ExplanationOfBenefit.read patient/Organization.read',
      },
    );
    expect(ids(await server.ask('app', 'get', 'ExplanationOfBenefit'))).toEqual([
      'ExplanationOfBenefit/eob-ann',
    ]);
    expect(
      ids(await server.ask('app', 'get', 'ExplanationOfBenefit?_include=ExplanationOfBenefit:*')),
    ).toEqual(['ExplanationOfBenefit/eob-ann', 'Organization/alder', 'Organization/payer']);
    expect((await server.ask('app', 'post', 'ExplanationOfBenefit', {})).status).toBe(403);
  });
});
