import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  balance,
  captureOf,
  chargeCaptured,
  chargeReversed,
  claimAdjudicated,
  claimPended,
  claimSubmitted,
  patientStanding,
  placedOn,
  trialBalance,
  type AdjudicatedLine,
  type Adjustment,
} from '../../../src/billing/ledger/index.ts';
import { cents, negate, sum, zero, type Cents } from '../../../src/datatypes/cents.ts';
import type { Entry } from '../../../src/datatypes/entry.ts';

const head = { id: 'e', on: '2026-01-20', account: 'Account/1', cause: 'ChargeItem/1/_history/1' };
const encounter = 'Encounter/1';
let made = 0;
const newId = (): string => `entry-${++made}`;
const insurance = [
  'receivable-insurance-open',
  'receivable-insurance-pended',
  'receivable-insurance-denied',
] as const;

/** One claim line in cents: what was paid, and its adjustments. Together they are the charge. */
const answered = (
  item: number,
  paid: number,
  ...adjustments: [Adjustment['group'], string, number][]
): AdjudicatedLine => ({
  item,
  encounter,
  submitted: sum([cents(paid), ...adjustments.map(([, , a]) => cents(a))]),
  paid: cents(paid),
  adjustments: adjustments.map(([group, reason, amount]) => ({ group, reason, amount: cents(amount) })),
});

const captured = (lines: readonly AdjudicatedLine[]): Entry[] =>
  lines.map((l, i) =>
    chargeCaptured({ ...head, id: newId(), charge: `ChargeItem/${i + 1}`, encounter, amount: l.submitted }),
  );

const submitted = (lines: readonly AdjudicatedLine[]): Entry =>
  claimSubmitted({
    ...head,
    id: newId(),
    cause: 'Claim/1/_history/2',
    claim: 'Claim/1',
    payer: 'Organization/first',
    lines: lines.map((l, i) => ({
      charge: `ChargeItem/${i + 1}`,
      item: l.item ?? 0,
      encounter,
      amount: l.submitted,
    })),
  });

const first = {
  ...head,
  newId,
  cause: 'ClaimResponse/1/_history/1',
  claim: 'Claim/1',
  payer: 'Organization/first',
};
const second = {
  ...first,
  cause: 'ClaimResponse/2/_history/1',
  claim: 'Claim/2',
  payer: 'Organization/second',
};
const reasonsOf = (entries: readonly Entry[]): string[] => entries.map((e) => e.reason);

const group = fc.constantFrom<Adjustment['group']>('CO', 'PR', 'OA', 'PI');
const carc = fc.constantFrom('1', '2', '3', '23', '27', '45', '59', '94', '97', '197', '253');
const amount = fc.integer({ min: 0, max: 500_000 });
const anyLine = fc.record({
  paid: amount,
  adjustments: fc.array(fc.tuple(group, carc, amount), { maxLength: 5 }),
});
const anyLines = fc
  .array(anyLine, { minLength: 1, maxLength: 8 })
  .map((lines) => lines.map((l, i) => answered(i + 1, l.paid, ...l.adjustments)));

test('whatever a payer answers, every entry balances and nothing stays open on the claim', () => {
  fc.assert(
    fc.property(anyLines, fc.boolean(), fc.boolean(), (lines, pended, further) => {
      const journal = [...captured(lines), submitted(lines)];
      if (pended) journal.push(claimPended({ ...first, id: newId(), lines: placedOn(journal, 'Claim/1') }));
      const next = { claim: 'Claim/2', payer: 'Organization/second' };
      const answer = { ...first, lines, from: pended ? 'pended' : 'open' } as const;
      const entries = claimAdjudicated(further ? { ...answer, next } : answer);
      const all = [...journal, ...entries];
      for (const e of all) expect(sum(e.postings.map((p) => p.amount))).toBe(0);
      expect(sum([...trialBalance(all).values()])).toBe(0);
      expect(placedOn(all, 'Claim/1', 'open')).toEqual([]);
      expect(placedOn(all, 'Claim/1', 'pended')).toEqual([]);
      const share = sum(
        lines.flatMap((l) => l.adjustments.filter((a) => a.group === 'PR').map((a) => a.amount)),
      );
      expect(
        balance(all, { account: further ? 'receivable-insurance-open' : 'receivable-patient-not-invoiced' }),
      ).toBe(share);
      expect(
        balance(all, { account: further ? 'receivable-patient-not-invoiced' : 'receivable-insurance-open' }),
      ).toBe(0);
      expect(balance(all, { account: 'cash' })).toBe(sum(lines.map((l) => l.paid)));
    }),
  );
});

