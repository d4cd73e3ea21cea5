import { describe, expect, test } from '@jest/globals';
import type { ConceptMap, Task } from '@medplum/fhirtypes';
import { shippedAdjustments } from '../../src/billing/remittance/providerAdjustment.ts';
import type { LedgerAccount } from '../../src/datatypes/entry.ts';
import { desk, reversalOf, story1Lines, type Clp, type Desk, type Remittance } from './remittance.ts';

const clpOf = (number: string): Clp => ({ number, payerNumber: 'ICN1', lines: story1Lines });
const map = (code: string, account: string, dependsOn?: Record<string, string>): ConceptMap => ({
  resourceType: 'ConceptMap',
  id: 'adjustments',
  url: 'https://claimwright.example/fhir/ConceptMap/provider-adjustment',
  status: 'active',
  group: [
    {
      element: [
        {
          code,
          target: [
            {
              code: account,
              equivalence: 'equivalent',
              ...(dependsOn
                ? { dependsOn: Object.entries(dependsOn).map(([property, value]) => ({ property, value })) }
                : {}),
            },
          ],
        },
      ],
    },
  ],
});
const askedAbout = async (d: Desk): Promise<string> =>
  (await d.all<Task>('Task'))
    .filter((t) => t.code?.coding?.[0]?.code === 'provider-adjustment')
    .map((t) => t.description ?? '')
    .join('\n');

describe('63 a provider-level adjustment goes to the account of its code and sign', () => {
  // as the decision names them, written out
  test.each<readonly [code: string, takes: LedgerAccount, brings: LedgerAccount]>([
    ['WO', 'payer-recoupment', 'payer-recoupment'],
    ['FB', 'forwarding-balance', 'forwarding-balance'],
    ['72', 'refunds-payable', 'refunds-payable'],
    ['L6', 'interest-expense', 'interest-income'],
    ['IR', 'tax-withheld', 'tax-withheld'],
    ['E3', 'withhold-receivable', 'withhold-receivable'],
    ['CT', 'capitation-revenue', 'capitation-revenue'],
    ['CR', 'capitation-revenue', 'capitation-revenue'],
    ['CS', 'unclassified-payer-adjustment', 'unclassified-payer-adjustment'],
    ['90', 'unclassified-payer-adjustment', 'unclassified-payer-adjustment'],
    ['J1', 'unclassified-payer-adjustment', 'unclassified-payer-adjustment'],
  ])('%s', async (code, takes, brings) => {
    const d = await desk();
    const clps = [clpOf(await d.sent('one'))];
    await d.post({ trace: 'T1', clps, plb: [[code, '', 4.25]] });
    expect(await d.stands(takes)).toBe(4.25);
    await d.post({ trace: 'T2', clps: [], plb: [[code, '', -6]] });
    expect(await d.stands(brings)).toBe(takes === brings ? -1.75 : -6);
    expect(await d.stands('cash')).toBe(151.67);
    expect(await d.stands('unidentified-payer-cash')).toBe(0);
    expect((await askedAbout(d)).includes('has to be said')).toBe(takes.startsWith('unclassified'));
    expect(await d.faults()).toEqual([]);
  });

  test('the table has a row once for each code and sign', () => {
    const keys = shippedAdjustments.flatMap(({ code, sign }) =>
      sign ? [code + sign] : [`${code}+`, `${code}-`],
    );
    expect(new Set(keys).size).toBe(keys.length);
  });

  test.each<readonly [string, ConceptMap, LedgerAccount]>([
    ['a code of its own', map('90', 'other-expense'), 'other-expense'],
    ['a code of one sign', map('90+', 'penalty-adjustment'), 'penalty-adjustment'],
    [
      'a code of this payer',
      map('90', 'other-expense', { payer: 'Organization/juniper-ridge' }),
      'other-expense',
    ],
    ['not a code of the other sign', map('90-', 'other-expense'), 'unclassified-payer-adjustment'],
    [
      'not a code of another payer',
      map('90', 'other-expense', { payer: 'Organization/state-family' }),
      'unclassified-payer-adjustment',
    ],
    ['not to a receivable', map('90', 'receivable-insurance-open'), 'unclassified-payer-adjustment'],
    [
      'not by one that was retired',
      { ...map('90', 'other-expense'), status: 'retired' },
      'unclassified-payer-adjustment',
    ],
  ])('neighbour: a practice adds %s by its ConceptMap', async (_, conceptMap, account) => {
    const d = await desk();
    await d.put(conceptMap);
    await d.post({ trace: 'T1', payerId: 'JRH01', clps: [clpOf(await d.sent('one'))], plb: [['90', '', 2]] });
    expect(await d.stands(account)).toBe(2);
    expect(await askedAbout(d)).toBe(
      account.startsWith('unclassified') ? '90 2.00: what it is for has to be said' : '',
    );
    expect(await d.faults()).toEqual([]);
  });

  test('neighbour: a row that was changed since does not keep a payment from being taken back', async () => {
    const d = await desk();
    await d.put(map('90', 'other-expense'));
    const { reconciliation } = await d.post({ trace: 'T1', clps: [], plb: [['90', '', -2]] });
    await d.put(map('90', 'penalty-adjustment'));
    await d.operate(reconciliation.id, 'reverse', [{ name: 'reason', valueString: 'by mistake' }]);
    expect([await d.stands('other-expense'), await d.stands('cash')]).toEqual([0, 0]);
    expect(await d.faults()).toEqual([]);
  });
});

