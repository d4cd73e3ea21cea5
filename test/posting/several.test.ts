import { expect, test } from '@jest/globals';
import type { Claim, PaymentReconciliation, Task } from '@medplum/fhirtypes';
import { callOperation } from '../../src/operation/run.ts';
import { clinicNpi, desk, story1Lines, type Clp, type Desk } from './remittance.ts';

const hospitalNpi = '1603928171';
const ofHospital: Partial<Claim> = { provider: { reference: 'Organization/bellwater-hospital' } };
const [visit, vaccine, given] = story1Lines;
if (!visit || !vaccine || !given) throw new Error('lines');
const part = (number: string, practice: string, lines: Clp['lines']): Clp => ({ number, practice, lines });
const details = async (d: Desk): Promise<string[]> =>
  (await d.all<PaymentReconciliation>('PaymentReconciliation')).flatMap((r) =>
    (r.detail ?? []).map((x) => `${x.request?.reference ?? '-'} ${x.amount?.value ?? 0}`),
  );

test('65 one 835 for two practices, a claim of each in two parts, is one deposit that is posted to the last cent', async () => {
  const d = await desk();
  const own = await d.sent('one');
  const theirs = await d.sent('two', undefined, ofHospital);
  const { reconciliation } = await d.post({
    trace: 'T1',
    clps: [
      part(own, clinicNpi, [{ ...visit, number: `${own}-1` }]),
      part(theirs, hospitalNpi, [{ ...vaccine, number: `${theirs}-2` }]),
      part(own, clinicNpi, [
        { ...vaccine, number: `${own}-2` },
        { ...given, number: `${own}-3` },
      ]),
      part(theirs, hospitalNpi, [
        { ...visit, number: `${theirs}-1` },
        { ...given, number: `${theirs}-3` },
      ]),
    ],
    plb: [['WO', theirs, 20]],
  });
  expect(reconciliation).toMatchObject({ outcome: 'complete', paymentAmount: { value: 279.84 } });
  expect(await details(d)).toEqual([
    ...['Claim/one 96.87', 'Claim/two 24.66', 'Claim/one 53.05', 'Claim/two 125.26', '- -20'],
  ]);
  expect(await d.stands('cash')).toBe(279.84);
  expect(await d.stands('unidentified-payer-cash')).toBe(0);
  for (const claim of ['one', 'two']) {
    expect(await d.stands('receivable-insurance-open', claim)).toBe(0);
    expect(await d.stands('receivable-patient-not-invoiced', claim)).toBe(25);
  }
  expect(await d.stands('payer-recoupment', 'two')).toBe(20);
  expect(await d.faults()).toEqual([]);
});

test('65 neighbour: a claim in the group of the other practice waits, its money in the deposit, until a person says it is meant', async () => {
  const d = await desk();
  const own = await d.sent('one');
  const theirs = await d.sent('two', undefined, ofHospital);
  const { reconciliation } = await d.post({
    trace: 'T1',
    clps: [part(own, clinicNpi, story1Lines), part(theirs, '1999999984', story1Lines)],
  });
  expect(reconciliation.outcome).toBe('partial');
  const [task] = (await d.all<Task>('Task')).filter((t) => t.code?.coding?.[0]?.code === 'remittance-claim');
  expect(task?.description).toContain('another practice');
  expect(await d.stands('unidentified-payer-cash')).toBe(-149.92);
  expect(await d.stands('receivable-insurance-open', 'two')).toBe(246.4);
  expect(await d.faults()).toEqual([]);
  const said = [
    { name: 'ordinal', valuePositiveInt: 2 },
    { name: 'claim', valueReference: { reference: 'Claim/two' } },
  ];
  const target = { type: 'PaymentReconciliation', id: reconciliation.id };
  await callOperation(d.context, 'post', target, [{ name: 'claim', part: said }]);
  expect(await d.stands('unidentified-payer-cash')).toBe(0);
  expect(await d.stands('receivable-insurance-open', 'two')).toBe(0);
  expect(await d.tasks()).toEqual([]);
  expect(await d.faults()).toEqual([]);
});

test('65 neighbour: the two practices get the same in two payments, in either order, and the books end alike', async () => {
  const ends: number[][] = [];
  for (const order of [
    [0, 1],
    [1, 0],
  ]) {
    const d = await desk();
    const own = await d.sent('one');
    const theirs = await d.sent('two', undefined, ofHospital);
    const payments = [
      { trace: 'T1', clps: [part(own, clinicNpi, story1Lines)], npi: clinicNpi },
      { trace: 'T1', tin: '999999999', clps: [part(theirs, hospitalNpi, story1Lines)], npi: hospitalNpi },
    ];
    for (const i of order) if (payments[i]) await d.post(payments[i]);
    expect(await d.faults()).toEqual([]);
    const accounts = ['cash', 'contractual-adjustment', 'receivable-patient-not-invoiced'] as const;
    ends.push(await Promise.all(accounts.map((account) => d.stands(account))));
  }
  expect(ends[0]).toEqual([299.84, 142.96, 50]);
  expect(ends[1]).toEqual(ends[0]);
});
