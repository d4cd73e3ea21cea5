import { expect, test } from '@jest/globals';
import { holdingsIn } from '../../../src/command/payer.ts';
import { openBooks, type Books } from '../../../src/payer/x12/books.ts';
import { pay } from '../../../src/payer/x12/pay.ts';
import { takeIn } from '../../../src/payer/x12/takeIn.ts';
import { claimText } from './claimText.ts';

const { houses, members } = holdingsIn();

const clock = (on: string) => ({ on, time: '1200' });
const take = (books: Books, text: string): string =>
  takeIn(books, { houses, clock: clock('2026-01-20'), daysToPay: 0 }, Buffer.from(text))
    .map((file) => file.text)
    .join('');
/** What the 835s of a day say of money: BPR02, each CLP with status and payment, each PLB. */
const paid = (books: Books, on: string): string[] =>
  pay(books, houses, clock(on)).flatMap(({ text }) =>
    text
      .split('~')
      .filter((segment) => /^(BPR|CLP|PLB)/.test(segment))
      .map((segment) => {
        const [id = '', first = '', second = '', , fourth = ''] = segment.split('*');
        if (id === 'BPR') return `BPR ${second}`;
        return id === 'CLP'
          ? `CLP ${first} ${second} ${fourth}`
          : `PLB ${segment.split('*').slice(3).join(' ')}`;
      }),
  );
const opened = (): Books => openBooks({ houses, members });

test('7 a late payment brings interest in PLB L6, negative', () => {
  const books = opened();
  take(books, claimText(1, 'FORCEDINTEREST1'));
  expect(paid(books, '2026-01-20')).toEqual(['BPR 209.52', 'CLP C1 1 207.45', 'PLB L6:ICN000000001 -2.07']);
});

test('7 a mistaken payment is taken back by a later 835, what it is short is carried forward and then taken', () => {
  const books = opened();
  take(books, claimText(1, 'FORCEDTAKEBACK1'));
  expect(paid(books, '2026-01-20')).toEqual(['BPR 207.45', 'CLP C1 1 207.45']);
  expect(paid(books, '2026-01-21')).toEqual([]);
  const short = paid(books, '2026-01-27');
  expect(short).toEqual(['BPR 0', 'CLP C1 22 -207.45', 'CLP C1 4 0', 'PLB FB:JRH0100000002 -207.45']);
  take(books, claimText(2, 'FORCEDPAID2'));
  expect(paid(books, '2026-01-28')).toEqual(['BPR 0', 'CLP C2 1 207.45', 'PLB FB:JRH0100000002 207.45']);
});

test('7 a takeback that leaves the money first: WO negative, and positive in the 835 after', () => {
  const books = opened();
  take(books, claimText(1, 'FORCEDRECOUPED1'));
  paid(books, '2026-01-20');
  expect(paid(books, '2026-01-27')).toEqual([
    'BPR 0',
    'CLP C1 22 -207.45',
    'CLP C1 4 0',
    'PLB WO:ICN000000001 -207.45',
  ]);
  take(books, claimText(2, 'FORCEDPAID2'));
  expect(paid(books, '2026-01-28')).toEqual(['BPR 0', 'CLP C2 1 207.45', 'PLB WO:ICN000000001 207.45']);
});

test('7 a replacement and a void reverse what was paid', () => {
  const books = opened();
  take(books, claimText(1, 'JRH900'));
  expect(paid(books, '2026-01-20')).toEqual(['BPR 96.87', 'CLP C1 1 96.87']);
  take(books, claimText(2, 'JRH900', ['7', 'ICN000000001']));
  expect(paid(books, '2026-01-20')).toEqual(['BPR 0', 'CLP C1 22 -96.87', 'CLP C2 1 96.87']);
  take(books, claimText(3, 'JRH900', ['8', 'ICN000000002']));
  expect(paid(books, '2026-01-20')[1]).toBe('CLP C2 22 -96.87');
});

test('7 neighbour: a used control number, an unknown payer, a replacement without a number', () => {
  const books = opened();
  const text = claimText(1, 'JRH900');
  take(books, text);
  expect(take(books, text.replace('207.45', '207.46'))).toContain('*R*025~');
  expect(take(books, claimText(2, 'JRH900').replace('JRH01', 'NOBODY'))).toContain('STC*A3:116:PR*');
  expect(take(books, claimText(3, 'JRH900', ['7']))).toContain('STC*A8:464*');
});