describe('63 a takeback after a reversal is the same money', () => {
  const paid: Remittance = { trace: 'T1', date: '20260201', clps: [clpOf('ONE')] };
  /** Takes the answer back and defers the money: nothing is paid, nothing is taken yet. */
  const deferred: Remittance = {
    ...{ trace: 'T2', date: '20260202', clps: [reversalOf(clpOf('ONE'))] },
    plb: [['WO', 'ONE', -149.92]],
  };
  /** Pays another claim and takes the money. */
  const taken: Remittance = {
    trace: 'T3',
    date: '20260203',
    clps: [clpOf('TWO')],
    plb: [['WO', 'ONE', 149.92]],
  };

  test.each([
    ['in their order', [paid, deferred, taken]],
    ['the money before the reversal', [paid, taken, deferred]],
    ['the reversal before what it takes back', [deferred, taken, paid]],
    ['each twice', [paid, paid, deferred, deferred, taken, taken, deferred]],
  ])('%s: it is taken once', async (_, all) => {
    const d = await desk();
    await d.sent('one');
    await d.sent('two');
    for (const one of all) await d.post(one);
    // the first claim's payment came and went: what was paid for the second is covered by it
    expect(await d.stands('cash')).toBe(149.92);
    expect(await d.stands('payer-recoupment')).toBe(0);
    expect(await d.stands('unidentified-payer-cash')).toBe(0);
    expect(await d.stands('receivable-insurance-open', 'one')).toBe(246.4);
    expect(await d.stands('receivable-insurance-open', 'two')).toBe(0);
    expect(await d.faults()).toEqual([]);
  });

  test('neighbour: taken with the reversal and then once more, the second is owed to us and asked about', async () => {
    const d = await desk();
    await d.sent('one');
    await d.sent('two');
    await d.sent('three');
    await d.post(paid);
    // the reversal takes the money at once: no deferral
    await d.post({ trace: 'T2', date: '20260202', clps: [reversalOf(clpOf('ONE')), clpOf('TWO')] });
    expect(await d.stands('payer-recoupment')).toBe(0);
    await d.post({ ...taken, clps: [clpOf('THREE')] });
    expect(await d.stands('payer-recoupment', 'one')).toBe(149.92);
    expect(await askedAbout(d)).toContain('149.92 was taken back and no answer to the claim was');
    expect(await d.faults()).toEqual([]);
  });

  test('neighbour: the money before its reversal is asked about, and the reversal meets it', async () => {
    const d = await desk();
    await d.sent('one');
    await d.sent('two');
    await d.post(paid);
    await d.post(taken);
    expect(await d.stands('payer-recoupment', 'one')).toBe(149.92);
    expect(await askedAbout(d)).toContain('was taken back');
    await d.post(deferred);
    expect(await d.stands('payer-recoupment', 'one')).toBe(0);
    expect(await d.faults()).toEqual([]);
  });
});
