import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MeasureReport, Organization } from '@medplum/fhirtypes';
import supertest from 'supertest';
import { createApp } from '../../../src/app.ts';
import { seed } from '../../../src/command/seed.ts';
import { centsOf } from '../../../src/datatypes/cents.ts';
import type { Context } from '../../../src/interaction/context.ts';
import { find } from '../../../src/interaction/repository.ts';
import { shippedViews } from '../../../src/operation/view/shippedViews.ts';
import { validateResource } from '../../../src/validation/validate.ts';
import { testContext } from '../../context.ts';
import { eachStore } from '../../http/eachStore.ts';
import { added, viewed, type ViewRow } from './viewed.ts';

const whole = 'periodStart=2020&periodEnd=2027';

/** The demo practice: what views add up to is what the reports say, over all practices of the store. */
describe.each(eachStore('office-views-shipped'))('shipped views on %s', (_, open) => {
  let context: Context;
  let http: ReturnType<typeof supertest>;
  let practices: string[];

  beforeAll(async () => {
    context = await testContext({ store: await open(), validate: validateResource });
    expect(await seed(context, 'demo')).toBe('loaded');
    http = supertest(createApp(context));
    practices = (await find<Organization>(context.store, 'Organization', {})).map(
      ({ id = '' }) => `Organization/${id}`,
    );
  }, 300_000);
  afterAll(() => context.store.close());

  const reports = async (id: string): Promise<MeasureReport[]> => {
    const all: MeasureReport[] = [];
    for (const practice of practices) {
      const path = `/fhir/Measure/${id}/$evaluate-measure?subject=${practice}&${whole}`;
      all.push(((await http.get(path)) as { body: unknown }).body as MeasureReport);
    }
    return all;
  };
  const figure = async (id: string, code: string): Promise<number> =>
    (await reports(id)).reduce((sum, { group = [] }) => {
      const value = group.find((g) => g.code?.coding?.[0]?.code === code)?.measureScore?.value ?? 0;
      return sum + (centsOf({ value, currency: 'USD' }) ?? 0);
    }, 0);
  const standing = (rows: readonly ViewRow[]): ViewRow[] =>
    rows.filter(({ status }) => status !== 'entered-in-error' && status !== 'cancelled');

  test('10 charges are the gross revenue', async () => {
    const charges = standing(await viewed(context, 'charges'));
    expect(charges.length).toBeGreaterThan(10);
    expect(added(charges, 'amount')).toBe(await figure('income', 'gross-revenue'));
  });

  test('10 payments of payers and of patients are the cash', async () => {
    const payers = await viewed(context, 'payments');
    expect(payers.length).toBeGreaterThan(3);
    expect(added(payers, 'amount')).toBe(await figure('payment-analysis', 'payers'));
    const patients = standing(await viewed(context, 'patient-payments'));
    expect(added(patients, 'amount')).toBe(await figure('payment-analysis', 'patients'));
  });

  test('10 claims are worth what their lines are', async () => {
    const [claims, lines] = [await viewed(context, 'claims'), await viewed(context, 'claim-lines')];
    expect(claims.length).toBeGreaterThan(5);
    const of = (rows: readonly ViewRow[], column: string): Record<string, number> => {
      const sums: Record<string, number> = {};
      for (const row of rows) {
        const name = String(row['claim']);
        sums[name] = (sums[name] ?? 0) + added([row], column);
      }
      return sums;
    };
    expect(of(lines, 'net')).toEqual(of(claims, 'total'));
  });

  test('10 adjudications: what payers said they paid is what they paid', async () => {
    const rows = await viewed(context, 'adjudications');
    const benefit = rows.filter(({ category }) => category === 'benefit');
    expect(benefit.length).toBeGreaterThan(5);
    expect(added(benefit, 'amount')).toBe(await figure('payment-analysis', 'payers'));
  });

  test('10 ar: the aged receivables as rows, whole and divided', async () => {
    const rows = await viewed(context, 'ar', await reports('aged-receivables'));
    const total = rows.filter((r) => r['figure'] === 'total' && r['dimension'] === null);
    expect(added(total, 'score')).toBe(await figure('aged-receivables', 'total'));
    const byAccount = rows.filter((r) => r['figure'] === 'total' && r['dimension'] === 'account');
    expect(added(byAccount, 'score')).toBe(added(total, 'score'));
    expect(byAccount.length).toBeGreaterThan(1);
  });

  test('10 each shipped view is a Library that is found and run as CSV', async () => {
    const { body } = (await http.get('/fhir/Library?_count=50')) as { body: unknown };
    const ids = ((body as { entry?: { resource: { id: string } }[] }).entry ?? []).map((e) => e.resource.id);
    expect(ids).toEqual(expect.arrayContaining(shippedViews.map(({ id }) => id)));
    for (const { id } of shippedViews) {
      const answer = await http.get(`/fhir/Library/${String(id)}/$viewdefinition-run?_format=csv`);
      expect([id, answer.status]).toEqual([id, 200]);
      const answered = await http.get(`/fhir/$viewdefinition-run?viewReference=ViewDefinition/${String(id)}`);
      expect([id, answered.status]).toEqual([id, 200]);
    }
  });
});
