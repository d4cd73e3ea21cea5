import { expect, test } from '@jest/globals';
import {
  chargeCaptured,
  creditApplied,
  creditOn,
  creditReleased,
  invoiceCancelled,
  invoiceIssued,
  lowestFrom,
  metByCredit,
  paidAhead,
  patientPayment,
  payerChain,
  refund,
  selfPayInvoiced,
  takeCredit,
  usableCredit,
} from '../../../src/billing/ledger/index.ts';
import { cents } from '../../../src/datatypes/cents.ts';
import { entry, type Entry } from '../../../src/datatypes/entry.ts';

let n = 0;
const head = (on: string) => ({ id: `e${++n}`, on, account: 'Account/1', cause: 'Invoice/1/_history/1' });
const paid = (on: string, amount: number, encounter?: string): Entry =>
  patientPayment({ ...head(on), applied: [], unapplied: cents(amount), encounter });
const line = (amount: number) => ({
  encounter: 'Encounter/1',
  claim: 'Claim/1',
  item: 1,
  amount: cents(amount),
});
const captured = (encounter: string, amount: number): Entry =>
  chargeCaptured({
    ...head('2026-01-01'),
    charge: `ChargeItem/${encounter}`,
    encounter,
    amount: cents(amount),
  });
const direct = (encounter: string, amount: number): Entry =>
  selfPayInvoiced({
    ...head('2026-01-01'),
    invoice: 'Invoice/9',
    lines: [{ charge: `ChargeItem/${encounter}`, encounter, amount: cents(amount), paid: cents(0) }],
  });

test('credit that is spent later is not there earlier', () => {
  const journal = [
    paid('2026-01-01', 1000),
    refund({ ...head('2026-01-10'), from: [{ amount: cents(700) }] }),
  ];
  expect(creditOn(journal, '2025-12-31')).toEqual([]);
  expect(creditOn(journal, '2026-01-05')).toEqual([{ amount: 300 }]);
  const credit = { account: 'unapplied-patient-credit' } as const;
  expect(lowestFrom(journal, credit, '2026-01-01')).toBe(-1000);
});

test("a bill takes its own visit's credit first, then free credit, then that of visits with nothing left to come", () => {
  const journal = [
    captured('Encounter/pending', 100),
    captured('Encounter/settled', 100),
    direct('Encounter/settled', 100),
    paid('2026-01-02', 10, 'Encounter/settled'),
    paid('2026-01-02', 20, 'Encounter/pending'),
    paid('2026-01-02', 30, 'Encounter/to-come'),
    paid('2026-01-02', 40),
    paid('2026-01-02', 50, 'Encounter/1'),
  ];
  expect(usableCredit(journal, ['Encounter/1'], '2026-01-03')).toEqual([
    { encounter: 'Encounter/1', amount: 50 },
    { amount: 40 },
    { encounter: 'Encounter/settled', amount: 10 },
  ]);
});

test('credit is taken part after part, and what it lacks is told', () => {
  const parts = [{ encounter: 'Encounter/1', amount: cents(50) }, { amount: cents(40) }];
  expect(takeCredit(parts, cents(60))).toEqual({
    taken: [{ encounter: 'Encounter/1', amount: 50 }, { amount: 10 }],
    short: 0,
  });
  expect(takeCredit(parts, cents(100)).short).toBe(10);
});

test('what was paid ahead for a visit is what was received for it, spent or not', () => {
  const journal = [
    paid('2026-01-02', 2500, 'Encounter/1'),
    paid('2026-01-02', 900),
    creditApplied({
      ...head('2026-01-03'),
      from: [{ encounter: 'Encounter/1', amount: cents(2500) }],
      lines: [line(2500)],
    }),
  ];
  expect(paidAhead(journal, 'Encounter/1')).toBe(2500);
  expect(paidAhead(journal, 'Encounter/2')).toBe(0);
});

test('a line is met by credit until that is released or its Invoice is replaced', () => {
  const from = [{ amount: cents(500) }];
  const applied = creditApplied({ ...head('2026-01-03'), from, lines: [line(500)] });
  const some = creditReleased({ ...head('2026-01-04'), from: [{ amount: cents(200) }], lines: [line(200)] });
  const issued = invoiceIssued({ ...head('2026-01-03'), invoice: 'Invoice/1', lines: [line(1000)] });
  const replaced = invoiceCancelled({
    ...head('2026-01-05'),
    invoice: 'Invoice/1',
    open: [line(1000)],
    paid: [line(300)],
  });
  const amounts = (journal: readonly Entry[]) => metByCredit(journal).map((m) => m.amount);
  expect(amounts([applied])).toEqual([500]);
  expect(amounts([applied, some])).toEqual([300]);
  expect(amounts([applied, some, issued, replaced])).toEqual([]);
  const back = [{ amount: cents(300) }];
  const again = creditApplied({ ...head('2026-01-05'), from: back, lines: [line(300)] });
  expect(amounts([applied, some, issued, replaced, again])).toEqual([300]);
});

test('the chain of payers is read from any of its claims', () => {
  const handed = (from: string, to: string): Entry =>
    entry({
      ...head('2026-01-02'),
      reason: 'next-payer',
      text: '',
      postings: [
        { account: 'receivable-insurance-open', amount: cents(10), claim: to },
        { account: 'receivable-insurance-open', amount: cents(-10), claim: from },
      ],
    });
  const journal = [handed('Claim/1', 'Claim/2'), handed('Claim/2', 'Claim/3'), handed('Claim/8', 'Claim/9')];
  for (const claim of ['Claim/1', 'Claim/2', 'Claim/3']) {
    expect(payerChain(journal, claim)).toEqual(['Claim/1', 'Claim/2', 'Claim/3']);
  }
  expect(payerChain(journal, 'Claim/7')).toEqual(['Claim/7']);
});
