import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Claim, Invoice, Task } from '@medplum/fhirtypes';
import { balance } from '../../src/billing/ledger/index.ts';
import { changed } from '../../src/datatypes/json.ts';
import { readResource } from '../../src/interaction/repository.ts';
import { eachStore } from '../http/eachStore.ts';
import { openAnswering, qmbFact, type Answering } from './answered.ts';
import { code, day, money } from './receipts.ts';
import { named } from './overHttp.ts';

const [medicaid, medicare, commercial] = ['2', '1', '5'];

/** The claim as it went to Medicare had modifier GX: the patient was told before. */
const toldBefore = async ({ context }: Answering, id: string): Promise<void> => {
  await context.store.transaction(async (tx) => {
    const claim = await readResource<Claim & { id: string }>(tx, 'Claim', id);
    const modifier = [{ coding: [{ code: 'GX' }] }];
    const item = (claim.item ?? []).map((line) => ({ ...line, modifier }));
    await tx.put(changed(claim, { item }));
  });
};

describe.each(eachStore('firm-2-10'))('on %s', (_store, open) => {
  let office: Answering;
  beforeEach(async () => {
    office = await openAnswering(open);
  });
  afterEach(async () => {
    await office.check();
    await office.context.store.close();
  });
  const bill = (name: string, on = '2026-04-20') =>
    office.call(`ExplanationOfBenefit/${name}/$generate-invoice`, [day(on)]);
  const standing = async (account: Parameters<typeof balance>[1]['account']) =>
    balance(await office.context.store.journal('Account/a'), { account });

  test('2.10 what Medicaid leaves after another payer is refused, with code and Task', async () => {
    await office.coverage('first', commercial);
    await office.coverage('second', medicaid);
    const charge = 10_000;
    await office.visit('v', { charge, pr: [['1', 5667]] }, { charge, oa23: 4333, pr: [['275', 5667]] });
    const answer = await bill('v-2');
    expect([answer.status, answer.codes]).toEqual([200, ['medicaid-balance']]);
    expect(answer.issues[0]?.severity).toBe('warning');
    expect(await office.invoices()).toEqual([]);
    const tasks = await office.tasks('patient-balance');
    expect(tasks.map((t) => [t.focus?.reference, t.status])).toEqual([['Claim/v-2', 'requested']]);
    await bill('v');
    expect(await office.tasks('patient-balance')).toHaveLength(1);
  });

  test('2.10 the copay of the Medicaid plan is invoiced, and no more than it', async () => {
    await office.coverage('first', medicaid);
    await office.visit('v', {
      charge: 10_000,
      co45: 4000,
      pr: [
        ['3', 400],
        ['2', 900],
      ],
    });
    const answer = await bill('v');
    expect(answer.codes).toEqual(['created', 'medicaid-balance']);
    const [invoice] = answer.all<Invoice>('invoice');
    expect(invoice?.totalNet?.value).toBe(4);
    const parts = invoice?.lineItem?.[0]?.priceComponent?.filter((c) => c.type !== 'informational') ?? [];
    expect(parts.reduce((t, c) => t + Math.round((c.amount?.value ?? 0) * 100), 0)).toBe(400);
    expect((await bill('v')).codes).toEqual(['already-there', 'medicaid-balance']);
  });

  test('2.10 neighbour: a plan without copay lets no copay through', async () => {
    await office.put({
      resourceType: 'InsurancePlan',
      id: 'state',
      status: 'active',
      identifier: [{ system: 'https://claimwright.example/fhir/sid/plan-id', value: 'state' }],
      ownedBy: { reference: 'Organization/first' },
    });
    await office.coverage('first', medicaid);
    await office.visit('v', { charge: 10_000, pr: [['3', 400]] });
    expect((await bill('v')).codes).toEqual(['medicaid-balance']);
    expect(await office.invoices()).toEqual([]);
  });

  test('2.10 the cost share of a QMB patient stands on qmb-cost-share, never on the patient', async () => {
    await office.coverage('first', medicare);
    await office.qmb(qmbFact('2026-01-01'));
    await office.visit('v', {
      charge: 10_000,
      co45: 2000,
      pr: [
        ['1', 1000],
        ['2', 1400],
      ],
    });
    const answer = await bill('v');
    expect([answer.status, answer.codes]).toEqual([200, ['qmb-cost-share']]);
    expect(await office.invoices()).toEqual([]);
    expect([await standing('qmb-cost-share'), await standing('receivable-patient-not-invoiced')]).toEqual([
      2400, 0,
    ]);
    expect(await standing('contractual-adjustment')).toBe(2000);
    const again = await bill('v');
    expect(again.codes).toEqual(['qmb-cost-share']);
    expect(await standing('qmb-cost-share')).toBe(2400);
  });

  test('2.10 it goes to the next payer first', async () => {
    await office.coverage('first', medicare);
    await office.coverage('second', commercial);
    await office.qmb(qmbFact('2026-01-01'));
    const charge = 10_000;
    await office.visit('v', { charge, pr: [['2', 2000]] }, { charge, oa23: 8000, pr: [['2', 500]] });
    await bill('v-2');
    expect([await standing('qmb-cost-share'), await standing('receivable-insurance-open')]).toEqual([500, 0]);
  });

  test('2.10 a QMB fact is dated and may stand on the Coverage', async () => {
    await office.coverage('first', medicare, qmbFact('2026-01-01', '2026-02-28'));
    await office.visit('v', { charge: 10_000, pr: [['1', 1000]] });
    expect((await bill('v')).codes).toEqual(['created']); // it ended before the visit
    await office.coverage('first', medicare, qmbFact('2026-03-01'));
    await office.visit('w', { charge: 10_000, pr: [['1', 1000]] });
    expect((await bill('w')).codes).toEqual(['qmb-cost-share']);
  });

  test('2.10 money that was taken already becomes credit, with a refund Task', async () => {
    await office.coverage('first', medicare);
    await office.visit('v', { charge: 10_000, pr: [['1', 1000]] });
    const [invoice] = (await bill('v')).all<Invoice>('invoice');
    const name = `Invoice/${invoice?.id ?? ''}`;
    const paid = [money(10), code('method', 'cash'), day('2026-04-21')];
    await office.call(`${name}/$record-payment`, paid);
    await office.qmb(qmbFact('2026-01-01')); // the office learns of it afterwards
    const answer = await bill('v', '2026-04-25');
    expect(answer.codes).toContain('qmb-cost-share');
    expect((await office.get<Invoice>(name)).status).toBe('cancelled');
    expect([await standing('qmb-cost-share'), await standing('unapplied-patient-credit')]).toEqual([
      1000, -1000,
    ]);
    const [task, ...others] = await office.tasks('refund');
    expect([task?.focus?.reference, task?.description, others]).toEqual([
      'Account/a',
      '10.00 was taken from a QMB patient: refund it',
      [],
    ]);
  });

  test('2.10 neighbour: a copay at check-in is to be refunded too', async () => {
    await office.coverage('first', medicare);
    await office.qmb(qmbFact('2026-01-01'));
    await office.visit('v', { charge: 10_000, pr: [['2', 1000]] });
    const copay = [money(25), code('method', 'cash'), named('encounter', 'Encounter/v'), day('2026-03-11')];
    await office.call('Account/a/$record-payment', copay);
    await bill('v');
    expect(await office.tasks('refund')).toHaveLength(1);
    expect(await standing('unapplied-patient-credit')).toBe(-2500);
  });

  test('2.10 neighbour: a service that is not covered is asked of a QMB patient who was told before, his cost share is not', async () => {
    await office.coverage('first', medicare);
    await office.qmb(qmbFact('2026-01-01'));
    await office.visit('v', {
      charge: 10_000,
      pr: [
        ['2', 1000],
        ['96', 700],
      ],
    });
    const before = await bill('v');
    expect(before.codes).toEqual(['notice-missing', 'qmb-cost-share']);
    expect(await office.invoices()).toEqual([]);
    await toldBefore(office, 'v');
    const answer = await bill('v');
    expect(answer.codes).toContain('created');
    expect(await office.invoices()).toEqual([7]);
  });

  test('2.10 neighbour: a fact without a source counts and is told', async () => {
    await office.coverage('first', medicare, {
      url: 'https://claimwright.example/fhir/StructureDefinition/qmb',
      extension: [{ url: 'period', valuePeriod: { start: '2026-01-01' } }],
    });
    await office.visit('v', { charge: 10_000, pr: [['1', 1000]] });
    expect((await bill('v')).codes).toEqual(['qmb-fact-incomplete', 'qmb-cost-share']);
  });

  const search = (status: 'requested' | 'completed' | 'cancelled'): Task & { id: string } => ({
    resourceType: 'Task',
    id: 'search',
    status,
    intent: 'order',
    code: { coding: [{ system: 'https://claimwright.example/fhir/CodeSystem/task', code: 'find-coverage' }] },
    focus: { reference: 'Claim/v' },
  });

  test.each(['26', '27', '31'])('2.10 PR-%s is refused while find-coverage is open', async (reason) => {
    await office.coverage('first', commercial);
    await office.visit('v', { charge: 10_000, pr: [[reason, 10_000]] });
    await office.put(search('requested'));
    await office.context.store.transaction((tx) => tx.reserve('task|find-coverage|Claim/v|', 'Task/search'));
    const refused = await bill('v');
    expect([refused.status, refused.codes]).toEqual([200, ['coverage-search-open']]);
    expect(refused.issues[0]?.details?.text).toContain('Task/search');
    expect(await office.invoices()).toEqual([]);
    await office.put(search('completed'));
    expect((await bill('v')).codes).toContain('created');
    expect(await office.invoices()).toEqual([100]);
  });

  test('2.10 neighbour: the rest of the claim is billed meanwhile, and the search that ends adds its part', async () => {
    await office.coverage('first', commercial);
    await office.visit('v', {
      charge: 10_000,
      pr: [
        ['27', 4000],
        ['3', 1000],
      ],
    });
    await office.put(search('requested'));
    await office.context.store.transaction((tx) => tx.reserve('task|find-coverage|Claim/v|', 'Task/search'));
    expect((await bill('v')).codes).toEqual(['created', 'coverage-search-open']);
    expect(await office.invoices()).toEqual([10]);
    await office.put(search('cancelled'));
    await bill('v', '2026-04-21');
    expect(await office.invoices()).toEqual([50]);
  });
});
