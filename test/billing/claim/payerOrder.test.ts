import { describe, expect, test } from '@jest/globals';
import type { Coverage, Patient, RelatedPerson } from '@medplum/fhirtypes';
import { payerOrder, type PayerQuestion } from '../../../src/billing/claim/payerOrder.ts';
import { codeOfIssue } from '../../../src/outcome/issue.ts';

const coverage = (id: string, more: Partial<Coverage> = {}): Coverage => ({
  resourceType: 'Coverage',
  id,
  status: 'active',
  beneficiary: { reference: 'Patient/child' },
  payor: [{ reference: `Organization/${id}` }],
  ...more,
});
const type = (...codes: [string, string][]) => ({
  coding: codes.map(([system, code]) => ({ system, code })),
});
const sopt = (code: string): [string, string] => ['https://nahdo.org/sopt', code];
const act = (code: string): [string, string] => ['http://terminology.hl7.org/CodeSystem/v3-ActCode', code];
const of = (reference: string) => ({
  subscriber: { reference },
  relationship: { coding: [{ code: 'child' }] },
});
const patient: Patient & { id: string } = { resourceType: 'Patient', id: 'child', birthDate: '2016-09-21' };
const parents = new Map<string, RelatedPerson>([
  ['RelatedPerson/mother', { resourceType: 'RelatedPerson', patient: {}, birthDate: '1988-06-15' }],
  ['RelatedPerson/father', { resourceType: 'RelatedPerson', patient: {}, birthDate: '1980-11-02' }],
]);

const ask = (known: Coverage[], more: Partial<PayerQuestion> = {}) => {
  const found = payerOrder({ named: [], known, on: '2026-06-03', patient, subscribers: parents, ...more });
  return {
    ids: found.coverages.map((c) => c.id),
    selfPay: found.selfPay,
    faults: found.faults.map((f) => [codeOfIssue(f), f.expression?.[0]]),
    words: found.issues.map((i) => i.details?.text ?? '').join('; '),
    codes: found.issues.map(codeOfIssue),
  };
};

const older: Patient = { resourceType: 'Patient', id: 'child', birthDate: '1949-10-03' };
const medicare = coverage('medicare', {
  type: type(sopt('121')),
  relationship: { coding: [{ code: 'self' }] },
});
const employer = coverage('employer', {
  type: type(act('EHCPOL')),
  relationship: { coding: [{ code: 'self' }] },
});
const retiree = coverage('retiree', {
  type: type(act('RETIRE')),
  relationship: { coding: [{ code: 'self' }] },
});

describe('who pays first', () => {
  test.each([
    [
      'by order',
      [coverage('b', { order: 2 }), coverage('a', { order: 1 })],
      {},
      ['a', 'b'],
      'by Coverage.order',
    ],
    [
      'the birthday rule: June before November, whatever the year',
      [coverage('f', of('RelatedPerson/father')), coverage('m', of('RelatedPerson/mother'))],
      {},
      ['m', 'f'],
      'birthday rule',
    ],
    [
      'Medicaid last, though it is the older plan',
      [
        coverage('medicaid', { type: type(sopt('2')), period: { start: '2010-01-01' } }),
        coverage('x', of('RelatedPerson/father')),
      ],
      {},
      ['x', 'medicaid'],
      'Medicaid pays last',
    ],
    [
      'Medicare before a retiree plan',
      [retiree, medicare],
      { patient: older },
      ['medicare', 'retiree'],
      'not of present work',
    ],
    [
      'a plan of present work before Medicare from 65 on',
      [medicare, employer],
      { patient: older },
      ['employer', 'medicare'],
      'present work before',
    ],
    [
      'the own plan before that of a parent',
      [
        coverage('m', of('RelatedPerson/mother')),
        coverage('own', { relationship: { coding: [{ code: 'self' }] } }),
      ],
      {},
      ['own', 'm'],
      'subscriber',
    ],
    [
      'the plan in force longer',
      [
        coverage('new', { period: { start: '2025-01-01' } }),
        coverage('old', { period: { start: '2020-01-01' } }),
      ],
      {},
      ['old', 'new'],
      'longer',
    ],
    ['one alone', [coverage('a')], {}, ['a'], 'payer 1'],
  ])('%s', (_name, known, more, ids, words) => {
    const found = ask(known, more);
    expect([found.ids, found.faults]).toEqual([ids, []]);
    expect(found.words).toContain(words);
  });

  test('an order that puts Medicaid before another payer is kept, with a warning', () => {
    const found = ask([
      coverage('medicaid', { order: 1, type: type(sopt('2')) }),
      coverage('x', { order: 2 }),
    ]);
    expect([found.ids, found.codes.at(-1)]).toEqual([['medicaid', 'x'], 'medicaid-not-last']);
  });

  test('two of the same order are a fault, also by the priority of the Account', () => {
    const two = [coverage('a', { order: 1 }), coverage('b', { order: 1 })];
    expect(ask(two).faults).toEqual([['coverage-order-conflict', 'Coverage.order']]);
    const named = two.map((c) => ({ coverage: c, priority: 1 }));
    expect(ask([], { named }).faults).toEqual([['coverage-order-conflict', 'Account.coverage']]);
  });

  test('what the Account names wins over the orders of the Coverages', () => {
    const named = [
      { coverage: coverage('a', { order: 1 }), priority: 2 },
      { coverage: coverage('b', { order: 2 }), priority: 1 },
    ];
    expect(ask([], { named }).ids).toEqual(['b', 'a']);
  });

  test('an ended Coverage is passed over; the last day still counts', () => {
    const ended = coverage('a', { order: 1, period: { end: '2026-06-02' } });
    const last = coverage('b', { order: 2, period: { end: '2026-06-03' } });
    expect(ask([ended, last]).ids).toEqual(['b']);
  });

  test('only ended ones: the patient pays, or a fault where the Account names one', () => {
    const ended = coverage('a', { period: { end: '2026-06-02' } });
    expect(ask([ended])).toMatchObject({ ids: [], selfPay: true, faults: [], codes: ['self-pay'] });
    expect(ask([], { named: [{ coverage: ended }] })).toMatchObject({
      selfPay: false,
      faults: [['coverage-not-active', 'Account.coverage[0]']],
    });
  });

  test.each([
    ['none at all', []],
    [
      'a self-pay Coverage',
      [coverage('s', { type: type(['http://terminology.hl7.org/CodeSystem/coverage-selfpay', 'pay']) })],
    ],
    ['the patient as payor', [coverage('s', { payor: [{ reference: 'Patient/child' }] })]],
    ['a cancelled one', [coverage('c', { status: 'cancelled' })]],
  ])('%s: the patient pays', (_name, known) => {
    expect(ask(known)).toMatchObject({ ids: [], selfPay: true, faults: [] });
  });
});
