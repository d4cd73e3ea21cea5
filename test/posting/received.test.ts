import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, OperationOutcome, PaymentReconciliation, Resource } from '@medplum/fhirtypes';
import { storeFaults } from '../../src/command/verify/readBooks.ts';
import { openOffice, type Office } from '../firm/office.ts';
import { paidClp, sentClaims, sentNumber } from '../fixture/sentClaims.ts';
import { eachStore } from '../http/eachStore.ts';
import { AsAccount } from '../smart/asAccount.ts';
import { interchangeText } from './remittance.ts';

const user = (name: string, role: string, practice: string) => ({
  name,
  kind: 'user' as const,
  roles: [role],
  users: [],
  practices: [practice],
});
const interchange = (text: string) => ({
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'interchange',
      resource: {
        resourceType: 'Binary',
        contentType: 'application/EDI-X12',
        data: Buffer.from(text).toString('base64'),
      },
    },
  ],
});
const typesIn = (body: unknown): string[] =>
  ((body as Bundle).entry ?? []).flatMap((e) => e.resource?.resourceType ?? []).sort();

describe.each(eachStore('posting-received'))('who hands an 835 in, on %s', (_, open) => {
  let office: Office;
  let accounts: AsAccount;
  const ofHospital = interchangeText({
    trace: 'HANDED',
    clps: [paidClp(sentNumber(0))],
    npi: '1603928171',
  });
  const all = (): Promise<Resource[]> =>
    Promise.all(
      ['PaymentReconciliation', 'ClaimResponse', 'Task', 'Binary'].map((type) => office.find(type)),
    ).then((found) => found.flat());

  beforeAll(async () => {
    office = await openOffice(open, { payer: 'none' });
    await sentClaims(office.context, 0, { count: 1, practice: 'bellwater-hospital' });
    accounts = new AsAccount(office.context);
    await accounts.is(user('coder', 'coder', 'bellwater-hospital'));
    await accounts.is(user('clinician', 'clinician', 'bellwater-hospital'));
    await accounts.is(user('front', 'front-desk', 'bellwater-hospital'));
    await accounts.is(user('auditor', 'auditor', 'bellwater-hospital'));
    await accounts.is(user('alder', 'biller', 'alder-street-clinic'));
    await accounts.is(user('bellwater', 'biller', 'bellwater-hospital'));
  });
  afterAll(() => office.close());

  test.each(['coder', 'clinician', 'front', 'auditor'])('%s may not, and nothing is kept', async (name) => {
    for (const [type, body] of [
      ['application/EDI-X12', ofHospital],
      ['application/fhir+json', interchange(ofHospital)],
    ] as const) {
      const answer = await accounts.ask(name, 'post', '$process-x12').set('content-type', type).send(body);
      expect(answer.status).toBe(403);
      expect((answer.body as OperationOutcome).resourceType).toBe('OperationOutcome');
    }
    expect(await all()).toEqual([]);
  });

  test('a biller of another practice hands it in, and is told nothing of what it made', async () => {
    const answer = await accounts
      .ask('alder', 'post', '$process-x12')
      .set('content-type', 'application/EDI-X12')
      .send(ofHospital);
    expect(answer.status).toBe(200);
    expect(typesIn(answer.body)).not.toContain('PaymentReconciliation');
    expect(JSON.stringify(answer.body)).not.toContain('PaymentReconciliation');
    const again = await accounts.ask('alder', 'post', '$process-x12').send(interchange(ofHospital));
    expect([again.status, JSON.stringify(again.body).includes('PaymentReconciliation')]).toEqual([
      200,
      false,
    ]);
    const [payment, ...others] = await office.find<PaymentReconciliation>('PaymentReconciliation');
    expect(others).toEqual([]);
    expect(payment).toMatchObject({
      outcome: 'complete',
      requestor: { reference: 'Organization/bellwater-hospital' },
    });
    expect((await accounts.ask('alder', 'get', `PaymentReconciliation/${payment?.id ?? ''}`)).status).toBe(
      404,
    );
  });

  test('neighbour: its own biller hands the same in, as a Binary, and is shown what it made before', async () => {
    const answer = await accounts.ask('bellwater', 'post', '$process-x12').send(interchange(ofHospital));
    expect(answer.status).toBe(200);
    expect(typesIn(answer.body)).toContain('PaymentReconciliation');
    expect(await office.find('PaymentReconciliation')).toHaveLength(1);
    const { store, now } = office.context;
    expect((await storeFaults(store, Date.parse(now()) + 3_600_000_000)).faults).toEqual([]);
  });
});
