import { beforeAll, describe, expect, test } from '@jest/globals';
import { seed } from '../../../src/command/seed.ts';
import { storeFaults } from '../../../src/command/verify/readBooks.ts';
import type { Context } from '../../../src/interaction/context.ts';
import { eachStore } from '../../http/eachStore.ts';
import { isLong } from '../../runs.ts';
import { testContext } from '../../context.ts';
import { validateResource } from '../../../src/validation/validate.ts';
import { booked, summed } from './booked.ts';
import { flowKinds, recount, type Flow, type Recount } from './recount.ts';

/** One of each kind of patient; all ten of each in the long run, there on both stores. */
const patients = isLong ? 400 : 40;
const today = '2026-11-30';
const stores = eachStore('yearRecount').filter(([name]) => isLong || name === 'sqlite');
const month = ({ on }: { readonly on: string }): string => on.slice(0, 7);

describe.each(stores)('the year of the practice on %s', (_name, open) => {
  let context: Context;
  let counted: Recount;
  let books: Awaited<ReturnType<typeof booked>>;
  beforeAll(async () => {
    context = await testContext({ store: await open(), validate: validateResource });
    expect(await seed(context, 'year', { patients, today })).toBe('loaded');
    counted = await recount(context);
    books = await booked(context);
  }, 1_200_000);

  test.each(flowKinds)(
    '12 Done 2 %s by month and by patient: the journal equals the recount to the cent',
    (kind) => {
      const of = (flows: readonly Flow[]): Flow[] => flows.filter((f) => f.kind === kind);
      const [told, held] = [of(counted.flows), of(books.flows)];
      expect(summed(told, month)).toEqual(summed(held, month));
      expect(summed(told, (f) => f.patient)).toEqual(summed(held, (f) => f.patient));
      expect(Object.keys(summed(held, (f) => f.patient)).length).toBeGreaterThan(0);
    },
  );

  test('12 Done 2 what payers paid and took off, by payer and month', () => {
    const by = (f: Flow): string => `${f.payer ?? ''} ${month(f)} ${f.kind}`;
    const of = (flows: readonly Flow[]): Flow[] =>
      flows.filter(
        ({ kind }) => kind === 'payer-payment' || kind === 'contractual' || kind === 'denial-write-off',
      );
    expect(summed(of(counted.flows), by)).toEqual(summed(of(books.flows), by));
    expect(new Set(counted.flows.map(({ payer }) => payer)).size).toBeGreaterThan(6);
  });

  test('12 Done 2 what is open at the end, by where it waits and by patient', () => {
    const by = (o: { where: string; patient: string }): string => `${o.where} ${o.patient}`;
    expect(summed(counted.open, by)).toEqual(summed(books.open, by));
    const everywhere = ['credit', 'denied', 'invoiced', 'open', 'pended', 'unbilled'];
    expect(Object.keys(summed(counted.open, (o) => o.where))).toEqual(everywhere);
  });

  test('12 Done 2 what waits for payers, by payer', () => {
    const payers = (open: Recount['open']): Recount['open'] =>
      open.filter(({ where }) => where === 'open' || where === 'pended' || where === 'denied');
    const by = (o: { where: string; payer?: string }): string => `${o.where} ${o.payer ?? ''}`;
    expect(summed(payers(counted.open), by)).toEqual(summed(payers(books.open), by));
  });

  test('12 Done 2 the closing balances of the months chain: each is the one before and the flows of the month', () => {
    const months = [...new Set(books.flows.map(month))].sort();
    expect(months.length).toBeGreaterThan(11);
    const closing = (until: string): number =>
      books.entries
        .filter((e) => month(e) <= until)
        .flatMap(({ postings }) => postings)
        .filter(({ account }) => account.startsWith('receivable-') || account === 'unapplied-patient-credit')
        .reduce((sum, { amount }) => sum + amount, 0);
    let before = 0;
    for (const one of months) {
      const inMonth = counted.flows.filter((f) => month(f) === one);
      const net = inMonth.reduce((sum, f) => sum + (f.kind === 'charge' ? f.amount : 0 - f.amount), 0);
      expect([one, closing(one)]).toEqual([one, before + net]);
      before = closing(one);
    }
  });

  test('12 the books of the year hold no fault', async () => {
    const { faults, entries } = await storeFaults(context.store, Date.now());
    expect(faults).toEqual([]);
    expect(entries).toBe(books.entries.length);
  });
});