test('only PR reaches the patient: CO, PI and OA never do', () => {
  fc.assert(
    fc.property(anyLines, (lines) => {
      const without = lines.map((l) => ({
        ...l,
        adjustments: l.adjustments.filter((a) => a.group !== 'PR'),
      }));
      const bare = without.map((l) => ({
        ...l,
        submitted: sum([l.paid, ...l.adjustments.map((a) => a.amount)]),
      }));
      const all = [
        ...captured(bare),
        submitted(bare),
        ...claimAdjudicated({ ...first, lines: bare, from: 'open' }),
      ];
      expect(patientStanding(all)).toEqual([]);
    }),
  );
});

test('a charge taken back leaves nothing, and is found only until then', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500_000 }), (charged) => {
      const capture = chargeCaptured({ ...head, charge: 'ChargeItem/1', encounter, amount: cents(charged) });
      expect(captureOf([capture], 'ChargeItem/1')).toBe(capture);
      const back = chargeReversed({
        id: 'r',
        on: '2026-01-21',
        cause: 'ChargeItem/1/_history/2',
        captured: capture,
      });
      expect(back.reverses).toBe('e');
      expect([...trialBalance([capture, back]).values()].every((v) => v === 0)).toBe(true);
      expect(captureOf([capture, back], 'ChargeItem/1')).toBeUndefined();
    }),
  );
});

test.each<[string, AdjudicatedLine, string[], Partial<Record<string, number>>]>([
  [
    'CO-45 is written off',
    answered(1, 9687, ['CO', '45', 4658], ['PR', '3', 2500]),
    ['contractual', 'insurer-payment', 'patient-share'],
    { 'contractual-adjustment': 4658, cash: 9687, 'receivable-patient-not-invoiced': 2500 },
  ],
  [
    'sequestration CO-253 is written off',
    answered(1, 9800, ['CO', '253', 200]),
    ['contractual', 'insurer-payment'],
    { 'contractual-adjustment': 200, cash: 9800 },
  ],
  [
    'a case rate above the charge: CO-94 is negative',
    answered(1, 15000, ['CO', '94', -5000]),
    ['contractual', 'insurer-payment'],
    { 'contractual-adjustment': -5000, cash: 15000, revenue: -10000 },
  ],
  [
    'CO-197 posts no amount, it moves to denied',
    answered(1, 0, ['CO', '197', 394520]),
    ['claim-denied'],
    { 'receivable-insurance-denied': 394520, revenue: -394520 },
  ],
  [
    'PI-197 is a denial too',
    answered(1, 0, ['PI', '197', 100]),
    ['claim-denied'],
    { 'receivable-insurance-denied': 100 },
  ],
  [
    'PR-27 goes to the patient',
    answered(1, 0, ['PR', '27', 16845]),
    ['patient-share'],
    { 'receivable-patient-not-invoiced': 16845 },
  ],
  [
    'OA-18 stays with the insurer as denied',
    answered(1, 0, ['OA', '18', 100]),
    ['claim-denied'],
    { 'receivable-insurance-denied': 100 },
  ],
])('%s', (_name, line, reasons, expected) => {
  const entries = claimAdjudicated({ ...first, lines: [line], from: 'open' });
  expect(reasonsOf(entries)).toEqual(reasons);
  const totals = trialBalance([...captured([line]), submitted([line]), ...entries]);
  for (const [account, value] of Object.entries(expected)) {
    expect([account, totals.get(account as 'cash')]).toEqual([account, value]);
  }
});

/** A first payer left the patient 20.00 of a line of 100.00, and a second one answers. */
function afterFirst(): Entry[] {
  const lines = [answered(1, 6000, ['CO', '45', 2000], ['PR', '2', 2000])];
  const next = { claim: 'Claim/2', payer: 'Organization/second' };
  return [...captured(lines), submitted(lines), ...claimAdjudicated({ ...first, lines, next, from: 'open' })];
}

