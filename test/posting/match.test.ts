import { describe, expect, test } from '@jest/globals';
import type { PaymentReconciliation, Task } from '@medplum/fhirtypes';
import { callOperation } from '../../src/operation/run.ts';
import { system } from '../../src/terminology/system.ts';
import { chart, dated } from '../operation/practice.ts';
import { story1 } from '../payer/stories.ts';
import { desk, story1Lines, type Clp, type Desk } from './remittance.ts';

const member = story1.member;
const day = story1.on.replaceAll('-', '');
/** A CLP whose numbers say nothing. */
const nameless: Clp = {
  number: '0',
  payerNumber: 'NEW1',
  lines: story1Lines.map((l, i) => ({ ...l, number: `Z-${i + 1}` })),
};
const ofMember = (id = member, on = day): string[] => [
  `NM1*IL*1*WHITFIELD*NORA****MI*${id}`,
  `DTM*232*${on}`,
];

const claims = async (d: Desk): Promise<(string | undefined)[]> =>
  (await d.all<PaymentReconciliation>('PaymentReconciliation')).flatMap(
    (r) => r.detail?.map((x) => x.request?.reference) ?? [],
  );
const why = async (d: Desk): Promise<string> =>
  (await d.all<Task>('Task'))
    .filter((t) => t.code?.coding?.[0]?.code === 'remittance-claim')
    .map((t) => t.description)
    .join();

describe('68 a CLP whose first number names no claim is matched by', () => {
  test('the number that its payer gave the claim before', async () => {
    const d = await desk();
    const number = await d.sent('one');
    await d.sent('two');
    const lines = story1Lines.map((l) => ({ ...l, paid: 0, why: `CO-197 ${l.charge}` }));
    await d.post({ trace: 'T1', clps: [{ number, payerNumber: 'ICN1', status: '4', lines }] });
    await d.post({ trace: 'T2', clps: [{ ...nameless, payerNumber: 'ICN1' }] });
    await d.post({ trace: 'T3', clps: [{ ...nameless, more: ['REF*F8*ICN1'] }] });
    expect(await claims(d)).toEqual(['Claim/one', 'Claim/one', 'Claim/one']);
    expect(await d.stands('receivable-insurance-open', 'two')).toBe(246.4);
    expect(await d.faults()).toEqual([]);
  });

  test('neighbour: but not by the same number of another payer', async () => {
    const d = await desk();
    const number = await d.sent('one');
    await d.post({ trace: 'T1', clps: [{ number, payerNumber: 'ICN1', lines: story1Lines }] });
    await d.post({
      ...{ trace: 'T2', tin: '999999999', payerId: 'SFP01' },
      clps: [{ ...nameless, payerNumber: 'ICN1' }],
    });
    expect(await claims(d)).toEqual(['Claim/one', undefined]);
    expect(await why(d)).toContain('no claim here');
    expect(await d.stands('unapplied-payer-credit')).toBe(0);
    expect(await d.faults()).toEqual([]);
  });

  test('the number of one of its lines', async () => {
    const d = await desk();
    const number = await d.sent('one');
    await d.sent('two');
    const lines = story1Lines.map((l, i) => ({ ...l, number: i === 1 ? `${number}-2` : `Z-${i + 1}` }));
    await d.post({ trace: 'T1', clps: [{ ...nameless, lines }] });
    expect(await claims(d)).toEqual(['Claim/one']);
    expect(await d.stands('receivable-patient-not-invoiced')).toBe(25);
    expect(await d.faults()).toEqual([]);
  });

  test('its member, first day and charge', async () => {
    const d = await desk();
    await d.sent('one');
    await d.post({ trace: 'T1', clps: [{ ...nameless, more: ofMember() }] });
    expect(await claims(d)).toEqual(['Claim/one']);
    expect(await d.stands('receivable-insurance-open')).toBe(0);
    expect(await d.faults()).toEqual([]);
  });

  test.each([
    ['another member', ofMember('NOBODY')],
    ['another day', ofMember(member, '20250101')],
    ['no member', [`DTM*232*${day}`]],
  ])('neighbour: not with %s', async (_, more) => {
    const d = await desk();
    await d.sent('one');
    await d.post({ trace: 'T1', clps: [{ ...nameless, more }] });
    expect(await claims(d)).toEqual([undefined]);
    expect(await why(d)).toContain('no claim here');
    expect(await d.stands('receivable-insurance-open')).toBe(246.4);
  });

  test('neighbour: and where two claims fit, a person says which', async () => {
    const d = await desk();
    await d.sent('one');
    await d.sent('two');
    await d.post({ trace: 'T1', clps: [{ ...nameless, more: ofMember() }] });
    expect(await claims(d)).toEqual([undefined]);
    expect(await why(d)).toContain('several claims fit it');
    expect(await d.faults()).toEqual([]);
  });
});

test('a CLP for a draft is held, its money waits, and it is posted once the claim was sent', async () => {
  const d = await desk();
  const identifier = [{ system: system.patientControlNumber, value: 'DRAFT' }];
  await chart(d, story1, { id: 'draft', identifier });
  const { reconciliation } = await d.post({
    trace: 'T1',
    clps: [{ number: 'DRAFT', payerNumber: 'ICN1', lines: story1Lines }],
  });
  expect(reconciliation.outcome).toBe('queued');
  expect(await why(d)).toContain('Claim/draft was not sent yet');
  expect(await d.stands('cash')).toBe(149.92);
  expect(await d.stands('unidentified-payer-cash')).toBe(-149.92);
  expect(await d.stands('receivable-unbilled')).toBe(246.4);
  expect(await d.faults()).toEqual([]);
  await d.submit('draft', dated('2026-01-28'));
  const target = { type: 'PaymentReconciliation', id: reconciliation.id };
  const { body } = await callOperation(d.context, 'post', target, []);
  expect(JSON.parse(String(body))).toMatchObject({ outcome: 'complete' });
  expect(await d.stands('unidentified-payer-cash')).toBe(0);
  expect(await d.stands('receivable-patient-not-invoiced')).toBe(25);
  expect(await d.tasks()).toEqual([]);
  expect(await d.faults()).toEqual([]);
});
