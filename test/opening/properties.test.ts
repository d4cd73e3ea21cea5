import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { PaymentReconciliation } from '@medplum/fhirtypes';
import { extension } from '../../src/terminology/system.ts';
import { eachStore } from '../http/eachStore.ts';
import { paidOf, reversalOf, type Clp, type Remittance } from '../posting/remittance.ts';
import { runsOn } from '../runs.ts';
import {
  answerPart,
  balancePart,
  claimPart,
  close,
  clp,
  creditPart,
  decidedLines,
  formerClaim,
  head,
  openWorld,
  type World,
} from './world.ts';

const dollars = (cents: number): number => cents / 100;
const whyOf = (of: readonly (readonly [code: string, cents: number])[]): string =>
  of.flatMap(([code, cents]) => (cents === 0 ? [] : [`${code} ${dollars(cents)}`])).join('; ');

/** How a payer decides a line of so many cents: what it writes off, leaves to the patient and refuses. */
const decided = (charge: number): fc.Arbitrary<readonly [number, string]> =>
  fc.tuple(fc.nat(100), fc.nat(100), fc.nat(100)).map(([off, share, refused]) => {
    const parts = [off, share, refused].map((n) => Math.floor((charge * n) / 300));
    const [co = 0, pr = 0, no = 0] = parts;
    const why = whyOf([
      ['CO-45', co],
      ['PR-1', pr],
      ['CO-197', no],
    ]);
    return [dollars(charge - co - pr - no), why] as const;
  });
const answer = (number: string, payerNumber: string): fc.Arbitrary<Clp> =>
  fc
    .tuple(decided(12000), decided(3000))
    .map(([one, two]) => clp(number, decidedLines(one, two), { payerNumber }));

/** What a former system had got of a claim of 150.00: so much was paid, the rest written off but for what is open. */
interface Former {
  readonly number: string;
  readonly open: number; // cents
  readonly paid: number;
  readonly told: boolean;
}
const former = (number: string): fc.Arbitrary<Former> =>
  fc
    .tuple(fc.constantFrom(15000, 0, 4000), fc.nat(100), fc.boolean())
    .map(([open, part, told]) => ({ number, open, paid: Math.floor(((15000 - open) * part) / 100), told }));

/** What the payer takes back of it: as it had decided, the rest contractual. */
function takenBack({ number, paid }: Former): Clp {
  const first = Math.min(paid, 12000);
  const lines = decidedLines(
    [dollars(first), whyOf([['CO-45', 12000 - first]])],
    [dollars(paid - first), whyOf([['CO-45', 3000 - (paid - first)]])],
  );
  return reversalOf(clp(number, lines, { payerNumber: `${number}-FORMER` }));
}

/** What a payer says of a claim after the practice has gone live, in time. */
const history = (of: Former): fc.Arbitrary<readonly Clp[]> => {
  const one = answer(of.number, `${of.number}A`);
  if (of.open === 15000)
    return fc.oneof(
      one.map((a) => [a]),
      fc.tuple(one, answer(of.number, `${of.number}B`)).map(([a, b]) => [a, reversalOf(a), b]),
    );
  return fc.oneof(
    fc.constant([]),
    one.map((a) => [takenBack(of), a]),
    fc.constant([takenBack(of)]),
  );
};

interface Case {
  readonly formers: readonly Former[];
  readonly remittances: readonly Remittance[];
}

/** Remittances, one a day, each of one or several claims; one that would take more than it pays is carried forward. */
const cases: fc.Arbitrary<Case> = fc
  .tuple(former('P-1'), former('P-2'))
  .chain((formers) =>
    fc.tuple(fc.constant(formers), fc.tuple(...formers.map(history)), fc.infiniteStream(fc.boolean())),
  )
  .map(([formers, histories, choose]) => {
    const left = histories.map((h) => [...h]);
    const remittances: Remittance[] = [];
    while (left.some((h) => h.length > 0)) {
      const clps = left.flatMap((h) => (h.length > 0 && choose.next().value ? h.splice(0, 1) : []));
      if (clps.length === 0) continue;
      const n = remittances.length + 1;
      const net = clps.reduce((t, c) => t + Math.round(paidOf(c) * 100), 0);
      remittances.push({
        ...{ trace: `T${n}`, date: `202611${String(n).padStart(2, '0')}`, clps },
        plb: net < 0 ? [['FB', `T${n}`, dollars(net)]] : [],
      });
    }
    return { formers, remittances };
  });

async function gone(w: World, { formers, remittances }: Case, order: readonly number[]): Promise<void> {
  const parts = formers.map(({ number, open, paid, told }) =>
    claimPart(
      formerClaim(number, 'ada'),
      dollars(open),
      ...(told && open < 15000 ? [answerPart(dollars(paid), dollars(15000 - open - paid))] : []),
    ),
  );
  const opened = formers.reduce((t, f) => t + f.open, 0);
  const others = [balancePart('B-1', 'ada', 12.34), creditPart('C-1', 'ada', 5.67)];
  const loaded = await w.load(...head(dollars(opened), 12.34, 5.67), ...parts, ...others, close);
  expect([loaded.status, loaded.issues.filter((i) => i.severity === 'error')]).toEqual([200, []]);
  expect(await w.stands('opening-balance')).toBe(-dollars(opened + 1234 - 567));
  for (const i of order) {
    const one = remittances[i % remittances.length];
    if (one) expect(await w.remit(one)).toBe(200);
  }
  const found = await w.find<PaymentReconciliation>('PaymentReconciliation');
  const states = found.map((r) => r.extension?.find((e) => e.url === extension.postingState)?.valueCode);
  expect(states).toEqual(remittances.map(() => 'posted'));
}

async function balances(w: World): Promise<Record<string, number>> {
  const numbers = new Map<string, string>();
  for (const number of ['P-1', 'P-2']) numbers.set(`Claim/${(await w.claim(number)).id}`, number);
  const totals: Record<string, number> = {};
  for (const { account, claim, amount } of (await w.entries()).flatMap((e) => e.postings)) {
    const key = `${account} ${account.startsWith('receivable') ? (numbers.get(claim ?? '') ?? '') : ''}`;
    totals[key] = (totals[key] ?? 0) + amount;
  }
  return Object.fromEntries(
    Object.entries(totals)
      .filter(([, amount]) => amount !== 0)
      .sort(),
  );
}

test.each(eachStore('opening-properties'))(
  'whatever was open and whatever payers say of it in whatever order, the books balance and end alike, on %s',
  async (store, open) => {
    await fc.assert(
      fc.asyncProperty(cases, fc.infiniteStream(fc.nat(1000)), async (one, random) => {
        const inOrder = one.remittances.map((_, i) => i);
        const shuffled = inOrder
          .map((i) => [random.next().value, i] as const)
          .sort(([a], [b]) => a - b)
          .map(([, i]) => i);
        const ends: Record<string, number>[] = [];
        for (const order of [inOrder, [...shuffled, ...shuffled.slice(0, 1)]]) {
          const w = await openWorld(open, ['ada']);
          try {
            await gone(w, one, order);
            expect(await w.faults()).toEqual([]);
            expect(await w.stands('unidentified-payer-cash')).toBe(0);
            ends.push(await balances(w));
          } finally {
            await w.close();
          }
        }
        expect(ends[1]).toEqual(ends[0]);
      }),
      { numRuns: runsOn(store, { usual: 5, long: 100 }), endOnFailure: true },
    );
  },
  600_000,
);
