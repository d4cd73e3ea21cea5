import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Account, ParametersParameter } from '@medplum/fhirtypes';
import { Books } from '../../../src/billing/report/books.ts';
import { reports } from '../../../src/billing/report/index.ts';
import { tally, type Tallied } from '../../../src/billing/report/tally.ts';
import type { Entry } from '../../../src/datatypes/entry.ts';
import { lastDayOf } from '../../../src/datatypes/month.ts';
import { openStore } from '../../../src/store/openStore.ts';
import { followBooks } from '../../../src/operation/report/followBooks.ts';
import { aboutEntry, carcsOf, methodOf } from '../../../src/operation/report/aboutEntry.ts';
import { runsOf } from '../../runs.ts';
import { on, openOffice, type Office } from '../../firm/office.ts';
import { coded, coverage, patient, visit } from '../../firm/visit.ts';

const practice = 'Organization/alder-street-clinic';
const months = ['2026-07', '2026-08', '2026-09', '2026-10'] as const;
const allMonths = [...months, '2026-11'] as const;
const day = (month: string, of: number): string => `${month}-${String(of).padStart(2, '0')}`;

const someMonth = fc.constantFrom(...months);
const date = fc.tuple(someMonth, fc.integer({ min: 1, max: 28 })).map(([m, d]) => day(m, d));
const step = fc.oneof(
  fc.record({ is: fc.constant('visit' as const), who: fc.integer({ min: 0, max: 2 }), on: date }),
  fc.record({
    is: fc.constant('pay' as const),
    who: fc.integer({ min: 0, max: 2 }),
    on: date,
    amount: fc.integer({ min: 1, max: 90 }),
  }),
  fc.record({ is: fc.constant('bill' as const), who: fc.integer({ min: 0, max: 2 }), on: date }),
  fc.record({ is: fc.constant('refund' as const), who: fc.integer({ min: 0, max: 2 }), on: date }),
  fc.record({ is: fc.constant('close' as const), month: someMonth }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const money = (value: number): ParametersParameter => ({
  name: 'amount',
  valueMoney: { value, currency: 'USD' },
});

/** Balances of every account of the ledger at the end of a month, added up from the entries. */
function closing(entries: readonly Entry[], month: string): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const e of entries)
    if (e.on.slice(0, 7) <= month)
      for (const p of e.postings) sums[p.account] = (sums[p.account] ?? 0) + p.amount;
  return sums;
}

async function figures(books: Books, start: string, end: string): Promise<Record<string, Tallied[]>> {
  const all: Record<string, Tallied[]> = {};
  for (const report of reports) {
    const ways = [['payer'], ['method'], ['account'], ['bucket'], ['month', 'reason']] as const;
    const scope = { books, practice, start, end, anchor: 'responsibility' as const };
    all[report.id] = await tally(report, scope, ways, () => undefined);
  }
  return all;
}

const accountsOf = (found: readonly Tallied[] | undefined, figure: string): Record<string, number> =>
  Object.fromEntries(
    (found?.find((f) => f.figure.code === figure)?.divisions ?? [])
      .flatMap((d) => (d.by[0] === 'account' ? d.strata : []))
      .map(({ values, score }) => [values[0] ?? '', score.score ?? 0])
      .filter(([, amount]) => amount !== 0),
  ) as Record<string, number>;

test('10 closed months never change and chain, and what is followed is what a recount says', async () => {
  const runs = runsOf({ usual: 3, long: 60 });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 12, maxLength: 26 }), async (steps) => {
      const o = await openOffice(
        () => openStore('sqlite::memory:', { now: () => new Date().toISOString() }),
        {
          payer: 'simulator',
        },
      );
      try {
        await holds(o, steps);
      } finally {
        await o.close();
      }
    }),
    { numRuns: runs, endOnFailure: true },
  );
});

async function holds(o: Office, steps: readonly Step[]): Promise<void> {
  const { store } = o.context;
  const frozen = new Map<string, Record<string, number>>();
  const all = async (): Promise<Entry[]> => (await store.entries({ count: 5000 })).entries;
  for (const id of ['p0', 'p1', 'p2']) await o.put(patient(id));
  await o.put(coverage('p0', 'p0'));
  let through = '';
  for (const [i, one] of steps.entries()) {
    await take(o, one, i);
    if (one.is === 'close' && one.month > through) {
      through = one.month;
      const entries = await all();
      for (const month of months)
        if (month <= through && !frozen.has(month)) frozen.set(month, closing(entries, month));
    }
    if (i % 5 === 0) await followBooks(store);
    const entries = await all();
    for (const [month, balances] of frozen) expect(closing(entries, month)).toEqual(balances);
  }
  await compare(o, await all());
}

/** One step of the office; what it refuses changes nothing. */
async function take(o: Office, one: Step, i: number): Promise<void> {
  if (one.is === 'close') {
    await o.call('Organization/alder-street-clinic/$close-period', [{ name: 'month', valueDate: one.month }]);
    return;
  }
  const who = `p${one.who}`;
  const encounter = `${who}-v${i}`;
  const [account] = await o.find<Account>(`Account?subject=Patient/${who}`);
  switch (one.is) {
    case 'visit': {
      const reasonCode = [coded('http://hl7.org/fhir/sid/icd-10-cm', 'J06.9')];
      await o.put(visit(encounter, who, one.on, { reasonCode }));
      const dated = await o.call(`Encounter/${encounter}/$capture-charges`, [on(one.on)]);
      if (dated.status === 409) await o.call(`Encounter/${encounter}/$capture-charges`);
      return;
    }
    case 'bill': {
      for (const found of await o.find(`Encounter?subject=Patient/${who}`))
        if (one.who === 0) {
          const said = await o.call(`Encounter/${found.id}/$generate-claim`, [on(one.on)]);
          for (const claim of said.all('claim')) await o.call(`Claim/${claim.id ?? ''}/$submit`);
        } else await o.call(`Encounter/${found.id}/$generate-invoice`, [on(one.on)]);
      return;
    }
    case 'pay':
    case 'refund': {
      const paid = [
        ...[money(one.is === 'pay' ? one.amount : 5), { name: 'method', valueCode: 'check' }],
        ...[{ name: 'reference', valueString: `R-${i}` }, on(one.on)],
      ];
      await o.call(
        `Account/${account?.id ?? 'none'}/${one.is === 'pay' ? '$record-payment' : '$refund'}`,
        paid,
      );
    }
  }
}

/** What was followed piece by piece is what a recount of the whole journal says, and months chain. */
async function compare(o: Office, entries: readonly Entry[]): Promise<void> {
  const { store } = o.context;
  const followed = await followBooks(store);
  const recount = new Books();
  for (const [i, entry] of entries.entries()) {
    await aboutEntry(store, recount, entry);
    recount.add(entry, i + 1, practice, {
      carcs: await carcsOf(store, entry),
      method: await methodOf(store, entry),
    });
  }
  expect(await figures(followed, '2026-07-01', '2026-11-30')).toEqual(
    await figures(recount, '2026-07-01', '2026-11-30'),
  );
  let before: Record<string, number> | undefined;
  for (const month of allMonths) {
    const of = (await figures(followed, `${month}-01`, `${month}-01`))['trial-balance'];
    const whole = (await figures(followed, `${month}-01`, lastDayOf(month)))['trial-balance'];
    if (before) expect(accountsOf(of, 'opening')).toEqual(before);
    before = accountsOf(whole, 'closing');
    const due = Object.entries(closing(entries, month)).filter(([, amount]) => amount !== 0);
    expect(before).toEqual(Object.fromEntries(due));
  }
}
