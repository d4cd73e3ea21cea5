import { beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Appointment,
  Claim,
  ClaimResponse,
  Encounter,
  Invoice,
  Resource,
  Task,
} from '@medplum/fhirtypes';
import { seed } from '../../../src/command/seed.ts';
import { localClient } from '../../../src/command/load/client.ts';
import { loadYear } from '../../../src/command/seed/year/year.ts';
import { yearSheet } from '../../../src/command/seed/year/sheet.ts';
import { daysBetween } from '../../../src/datatypes/date.ts';
import type { Context } from '../../../src/interaction/context.ts';
import { find } from '../../../src/interaction/repository.ts';
import { validateResource } from '../../../src/validation/validate.ts';
import { testContext } from '../../context.ts';
import { isLong } from '../../runs.ts';

const patients = 40; // one of each kind
/** An empty store, and a clock that stands on a day. */
const openOn = (day: string): Promise<Context> =>
  testContext({ validate: validateResource, now: () => `${day}T15:00:00Z` });

/** What must be the same every time: each account of the ledger, and each status with its day, counted back from the end. */
async function standing(context: Context, today: string): Promise<unknown> {
  const ago = (on: string | undefined): number => daysBetween((on ?? '').slice(0, 10), today);
  const all = <T extends Resource>(type: T['resourceType']): Promise<T[]> => find<T>(context.store, type, {});
  const sorted = (rows: readonly (readonly unknown[])[]): string[] =>
    rows.map((r) => JSON.stringify(r)).sort();
  return {
    ledger: await yearSheet(context),
    visits: sorted((await all<Encounter>('Encounter')).map((e) => [e.id, e.status, ago(e.period?.start)])),
    claims: sorted(
      (await all<Claim>('Claim')).map((c) => [
        c.patient.reference?.slice(0, 17),
        c.status,
        c.total?.value,
        ago(c.created),
      ]),
    ),
    answers: sorted(
      (await all<ClaimResponse>('ClaimResponse')).map((r) => [
        r.patient.reference,
        r.outcome,
        r.payment?.amount.value,
        ago(r.created),
      ]),
    ),
    invoices: sorted(
      (await all<Invoice>('Invoice')).map((i) => [
        i.subject?.reference,
        i.status,
        i.totalNet?.value,
        ago(i.date),
      ]),
    ),
    tasks: sorted(
      (await all<Task>('Task')).map((t) => [
        t.for?.reference,
        t.status,
        t.code?.coding?.[0]?.code,
        t.businessStatus?.coding?.[0]?.code,
      ]),
    ),
    appointments: sorted((await all<Appointment>('Appointment')).map((a) => [a.id, a.status, ago(a.start)])),
  };
}

/** The same store, whose process ends after so many transactions. */
function endingAfter(context: Context, transactions: number): Context {
  let left = transactions;
  const { store } = context;
  const ending = new Proxy(store, {
    get: (of, name) => {
      const value: unknown = Reflect.get(of, name);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]): unknown => {
        if (name === 'transaction' && (left -= 1) < 0) throw new Error('the process ended here');
        return Reflect.apply(value, of, given) as unknown;
      };
    },
  });
  return { ...context, store: ending };
}

describe('a practice with a year behind it', () => {
  const today = '2026-11-30';
  let whole: unknown;
  beforeAll(async () => {
    const context = await openOn(today);
    expect(await seed(context, 'year', { patients })).toBe('loaded');
    whole = await standing(context, today);
  }, 600_000);

  test('12 the same every time: begun in another calendar year, every account, claim, Invoice and Task is alike', async () => {
    const other = '2027-03-09';
    const context = await openOn(other);
    expect(await seed(context, 'year', { patients })).toBe('loaded');
    expect(await standing(context, other)).toEqual(whole);
  }, 600_000);

  test('12 gone through once more from the first day, no step is done a second time', async () => {
    const context = await openOn(today);
    expect(await seed(context, 'year', { patients })).toBe('loaded');
    // as if it had been stopped each time before it was kept that a patient is finished
    expect(await context.store.records.removeSome('Seed', 1_000)).toBe(patients + 1);
    await loadYear(context, localClient(context), { patients, today });
    expect(await standing(context, today)).toEqual(whole);
  }, 600_000);

  // among the patients' resources, in the middle of their visits, near the end
  const stops = isLong ? [3, 10, 40, 200, 400, 600, 800, 1_000] : [500];
  test.each(stops)(
    '12 stopped after %d transactions, a start two days later finishes it to the same cent',
    async (transactions) => {
      const context = await openOn(today);
      await expect(seed(endingAfter(context, transactions), 'year', { patients })).rejects.toThrow(
        'the process ended here',
      );
      const later = { ...context, now: () => '2026-12-02T15:00:00Z' };
      expect(await seed(later, 'year', { patients })).toBe('loaded');
      expect(await standing(later, today)).toEqual(whole);
      expect(await seed(later, 'year', { patients })).toBe('already there');
    },
    600_000,
  );

  test('12 neighbour: a store that holds other data, or the demo, is left alone', async () => {
    const context = await openOn('2026-11-30');
    await seed(context);
    expect(await seed(context, 'year', { patients })).toBe('left alone');
    expect(await find(context.store, 'Patient', { _id: 'year-0001' })).toEqual([]);
  }, 120_000);
});
