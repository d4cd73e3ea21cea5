import { describe, expect, test } from '@jest/globals';
import type { BankLine } from '../../src/billing/deposit/bankLine.ts';
import { matchBank, type Expected } from '../../src/billing/deposit/matchBank.ts';
import { readBai2 } from '../../src/billing/deposit/readBai2.ts';
import { readBankCsv } from '../../src/billing/deposit/readBankCsv.ts';
import { cents } from '../../src/datatypes/cents.ts';

const bai2 = [
  '01,BANK,PRACTICE,261121,0800,1,80,,2/',
  '02,PRACTICE,BANK,1,261120,2359,USD,2/',
  '03,000123456,USD,015,250000,,,100,91750,4,S,0,91750,0/',
  '16,142,67500,V,261120,0800,B1,,JUNIPER RIDGE HCCLAIMPMT/',
  '88,TRN*1*EFT0*1941234567*MEMO\\/',
  '16,115,20000,S,20000,0,0,B2,LB77,LOCKBOX/',
  '16,301,4250,D,2,0,4000,1,250,B3,,BRANCH DEPOSIT',
  '16,475,1200,Z,B4,1001,CHECK PAID/',
  '49,434700,8/',
  '98,434700,1,10/',
  '99,434700,1,12/',
].join('\r\n');

describe('a statement in BAI2', () => {
  test('has what came in, with its day, numbers and addendum, and leaves aside what went out', () => {
    const { lines, debits, faults } = readBai2(bai2);
    expect(faults).toEqual([]);
    expect(debits).toEqual([1200]);
    expect(lines.map((l) => [l.account, l.date, l.amount, l.reference, l.traces, l.payerTin])).toEqual([
      ['000123456', '2026-11-20', 67500, 'B1', ['EFT0', 'B1'], '941234567'],
      ['000123456', '2026-11-20', 20000, 'LB77', ['LB77'], undefined],
      ['000123456', '2026-11-20', 4250, 'B3', ['B3'], undefined],
    ]);
  });

  test.each([
    ['an amount that was changed', bai2.replace('16,301,4250', '16,301,4251'), 'does not add up'],
    ['a line that is lost', bai2.replace(/16,115.*\r\n/, ''), 'does not add up'],
    ['no amount', bai2.replace('16,115,20000', '16,115,'), 'no type or no amount'],
    ['no day', bai2.replace(',261120,2359', ',,2359'), 'has no day'],
  ])('neighbour: %s is a fault', (_, text, fault) => {
    expect(readBai2(text).faults.join('\n')).toContain(fault);
  });

  test('neighbour: cut off anywhere it throws nothing', () => {
    for (let end = 0; end < bai2.length; end += 1)
      expect(Array.isArray(readBai2(bai2.slice(0, end)).lines)).toBe(true);
  });
});

test.each([
  ['2026-11-20', '67.50', 6750],
  ['11/20/2026', '"$1,067.50"', 106750],
  ['20261120', '+5', 500],
])('a statement as CSV has days and amounts as banks write them: %s, %s', (day, amount, value) => {
  const { lines, faults } = readBankCsv(`\uFEFFPosting Date,Amount,Memo\n${day},${amount},"A ""B"", C"\n\n`);
  expect(faults).toEqual([]);
  expect(lines.map((l) => [l.date, l.amount, l.text])).toEqual([['2026-11-20', value, 'A "B", C']]);
});

test('neighbour: what went out stands in parentheses, below zero or in a column of its own', () => {
  const { lines, debits, paidOut, faults } = readBankCsv(
    'Date,Credit,Debit\n2026-11-20,(5.00),\n2026-11-20,-1.25,\n2026-11-20,,7',
  );
  expect([lines, debits, faults]).toEqual([[], [-500, -125], []]);
  expect(paidOut.map(({ amount }) => amount)).toEqual([500, 125]);
});

describe('a line of the bank is the money of', () => {
  const lineOf = (name: string, amount: number, over: Partial<BankLine> = {}) => ({
    ...{ name, account: '', date: '2026-11-20', amount: cents(amount), reference: '', text: '', traces: [] },
    ...over,
  });
  const payment = (name: string, amount: number, over: Partial<Expected> = {}): Expected => ({
    ...{ name, amount: cents(amount), date: '2026-11-19', issuer: 'Organization/p' },
    ...over,
  });
  const matched = (lines: ReturnType<typeof lineOf>[], expected: Expected[]): string[] =>
    matchBank(lines, expected).map(
      (m) => `${m.line.name}: ${m.to.map((e) => e.name).join('+')} ${m.difference}`,
    );

  test.each<readonly [string, ReturnType<typeof lineOf>[], Expected[], string[]]>([
    [
      'the payment of its number',
      [lineOf('a', 5, { traces: ['T1'] })],
      [payment('x', 5, { trace: 't1' })],
      ['a: x 0'],
    ],
    [
      'the payment of its number and payer, of two payers',
      [lineOf('a', 5, { traces: ['T1'], payerTin: '2' })],
      [payment('x', 5, { trace: 'T1', payerTin: '1' }), payment('y', 5, { trace: 'T1', payerTin: '2' })],
      ['a: y 0'],
    ],
    [
      'none of two payments of one number and another amount',
      [lineOf('a', 7, { traces: ['T1'] })],
      [payment('x', 5, { trace: 'T1' }), payment('y', 6, { trace: 'T1' })],
      [],
    ],
    [
      'the payment of its number, with a difference',
      [lineOf('a', 7, { traces: ['T1'] })],
      [payment('x', 5, { trace: 'T1' })],
      ['a: x 2'],
    ],
    ['what has its amount about its day', [lineOf('a', 5)], [payment('x', 5)], ['a: x 0']],
    ['nothing of its amount a week before', [lineOf('a', 5)], [payment('x', 5, { date: '2026-11-10' })], []],
    ['neither of two of its amount', [lineOf('a', 5)], [payment('x', 5), payment('y', 5)], []],
    ['nothing where two lines have its amount', [lineOf('a', 5), lineOf('b', 5)], [payment('x', 5)], []],
    [
      'nothing of its amount where it names another 835',
      [lineOf('a', 5, { traces: ['T2'], payerTin: '1' })],
      [payment('x', 5, { trace: 'T1' })],
      [],
    ],
    [
      'all that one payer pays on one day',
      [lineOf('a', 11)],
      [payment('x', 5), payment('y', 6), payment('z', 11, { date: '2026-11-01' })],
      ['a: x+y 0'],
    ],
    [
      'not what two payers pay',
      [lineOf('a', 11)],
      [payment('x', 5), payment('y', 6, { issuer: 'Organization/q' })],
      [],
    ],
  ])('%s', (_, lines, expected, found) => {
    expect(matched(lines, expected)).toEqual(found);
  });
});