test.each<[string, AdjudicatedLine, Partial<Record<string, number>>]>([
  ['pays the rest', answered(1, 2000, ['OA', '23', 8000]), { cash: 8000, 'contractual-adjustment': 2000 }],
  [
    'leaves part of it',
    answered(1, 1500, ['OA', '23', 8000], ['PR', '2', 500]),
    { cash: 7500, 'receivable-patient-not-invoiced': 500, 'contractual-adjustment': 2000 },
  ],
  [
    'repeats the write-off of the first: it is not posted twice',
    answered(1, 1500, ['OA', '23', 6000], ['CO', '45', 2000], ['PR', '2', 500]),
    { cash: 7500, 'receivable-patient-not-invoiced': 500, 'contractual-adjustment': 2000 },
  ],
  [
    'pays more than was left: the rest is owed back',
    answered(1, 3000, ['OA', '23', 7000]),
    { cash: 9000, 'unapplied-payer-credit': -1000, 'contractual-adjustment': 2000 },
  ],
  [
    'leaves a part unexplained: it is kept as denied',
    answered(1, 500, ['OA', '23', 9500]),
    { cash: 6500, 'receivable-insurance-denied': 1500 },
  ],
])('a second payer %s', (_name, line, expected) => {
  const journal = afterFirst();
  const placed = placedOn(journal, 'Claim/2');
  expect(placed).toEqual([{ encounter, item: 1, amount: 2000 }]);
  const all = [...journal, ...claimAdjudicated({ ...second, lines: [line], placed, from: 'open' })];
  const totals = trialBalance(all);
  for (const [account, value] of Object.entries(expected)) {
    expect([account, totals.get(account as 'cash')]).toEqual([account, value]);
  }
  expect(balance(all, { account: 'receivable-insurance-open' })).toBe(0);
});

test('an answer for the whole claim is posted without lines, and the claim is empty afterwards', () => {
  const lines = [answered(1, 7386, ['CO', '45', 0]), answered(2, 1000)];
  const whole: AdjudicatedLine = {
    encounter,
    submitted: cents(8386),
    paid: cents(5000),
    adjustments: [
      { group: 'CO', reason: '45', amount: cents(1710) },
      { group: 'PR', reason: '1', amount: cents(1676) },
    ],
  };
  const all = [
    ...captured(lines),
    submitted(lines),
    ...claimAdjudicated({ ...first, lines: [whole], from: 'open' }),
  ];
  expect(balance(all, { account: insurance, claim: 'Claim/1' })).toBe(0);
  expect(patientStanding(all)).toEqual([
    {
      encounter,
      claim: 'Claim/1',
      item: undefined,
      charge: undefined,
      share: 1676,
      notInvoiced: 1676,
      invoiced: 0,
      applied: 0,
      writtenOff: 0,
    },
  ]);
});

test('the payment names the remittance as its cause, the rest the answer', () => {
  const lines = [answered(1, 6000, ['CO', '45', 2000], ['PR', '2', 2000])];
  const entries = claimAdjudicated({
    ...first,
    remittance: 'PaymentReconciliation/1/_history/1',
    lines,
    from: 'open',
  });
  expect(entries.map((e) => [e.reason, e.cause])).toEqual([
    ['contractual', 'ClaimResponse/1/_history/1'],
    ['insurer-payment', 'PaymentReconciliation/1/_history/1'],
    ['patient-share', 'ClaimResponse/1/_history/1'],
  ]);
});

test('a replay of the journal gives every balance at every date', () => {
  const day = fc.integer({ min: 1, max: 28 }).map((d) => `2026-02-${String(d).padStart(2, '0')}`);
  fc.assert(
    fc.property(fc.array(fc.tuple(day, amount), { maxLength: 20 }), day, (charges, asOf) => {
      const journal = charges.map(([on, charged], i) =>
        chargeCaptured({
          ...head,
          id: `c${i}`,
          on,
          charge: `ChargeItem/${i}`,
          encounter,
          amount: cents(charged),
        }),
      );
      const expected: Cents = charges.filter(([on]) => on <= asOf).reduce((t, [, c]) => cents(t + c), zero);
      expect(balance(journal, { account: 'receivable-unbilled' }, asOf)).toBe(expected);
      expect(trialBalance(journal, asOf).get('revenue') ?? 0).toBe(negate(expected));
    }),
  );
});
