import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ChargeItem, ClaimResponse } from '@medplum/fhirtypes';
import { seed } from '../../../src/command/seed.ts';
import { storeFaults } from '../../../src/command/verify/readBooks.ts';
import { negate } from '../../../src/datatypes/cents.ts';
import type { Context } from '../../../src/interaction/context.ts';
import { find } from '../../../src/interaction/repository.ts';
import { eachStore } from '../../http/eachStore.ts';
import { isLong } from '../../runs.ts';
import { testContext } from '../../context.ts';
import { validateResource } from '../../../src/validation/validate.ts';
import { booked, summed } from './booked.ts';
import { isDenied, saidIn } from './answered.ts';
import { measuring } from './measured.ts';
import { readAll, type Read } from './records.ts';
import {
  averaged,
  between,
  byMethod,
  firstAnswered,
  isFirst,
  resolved,
  servedOn,
  told,
  type Told,
} from './told.ts';
import { added, viewed, type ViewRow } from '../view/viewed.ts';
import { flowKinds, recount, type Flow, type Recount } from './recount.ts';

/** One of each kind of patient; all ten of each in the long run, there on both stores. */
const patients = isLong ? 400 : 40;
const today = '2026-11-30';
const stores = eachStore('yearRecount').filter(([name]) => isLong || name === 'sqlite');
/** An answer that refused a line at the practice's cost, and is no taking back of another answer. */
const isDenial = (answer: ClaimResponse): boolean =>
  !(answer.extension ?? []).some(({ url }) => url.endsWith('/answer-kind')) && saidIn(answer).some(isDenied);

const accountOf = {
  unbilled: 'receivable-unbilled',
  open: 'receivable-insurance-open',
  pended: 'receivable-insurance-pended',
  denied: 'receivable-insurance-denied',
  'not-invoiced': 'receivable-patient-not-invoiced',
  invoiced: 'receivable-patient-invoiced',
  credit: 'unapplied-patient-credit',
} as const;
const month = ({ on }: { readonly on: string }): string => on.slice(0, 7);

