import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Measure, MeasureReport, Parameters } from '@medplum/fhirtypes';
import supertest from 'supertest';
import { createApp } from '../../../src/app.ts';
import { reports } from '../../../src/billing/report/index.ts';
import type { Entry } from '../../../src/datatypes/entry.ts';
import { on, openOffice, type Office } from '../../firm/office.ts';
import { coded, coverage, drug, patient, visit } from '../../firm/visit.ts';
import { eachStore } from '../../http/eachStore.ts';
import { AsAccount } from '../../smart/asAccount.ts';

const clinic = 'Organization/alder-street-clinic';
const period = `subject=${clinic}&periodStart=2026-09&periodEnd=2026-11`;
const user = (name: string, role: string, practice: string) => ({
  ...{ name, kind: 'user' as const, roles: [role], users: [], practices: [practice] },
});

describe.each(eachStore('office-reports'))('reports on %s', (_, open) => {
  let o: Office;
  let accounts: AsAccount;
  let journal: Entry[];

  const report = async (id: string, query = period): Promise<MeasureReport> => {
    const { status, body } = await o.send('get', `Measure/${id}/$evaluate-measure?${query}`);
    if (status !== 200) throw new Error(JSON.stringify(body));
    return body as MeasureReport;
  };
  const figure = (r: MeasureReport, code: string): number | undefined =>
    r.group?.find((g) => g.code?.coding?.[0]?.code === code)?.measureScore?.value;
  const strata = (r: MeasureReport, code: string, by: string): Record<string, number> => {
    const group = r.group?.find((g) => g.code?.coding?.[0]?.code === code);
    const found = group?.stratifier?.find((s) => s.code?.[0]?.coding?.[0]?.code === by);
    return Object.fromEntries(
      (found?.stratum ?? []).map((s) => [s.value?.text ?? '', s.measureScore?.value ?? Number.NaN]),
    );
  };
  /** What the journal has on accounts, in dollars: another way of adding than that of the reports. */
  const stands = (accounts_: RegExp, from = '', through = '2026-11-30'): number =>
    journal
      .filter((e) => e.on >= from && e.on <= through)
      .flatMap((e) => e.postings)
      .filter((p) => accounts_.test(p.account))
      .reduce((t, p) => t + p.amount, 0) / 100;

  beforeAll(async () => {
    o = await openOffice(open, { payer: 'simulator' });
    accounts = new AsAccount(o.context);
    await accounts.is(user('biller', 'biller', 'alder-street-clinic'));
    await accounts.is(user('coder', 'coder', 'alder-street-clinic'));
    await accounts.is(user('hospital', 'biller', 'bellwater-hospital'));
    for (const [id, plan, member] of [
      ['ada', 'juniper-ppo-1500', undefined],
      ['bea', 'juniper-ppo-1500', 'FORCEDDENIED1'],
      ['cia', undefined, undefined],
    ] as const) {
      await o.put(patient(id));
      const over = {
        ...(plan === undefined ? {} : { plan }),
        ...(member === undefined ? {} : { subscriberId: member }),
      };
      if (plan !== undefined) await o.put(coverage(id, id, over));
      await o.put(
        visit(`${id}-1`, id, '2026-09-10', {
          reasonCode: [coded('http://hl7.org/fhir/sid/icd-10-cm', 'J06.9')],
        }),
        drug(`${id}-d`, { patient: id, encounter: `${id}-1`, at: '2026-09-10T09:10:00-04:00' }),
        visit(`${id}-2`, id, '2026-10-20'),
      );
      for (const [encounter, day] of [
        [`${id}-1`, '2026-09-12'],
        [`${id}-2`, '2026-10-21'],
      ] as const) {
        const captured = await o.call(`Encounter/${encounter}/$capture-charges`, [on(day)]);
        if (captured.status !== 200) throw new Error(JSON.stringify(captured.body));
      }
    }
    for (const id of ['ada', 'bea'])
      for (const claim of await o.claims(`${id}-1`, '2026-09-14')) await o.submit(claim);
    const invoiced = await o.call('Encounter/cia-1/$generate-invoice', [on('2026-10-02')]);
    if (invoiced.status !== 200) throw new Error(JSON.stringify(invoiced.body));
    journal = (await o.context.store.entries({ count: 500 })).entries;
  });
  afterAll(() => o.close());

  test('10 each report is a Measure that is read and found, and evaluates to a sound MeasureReport', async () => {
    expect((await o.find<Measure>('Measure')).map((m) => m.id).sort()).toEqual(
      reports.map((r) => r.id).sort(),
    );
    for (const { id, figures } of reports) {
      const { body } = await o.send('get', `Measure/${id}`);
      expect(o.context.validate(body)).toEqual([]);
      const made = await report(id);
      expect(o.context.validate(made)).toEqual([]);
      expect(made.group?.map((g) => g.code?.coding?.[0]?.code)).toEqual(figures.map((f) => f.code));
    }
  });

  test('10 receivables by age add up to the ledger to the cent, by each anchor and each way', async () => {
    for (const anchor of ['service', 'first-bill', 'responsibility']) {
      const aged = await report('aged-receivables', `${period}&anchor=${anchor}`);
      const due = stands(/^receivable-/);
      expect(figure(aged, 'total')).toBeCloseTo(due, 2);
      const parts = [
        'days-0-30',
        'days-31-60',
        'days-61-90',
        'days-91-120',
        'days-121-and-more',
        'not-billed',
        'credits',
      ];
      const sum = (values: readonly (number | undefined)[]): number =>
        values.reduce<number>((t, v) => t + (v ?? 0), 0);
      expect(sum(parts.map((code) => figure(aged, code)))).toBeCloseTo(due, 2);
      for (const way of ['payer', 'provider', 'place', 'account', 'bucket'])
        expect(sum(Object.values(strata(aged, 'total', way)))).toBeCloseTo(due, 2);
    }
    const aged = await report('aged-receivables');
    expect(Object.keys(strata(aged, 'total', 'provider'))).toEqual(['Practitioner/ruth-abernathy']);
    expect(Object.keys(strata(aged, 'total', 'place'))).toEqual(['Location/alder-street-clinic-office']);
    const billed = await report('aged-receivables', `${period}&anchor=first-bill`);
    expect(figure(billed, 'not-billed')).toBeGreaterThan(0);
  });

  test('10 income of each month is what the ledger has, and chains to the trial balance', async () => {
    const income = await report('income');
    expect(figure(income, 'gross-revenue')).toBeCloseTo(0 - stands(/^revenue$/), 2);
    const months = strata(income, 'gross-revenue', 'month');
    expect(months['2026-09']).toBeCloseTo(0 - stands(/^revenue$/, '2026-09-01', '2026-09-30'), 2);
    expect(figure(income, 'adjustments')).toBeCloseTo(
      stands(/adjustment$|discount$|qmb|denial-write-off/),
      2,
    );
    const [october, november] = [
      await report('trial-balance', `subject=${clinic}&periodStart=2026-10&periodEnd=2026-10`),
      await report('trial-balance', `subject=${clinic}&periodStart=2026-11&periodEnd=2026-11`),
    ];
    expect(strata(november, 'opening', 'account')).toEqual(strata(october, 'closing', 'account'));
    expect(figure(november, 'closing')).toBe(0);
  });

  test('10 payments, collection and payer mix', async () => {
    const payments = await report('payment-analysis');
    expect(figure(payments, 'cash')).toBeCloseTo(stands(/^cash$/), 2);
    const collection = await report(
      'collection-rate',
      `subject=${clinic}&periodStart=2026-09&periodEnd=2026-09`,
    );
    const paid = figure(collection, 'payments') ?? 0;
    expect(paid).toBeCloseTo(stands(/^cash$/), 2);
    const charges = figure(collection, 'charges') ?? 0;
    expect(figure(collection, 'gross-collection')).toBeCloseTo((paid / charges) * 100, 1);
    const mix = await report('payer-mix');
    expect(Object.keys(strata(mix, 'charges', 'payer'))).toEqual(['Organization/juniper-ridge', 'none']);
  });

  test('10 clean claims, first pass and denials, by payer and CARC', async () => {
    const clean = await report('clean-claim-rate');
    expect([figure(clean, 'sent'), figure(clean, 'clean-claim-rate')]).toEqual([2, 100]);
    const first = await report('first-pass-rate');
    expect([figure(first, 'answered'), figure(first, 'first-pass-rate')]).toEqual([2, 50]);
    const denied = await report('denial-rate');
    expect([figure(denied, 'denied'), figure(denied, 'denial-rate')]).toEqual([1, 50]);
    expect(figure(denied, 'denied-money')).toBeCloseTo(stands(/^receivable-insurance-denied$/), 2);
    expect(Object.keys(strata(denied, 'denied', 'carc'))).toHaveLength(1);
    expect(Object.keys(strata(denied, 'denied', 'carc'))).not.toEqual(['none']);
    expect(Object.keys(strata(denied, 'denied', 'payer'))).toEqual(['Organization/juniper-ridge']);
  });

  test('10 lags in days, credits and productivity', async () => {
    const lags = await report('lags');
    expect(figure(lags, 'charge-lag')).toBeCloseTo((2 * 6 + 1 * 3) / 9, 1);
    const done = await report('productivity');
    expect([figure(done, 'visits'), figure(done, 'charges'), figure(done, 'claims-sent')]).toEqual([6, 9, 2]);
    const credits = await report('credit-balances');
    expect(figure(credits, 'credits')).toBeCloseTo(0 - stands(/^unapplied|^refunds-payable$/), 2);
    expect(figure(await report('compliance'), 'sent')).toBe(2);
    expect(figure(await report('days-in-receivables'), 'receivables')).toBeCloseTo(stands(/^receivable-/), 2);
  });

  test('10 two dimensions at once: denials by payer and month', async () => {
    const trend = await report('denial-rate', `${period}&stratifier=payer.month`);
    const group = trend.group?.find((g) => g.code?.coding?.[0]?.code === 'denial-rate');
    const stratum = group?.stratifier?.[0]?.stratum?.[0];
    expect(stratum?.component?.map((c) => c.value.text)).toEqual(['Organization/juniper-ridge', '2026-11']);
  });

  test('10 each figure opens to its entries, which add up to it, page by page', async () => {
    for (const { id } of reports) {
      const made = await report(id);
      for (const group of made.group ?? []) {
        const cells = [group, ...(group.stratifier ?? []).flatMap((s) => s.stratum ?? [])];
        for (const cell of cells.slice(0, 6)) {
          const link = cell.extension?.find((e) => e.url.endsWith('/report-entries'))?.valueUrl ?? '';
          const { status, body } = await o.send('get', link.slice(link.indexOf('Measure/')));
          expect([link, status]).toEqual([link, 200]);
          const { parameter = [] } = body as Parameters;
          const amount = parameter.find((p) => p.name === 'amount')?.valueMoney?.value;
          if (cell.measureScore?.code === 'USD')
            expect([link, amount]).toEqual([link, cell.measureScore.value]);
        }
      }
    }
    const { body } = await o.send('get', `Measure/income/$entries?${period}&figure=gross-revenue&_count=4`);
    const { parameter = [] } = body as Parameters;
    expect(parameter.filter((p) => p.name === 'entry')).toHaveLength(4);
    const next = parameter.find((p) => p.name === 'next')?.valueUrl ?? '';
    const second = (await o.send('get', next.slice(next.indexOf('Measure/')))).body as Parameters;
    const ids = [parameter, second.parameter ?? []].flatMap((all) =>
      all.filter((p) => p.name === 'entry').map((p) => p.part?.find((x) => x.name === 'entry')?.valueId),
    );
    expect(new Set(ids).size).toBe(8);
  });

  test('10 as comma-separated values, by Accept and by _format', async () => {
    const http = supertest(createApp(o.context));
    const path = `/fhir/Measure/income/$evaluate-measure?${period}`;
    const byAccept = await http.get(path).set('Accept', 'text/csv');
    expect([byAccept.status, byAccept.type]).toEqual([200, 'text/csv']);
    const [head, first] = byAccept.text.split('\r\n');
    expect(head).toMatch(/^measure,periodStart,periodEnd,periodState,figure,/);
    expect(first).toMatch(/^income,2026-09-01,2026-11-30,open,gross-revenue,/);
    expect((await http.get(`${path}&_format=csv`)).text).toBe(byAccept.text);
    const refused = await http.get('/fhir/Measure/income/$evaluate-measure').set('Accept', 'text/csv');
    expect([refused.status, refused.type]).toEqual([400, 'application/fhir+json']);
  });

  test('10 a report over a closed and an open month says so', async () => {
    expect((await report('income')).extension?.map((e) => e.valueCode)).toEqual(['open']);
    await o.call('Organization/alder-street-clinic/$close-period', [{ name: 'month', valueDate: '2026-09' }]);
    const mixed = await report('income');
    expect(mixed.extension?.map((e) => e.valueCode ?? e.valueDate)).toEqual(['mixed', '2026-09-30']);
    const closed = await report('income', `subject=${clinic}&periodStart=2026-09&periodEnd=2026-09`);
    expect(closed.extension?.map((e) => e.valueCode)).toEqual(['closed']);
  });

  test('10 who asks sees the books of their practice only, and with the permission', async () => {
    const get = (who: string, query: string) =>
      accounts.ask(who, 'get', `Measure/income/$evaluate-measure?${query}`) as unknown as Promise<{
        status: number;
        body: MeasureReport;
      }>;
    const own = await get('biller', 'periodStart=2026-09&periodEnd=2026-11');
    expect([own.status, own.body.reporter?.reference]).toEqual([200, clinic]);
    expect((await get('hospital', period)).status).toBe(403);
    expect((await get('coder', period)).status).toBe(403);
    const entries = await accounts.ask('hospital', 'get', `Measure/income/$entries?${period}&figure=profit`);
    expect(entries.status).toBe(403);
  });

  test.each([
    [`periodStart=2026-09&periodEnd=2026-11`, 422, 'subject-missing'],
    [`subject=${clinic}&periodStart=2026-11&periodEnd=2026-09`, 422, 'period-turned'],
    [`${period}&anchor=never`, 422, 'anchor-unknown'],
    [`${period}&stratifier=weather`, 422, 'stratifier-unknown'],
    [`subject=Organization/nobody&periodStart=2026-09&periodEnd=2026-11`, 404, 'not-found'],
    [`subject=${clinic}&periodStart=soon&periodEnd=2026-11`, 422, 'wrong-format'],
  ])('10 neighbour: %s is %s %s', async (query, status, code) => {
    const said = await o.send('get', `Measure/aged-receivables/$evaluate-measure?${query}`);
    expect([said.status, said.codes[0]]).toEqual([status, code]);
  });

  test('10 neighbour: a Measure of others is not evaluated', async () => {
    const { id: _, ...own } = (await o.send('get', 'Measure/income')).body as Measure;
    await o.put({ ...own, resourceType: 'Measure', id: 'theirs' });
    const said = await o.send('get', `Measure/theirs/$evaluate-measure?${period}`);
    expect([said.status, said.codes]).toEqual([422, ['measure-not-evaluated']]);
  });
});
