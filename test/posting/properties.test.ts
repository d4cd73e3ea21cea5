import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { PaymentReconciliation } from '@medplum/fhirtypes';
import { extension } from '../../src/terminology/system.ts';
import { runsOf } from '../runs.ts';
import { desk, paidOf, reversalOf, type Clp, type Desk, type Line, type Remittance } from './remittance.ts';

const cases = runsOf({ usual: 10, long: 300 });
const lines = [
  ['T1015', 16845],
  ['Q2038', 4120],
  ['G0008', 3675],
] as const;
const dollars = (cents: number): number => cents / 100;

/** How a payer decides a line: what it writes off, leaves to the patient and refuses, the rest is paid. */
const decided = (charge: number): fc.Arbitrary<Line & { code: string }> =>
  fc.tuple(fc.nat(100), fc.nat(100), fc.nat(100)).map(([off, share, refused]) => {
    const co = Math.floor((charge * off) / 300);
    const pr = Math.floor((charge * share) / 300);
    const no = Math.floor((charge * refused) / 300);
    const why = [
      ['CO-45', co],
      ['PR-1', pr],
      ['CO-197', no],
    ] as const;
    return {
      code: '',
      charge: dollars(charge),
      paid: dollars(charge - co - pr - no),
      why: why.flatMap(([code, amount]) => (amount === 0 ? [] : [`${code} ${dollars(amount)}`])).join('; '),
    };
  });
const answerTo = (number: string, payerNumber: string): fc.Arbitrary<Clp> =>
  fc
    .tuple(...lines.map(([, charge]) => decided(charge)))
    .map((all) => ({ number, payerNumber, lines: all.map((l, i) => ({ ...l, code: lines[i]?.[0] ?? '' })) }));

/** The answers to one claim in time: one or several, each taken back before the next; or its lines in two CLPs. */
const history = (number: string): fc.Arbitrary<Clp[]> =>
  fc.oneof(
    answerTo(number, `${number}A`).map((clp) => [clp]),
    fc
      .tuple(answerTo(number, `${number}A`), answerTo(number, `${number}B`))
      .map(([a, b]) => [a, reversalOf(a), b]),
    answerTo(number, `${number}A`).map((a) => [a, reversalOf(a)]),
    answerTo(number, `${number}A`).map((a) =>
      a.lines.map((l, i) => ({
        ...a,
        payerNumber: `${number}S${i}`,
        lines: [{ ...l, number: `${number}-${i + 1}` }],
      })),
    ),
  );

const claims = ['one', 'two'] as const;
const numberOf = (id: string): string => id.toUpperCase();

type Plb = readonly [code: string, reference: string, amount: number];
const centsIn = (amounts: readonly number[]): number =>
  amounts.reduce((t, amount) => t + Math.round(amount * 100), 0);

/**
 * Remittances, one a day: every claim's answers in their order, over all of them. One that would be below zero carries
 * its balance on (FB), or leaves it to be recovered of the claim it takes back (WO); later ones take it in, in parts
 * where they are smaller.
 */
const remittances: fc.Arbitrary<Remittance[]> = fc
  .tuple(
    fc.tuple(...claims.map((id) => history(numberOf(id)))),
    fc.infiniteStream(fc.boolean()),
    fc.constantFrom<readonly Plb[]>([], [['L6', '', -1.25]], [['IR', '', 2.5]], [['72', 'ONE', 3]]),
  )
  .map(([histories, choose, plb]) => {
    const next = (): boolean => choose.next().value === true;
    const left = histories.map((h) => [...h]);
    const due: { code: string; reference: string; cents: number }[] = [];
    const made: Remittance[] = [];
    while (left.some((h) => h.length > 0)) {
      const clps: Clp[] = [];
      for (const h of left) {
        const [first] = h;
        if (!first || !next()) continue;
        h.shift();
        clps.push(first);
        // a correction may come with its reversal
        if (first.status === '22' && h[0] && next()) clps.push(...h.splice(0, 1));
      }
      if (clps.length === 0) continue;
      const n = made.length + 1;
      const net = centsIn(clps.map(paidOf)) - centsIn(plb.map(([, , amount]) => amount));
      const [back] = clps.filter(({ status }) => status === '22');
      const [code, reference] = back && next() ? ['WO', back.number] : ['FB', `T${n}`];
      const taken: Plb[] = [];
      if (net < 0) {
        taken.push([code, reference, dollars(net)]);
        due.push({ code, reference, cents: -net });
      } else if (due[0] && net > 0) {
        const cents = Math.min(due[0].cents, net);
        taken.push([due[0].code, due[0].reference, dollars(cents)]);
        due[0].cents -= cents;
        if (due[0].cents === 0) due.shift();
      }
      const date = `202602${n.toString().padStart(2, '0')}`;
      made.push({ trace: `T${n}`, date, clps, plb: [...plb, ...taken] });
    }
    return made;
  });

async function balances(d: Desk): Promise<Record<string, number>> {
  const totals: Record<string, number> = {};
  for (const { account, claim, amount } of (await d.entries()).flatMap((e) => e.postings)) {
    const key = `${account} ${account.startsWith('receivable') ? (claim ?? '') : ''}`;
    totals[key] = (totals[key] ?? 0) + amount;
  }
  return Object.fromEntries(
    Object.entries(totals)
      .filter(([, amount]) => amount !== 0)
      .sort(),
  );
}

/** Each remittance comes once at least, some several times, between others. */
async function delivered(all: readonly Remittance[], order: readonly number[]): Promise<Desk> {
  const d = await desk();
  for (const id of claims) await d.sent(id);
  for (const i of order) {
    const one = all[i % all.length];
    if (one) await d.post(one);
  }
  return d;
}

test('4 whatever order remittances come in and however often, the books balance and end alike, and cash is what was paid', async () => {
  await fc.assert(
    fc.asyncProperty(remittances, fc.infiniteStream(fc.nat(1000)), async (all, random) => {
      const inOrder = all.map((_, i) => i);
      const shuffled = inOrder
        .map((i) => [random.next().value, i] as const)
        .sort(([a], [b]) => a - b)
        .map(([, i]) => i);
      const repeated = shuffled.flatMap((i) => [i, ...shuffled.filter(() => random.next().value % 4 === 0)]);
      const [a, b] = [await delivered(all, inOrder), await delivered(all, repeated)];
      for (const d of [a, b]) {
        expect(await d.faults()).toEqual([]);
        const paid = (await d.all<PaymentReconciliation>('PaymentReconciliation')).map((r) =>
          Math.round((r.paymentAmount.value ?? 0) * 100),
        );
        expect(Math.round((await d.stands('cash')) * 100)).toBe(paid.reduce((t, p) => t + p, 0));
        expect(paid).toHaveLength(all.length);
        expect(await d.stands('unidentified-payer-cash')).toBe(0);
        const states = (await d.all<PaymentReconciliation>('PaymentReconciliation')).map(
          (r) => r.extension?.find((e) => e.url === extension.postingState)?.valueCode,
        );
        expect(new Set(states)).toEqual(new Set(['posted']));
      }
      expect(await balances(b)).toEqual(await balances(a));
    }),
    { numRuns: cases, endOnFailure: true },
  );
}, 600_000);