describe.each(stores)('the year of the practice on %s', (_name, open) => {
  let context: Context;
  let counted: Recount;
  let ask: ReturnType<typeof measuring>;
  let books: Awaited<ReturnType<typeof booked>>;
  let read: Read;
  let said: Told;
  beforeAll(async () => {
    context = await testContext({ store: await open(), validate: validateResource });
    expect(await seed(context, 'year', { patients, today })).toBe('loaded');
    ask = measuring(context);
    counted = await recount(context);
    books = await booked(context);
    read = await readAll(context);
    said = told(read);
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

  describe('its reports', () => {
    const whole = 'periodStart=2025-11&periodEnd=2026-11';
    const of = (...kinds: readonly string[]): Flow[] =>
      counted.flows.filter(({ kind }) => kinds.includes(kind));
    const amount = (rows: readonly { readonly amount: number }[]): number =>
      rows.reduce((all, row) => all + row.amount, 0);
    const payer = (f: Flow): string => f.payer ?? 'none';

    test('12 Done 2 payment-analysis: cash of payers and patients, by month and payer', async () => {
      const report = await ask('payment-analysis', `${whole}&stratifier=month&stratifier=payer`);
      expect(report.money('payers')).toBe(amount(of('payer-payment')));
      expect(report.money('patients')).toBe(amount(of('patient-payment')));
      expect(report.by('payers', 'month')).toEqual(summed(of('payer-payment'), month));
      expect(report.by('patients', 'month')).toEqual(summed(of('patient-payment'), month));
      expect(report.by('payers', 'payer')).toEqual(summed(of('payer-payment'), payer));
      const methods = await ask('payment-analysis', `${whole}&stratifier=method`);
      expect(methods.by('patients', 'method')).toEqual(byMethod(read));
    });

    test('12 Done 2 income: charges, what lowers them, and what is left, by month', async () => {
      const report = await ask('income', `${whole}&stratifier=month`);
      const lost = of('contractual', 'denial-write-off', 'patient-write-off', 'qmb');
      expect(report.money('gross-revenue')).toBe(amount(of('charge')));
      expect((report.money('adjustments') ?? 0) + (report.money('expense') ?? 0)).toBe(amount(lost));
      expect(report.by('gross-revenue', 'month')).toEqual(summed(of('charge'), month));
      const left = [...of('charge'), ...lost.map((f) => ({ ...f, amount: negate(f.amount) }))];
      expect(report.money('profit')).toBe(amount(left));
      expect(report.by('profit', 'month')).toEqual(summed(left, month));
    });

    test('12 Done 2 adjustments: denials that were written off, by payer', async () => {
      const report = await ask('adjustments', `${whole}&stratifier=payer`);
      expect(report.by('denial-write-offs', 'payer')).toEqual(summed(of('denial-write-off'), payer));
    });

    test('12 Done 2 collection-rate: by date of service over all of the year', async () => {
      const report = await ask('collection-rate', whole);
      const [charges, contractual] = [amount(of('charge')), amount(of('contractual'))];
      const owed = (rows: Recount['open']): number => amount(rows.filter(({ where }) => where === 'credit'));
      // credit is paid, but on no receivable yet
      const paid = amount(of('payer-payment', 'patient-payment')) + owed(counted.open);
      const told = ['charges', 'contractual'].map((code) => report.money(code));
      expect(told).toEqual([charges, contractual]);
      expect(report.money('payments')).toBe(paid);
    });

    test.each(['service', 'first-bill', 'responsibility'])(
      '12 Done 2 aged-receivables by %s: buckets add up to what is open, by payer too',
      async (anchor) => {
        const report = await ask('aged-receivables', `${whole}&anchor=${anchor}&stratifier=payer`);
        const open = counted.open.filter(({ where }) => where !== 'credit');
        expect(report.money('total')).toBe(amount(open));
        const codes = [
          'days-0-30',
          'days-31-60',
          'days-61-90',
          'days-91-120',
          'days-121-and-more',
          'not-billed',
        ];
        const parts = [...codes, 'credits'].map((code) => report.money(code) ?? 0);
        expect(parts.reduce((a, b) => a + b, 0)).toBe(amount(open));
        const held = summed(
          open.filter((o) => o.payer !== undefined),
          (o) => o.payer ?? '',
        );
        expect(report.by('total', 'payer')).toMatchObject(held);
      },
    );

    test('12 Done 2 trial-balance: every month closes with what the next one opens with', async () => {
      const months = [...new Set(counted.flows.map(month))].sort();
      let before: Readonly<Record<string, number>> = {};
      for (const one of months) {
        const report = await ask('trial-balance', `periodStart=${one}&periodEnd=${one}&stratifier=account`);
        expect([one, report.by('opening', 'account')]).toEqual([one, before]);
        before = report.by('closing', 'account');
      }
      const places = summed(counted.open, ({ where }) => accountOf[where]);
      expect(before).toMatchObject(places);
    });

    test('12 Done 2 credit-balances: what patients paid too much', async () => {
      const report = await ask('credit-balances', whole);
      const held = counted.open.filter(({ where }) => where === 'credit');
      expect(report.money('credits')).toBe(0 - amount(held));
    });

    test('12 Done 2 productivity: charges in money and visits that were charged', async () => {
      const report = await ask('productivity', `${whole}&stratifier=month`);
      expect(report.money('gross-charges')).toBe(amount(of('charge')));
      expect(report.by('gross-charges', 'month')).toEqual(summed(of('charge'), month));
      const charges = await find<ChargeItem>(context.store, 'ChargeItem', {});
      expect(report.value('visits')).toBe(new Set(charges.map((c) => c.context?.reference)).size);
    });

    test('12 Done 2 denial-rate: claims whose first answer denied something, and how much', async () => {
      const report = await ask('denial-rate', `${whole}&stratifier=carc`);
      const denials = (await find<ClaimResponse>(context.store, 'ClaimResponse', {})).filter(isDenial);
      expect(report.value('denied')).toBe(denials.length);
      const denied = denials.flatMap(saidIn).filter(isDenied);
      expect(report.money('denied-money')).toBe(amount(denied));
      const carcs = [...new Set(denied.map((s) => s.reason))].sort();
      expect(carcs).toEqual(['197', '29', '50']);
      expect(Object.keys(report.by('denied', 'carc')).sort()).toEqual(carcs);
    });

    test('12 Done 2 days-in-receivables: by what is open and what was earned', async () => {
      const report = await ask('days-in-receivables', whole);
      const open = amount(counted.open.filter(({ where }) => where !== 'credit'));
      expect(report.money('receivables')).toBe(open);
    });

    test('12 Done 2 clean-claim-rate: claims sent, and those that their payer asked about', async () => {
      const report = await ask('clean-claim-rate', whole);
      expect(report.value('sent')).toBe(said.sent.length);
      expect(report.value('pended')).toBe(said.pended.length);
      expect(said.pended.length).toBeGreaterThan(0);
    });

    test('12 Done 2 first-pass-rate: claims answered, and those resolved by the first answer', async () => {
      const report = await ask('first-pass-rate', whole);
      expect(report.value('answered')).toBe(said.answered.length);
      const rate = (resolved(said).length * 100) / said.answered.length;
      expect(report.value('first-pass-rate')).toBeCloseTo(rate, 2);
    });

    test('12 Done 2 compliance: claims sent, by the days since their service', async () => {
      const report = await ask('compliance', whole);
      const late = (days: number): number =>
        said.sent.filter((c) => between(servedOn(c), c.created) > days).length;
      const of = [0, 90, 180, 365].map((n) => report.value(n === 0 ? 'sent' : `sent-after-${String(n)}`));
      expect(of).toEqual([said.sent.length, late(90), late(180), late(365)]);
    });

    test('12 Done 2 lags: service to charge, charge to sending, sending to answer', async () => {
      const report = await ask('lags', whole);
      const charges = read.charges.filter(({ priceOverride }) => priceOverride !== undefined);
      const since = charges.map((c) =>
        between(c.occurrenceDateTime ?? c.occurrencePeriod?.start, c.enteredDate),
      );
      expect(report.value('charge-lag')).toBe(averaged(since));
      const days: number[] = [];
      for (const { answer, claim } of said.answered)
        if (isFirst(claim)) days.push(between(claim.created, await firstAnswered(context, answer)));
      expect(report.value('payment-lag')).toBe(averaged(days));
    });

    test('12 Done 2 payer-mix: what payers paid and took off, by payer', async () => {
      const report = await ask('payer-mix', `${whole}&stratifier=payer`);
      expect(report.by('payments', 'payer')).toMatchObject(summed(of('payer-payment'), payer));
      const lost = summed(of('contractual', 'denial-write-off'), payer);
      expect(report.by('adjustments', 'payer')).toMatchObject(lost);
    });
  });

  describe('its views', () => {
    const stands = (rows: readonly ViewRow[]): ViewRow[] =>
      rows.filter(({ status }) => status !== 'entered-in-error' && status !== 'cancelled');
    const whole = (...kinds: readonly string[]): number =>
      counted.flows.filter(({ kind }) => kinds.includes(kind)).reduce((all, { amount }) => all + amount, 0);

    test('10 views: charges, payments and contractual amounts add up to what the reports say', async () => {
      expect(added(stands(await viewed(context, 'charges')), 'amount')).toBe(whole('charge'));
      expect(added(await viewed(context, 'payments'), 'amount')).toBe(whole('payer-payment'));
      const receipts = stands(await viewed(context, 'patient-payments'));
      expect(added(receipts, 'amount')).toBe(whole('patient-payment'));
      const decided = await viewed(context, 'adjudications');
      const contractual = decided.filter((r) => r['adjustment_group'] === 'CO' && r['carc'] === '45');
      expect(added(contractual, 'amount')).toBe(whole('contractual'));
      const benefit = decided.filter(({ category }) => category === 'benefit');
      expect(added(benefit, 'amount')).toBe(whole('payer-payment'));
    });
  });

  test('12 the books of the year hold no fault', async () => {
    const { faults, entries } = await storeFaults(context.store, Date.now());
    expect(faults).toEqual([]);
    expect(entries).toBe(books.entries.length);
  });
});
