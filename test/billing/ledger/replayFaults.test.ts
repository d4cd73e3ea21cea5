import { expect, test } from '@jest/globals';
import { claimFaults } from '../../../src/billing/ledger/claimFaults.ts';
import { replayFaults } from '../../../src/billing/ledger/replayFaults.ts';
import { cents } from '../../../src/datatypes/cents.ts';
import type { Entry, EntryReason, LedgerAccount } from '../../../src/datatypes/entry.ts';

const account = 'Account/1';
const entry = (
  id: string,
  on: string,
  reason: EntryReason,
  from: LedgerAccount,
  to: LedgerAccount,
): Entry => ({
  ...{ id, account, on, reason, text: reason, cause: `ChargeItem/${id}/_history/1` },
  postings: [
    { account: to, amount: cents(1000), charge: 'ChargeItem/1' },
    { account: from, amount: cents(-1000), charge: 'ChargeItem/1' },
  ],
});
const sound: readonly Entry[] = [
  entry('a', '2026-06-01', 'charge-captured', 'revenue', 'receivable-unbilled'),
  entry('b', '2026-06-03', 'self-pay-invoiced', 'receivable-unbilled', 'receivable-patient-invoiced'),
  entry('c', '2026-06-02', 'patient-payment', 'unapplied-patient-credit', 'cash'),
];

test('1.10 (i) a journal whose entries were entered in another order than they are dated replays', () => {
  expect(replayFaults(account, sound)).toEqual([]);
});

test.each([
  ['an entry that stands twice', [...sound, sound[0]], 'ChargeItem/a/_history/1 stands twice'],
  ['an entry without a day', [{ ...sound[0], on: 'June' }], 'has no day'],
  ['an entry of another Account', [{ ...sound[0], account: 'Account/2' }], 'of another Account'],
  ['a reversal of nothing', [{ ...sound[0], reverses: 'gone' }], 'takes back one that is not there'],
  [
    'credit below zero on a day between',
    [
      entry('d', '2026-06-01', 'credit-applied', 'receivable-patient-invoiced', 'unapplied-patient-credit'),
      ...sound,
    ],
    'unapplied credit on 2026-06-01 is -10.00',
  ],
])('1.10 (i) neighbour: %s is named', (_what, journal, text) => {
  const faults = replayFaults(account, journal as Entry[]);
  expect(faults.map((f) => f.invariant)).toContain('i');
  expect(faults.map((f) => f.text).join('\n')).toContain(text);
});

test('1.10 (h) neighbour: money that reaches a patient by an entry that may not bring it is named', () => {
  const odd = entry(
    'e',
    '2026-06-04',
    'contractual',
    'contractual-adjustment',
    'receivable-patient-not-invoiced',
  );
  expect(claimFaults(account, [...sound, odd], new Map()).map((f) => [f.invariant, f.text])).toEqual([
    [
      'h',
      `${account}: the entry for ChargeItem/e/_history/1 (contractual) brings to the patient what is not theirs`,
    ],
  ]);
});
