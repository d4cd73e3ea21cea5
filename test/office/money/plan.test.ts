import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Contract, Organization, ParametersParameter } from '@medplum/fhirtypes';
import { evenInstalments, instalmentsOf, planStanding } from '../../../src/billing/collection/plan.ts';
import { cents } from '../../../src/datatypes/cents.ts';
import { extension } from '../../../src/terminology/system.ts';
import { named, text } from '../../firm/overHttp.ts';
import { code, day, money, nameOf, openOffice, type Office } from '../../firm/receipts.ts';
import { eachStore } from '../../http/eachStore.ts';

const instalment = (due: string, amount: number): ParametersParameter => ({
  name: 'instalment',
  part: [{ name: 'due', valueDate: due }, money(amount)],
});
const count = (valuePositiveInt: number): ParametersParameter => ({ name: 'count', valuePositiveInt });

describe.each(eachStore('office-plan'))('on %s', (_store, open) => {
  let office: Office;
  let invoice: string;
  beforeEach(async () => {
    office = await openOffice(open);
    invoice = await office.invoice(30_000);
  });
  afterEach(async () => {
    await office.check();
    await office.context.store.close();
  });
  const agree = (...more: readonly ParametersParameter[]) =>
    office.call('Account/a/$payment-plan', [day('2026-04-01'), ...more]);

  test('8 plans: instalments add up to what is open, a repeat is the same plan, it is ended', async () => {
    const terms = [instalment('2026-05-01', 100), instalment('2026-06-01', 200)];
    const first = await agree(...terms);
    expect(first.codes).toEqual(['created']);
    const again = await agree(...terms);
    expect([again.codes, nameOf(again, 'plan')]).toEqual([['already-there'], nameOf(first, 'plan')]);
    const other = await agree(count(3));
    expect([other.status, other.codes]).toEqual([409, ['plan-exists']]);
    const name = nameOf(first, 'plan');
    const ended = await office.call(`${name}/$end-plan`, [text('reason', 'moved away')]);
    expect(ended.codes).toEqual(['plan-ended']);
    expect((await office.call(`${name}/$end-plan`, [text('reason', 'again')])).codes).toEqual([
      'already-there',
    ]);
    expect((await agree(count(3))).codes).toEqual(['created']);
  });

  test('8 plans: instalments that do not add up are refused, as are days in the past or out of order', async () => {
    const less = await agree(instalment('2026-05-01', 100), instalment('2026-06-01', 199.99));
    expect([less.status, less.codes]).toEqual([422, ['instalments-differ']]);
    const past = await agree(instalment('2026-03-31', 150), instalment('2026-03-01', 150));
    expect(past.codes).toEqual(['instalment-in-past', 'instalments-out-of-order']);
    expect((await agree()).codes).toEqual(['instalments-or-count']);
    expect((await agree(count(2), text('token', 'tok_1'))).codes).toEqual(['autopay-incomplete']);
    expect((await agree(count(2), named('invoice', 'Invoice/none'))).codes).toEqual(['invoice-not-open']);
  });

  test('8 plans: more than four instalments are flagged', async () => {
    const answer = await agree(count(5), text('processor', 'stripe'), text('token', 'pm_1Nv'));
    expect(answer.codes).toEqual(['created', 'more-than-four-instalments']);
    const [plan] = answer.all<Contract>('plan');
    expect(instalmentsOf(plan ?? { resourceType: 'Contract' }).map((i) => [i.due, i.amount])).toEqual([
      ['2026-05-01', 6000],
      ['2026-06-01', 6000],
      ['2026-07-01', 6000],
      ['2026-08-01', 6000],
      ['2026-09-01', 6000],
    ]);
  });

  test('8 plans neighbour: nobody writes a plan by hand, and a bankrupt patient agrees none', async () => {
    const [plan] = (await agree(count(2))).all<Contract & { id: string }>('plan');
    const put = await office.put({
      ...plan,
      resourceType: 'Contract',
      id: plan?.id ?? '',
      status: 'resolved',
    });
    expect([put.status, put.codes]).toEqual([409, ['kept-by-the-books']]);
    await office.call('Account/b/$hold', [code('reason', 'bankruptcy'), day('2026-03-01')]);
    await office.invoice(5000, 'b');
    const refused = await office.call('Account/b/$payment-plan', [day('2026-04-01'), count(2)]);
    expect([refused.status, refused.codes]).toEqual([422, ['account-held']]);
  });

  test('8 discounts: what the practice gives for paying at once, once, and taken back', async () => {
    await gives(office, { promptPay: 10, promptPayDays: 40, selfPay: 25 });
    const call = (kind: string, on = '2026-04-01', more: readonly ParametersParameter[] = []) =>
      office.call(`${invoice}/$discount`, [code('kind', kind), day(on), ...more]);
    expect((await call('prompt-pay', '2026-04-12')).codes).toEqual(['no-discount']);
    expect((await call('prompt-pay')).codes).toEqual(['discounted']);
    expect((await call('prompt-pay')).codes).toEqual(['already-there']);
    expect(await office.balance('invoiced')).toBe(270);
    expect((await call('loyalty')).codes).toEqual(['discount-kind']);
    expect((await call('self-pay', '2026-04-02', [money(75.01)])).codes).toEqual(['above-discount']);
    const back = await office.call(`${invoice}/$reverse-write-off`, [
      text('reference', 'discount prompt-pay'),
    ]);
    expect(back.codes).toEqual(['reversed']);
    expect((await call('self-pay', '2026-04-02')).codes).toEqual(['discounted']);
    expect(await office.balance('invoiced')).toBe(225);
  });

  test('8 discounts neighbour: under another number what was given before counts', async () => {
    await gives(office, { promptPay: 10, promptPayDays: 40, selfPay: 25 });
    const call = (kind: string, reference: string, ...more: readonly ParametersParameter[]) =>
      office.call(`${invoice}/$discount`, [
        code('kind', kind),
        day('2026-04-01'),
        text('reference', reference),
        ...more,
      ]);
    expect((await call('prompt-pay', 'one', money(20))).codes).toEqual(['discounted']);
    expect((await call('prompt-pay', 'two', money(10.01))).codes).toEqual(['above-discount']);
    expect((await call('prompt-pay', 'two')).codes).toEqual(['discounted']);
    expect((await call('prompt-pay', 'three')).codes).toEqual(['no-discount']);
    expect(await office.balance('invoiced')).toBe(270);
    expect((await call('self-pay', 'four')).codes).toEqual(['discounted']);
    expect((await call('self-pay', 'five')).codes).toEqual(['no-discount']);
    expect(await office.balance('invoiced')).toBe(202.5);
  });

  test('8 discounts neighbour: a practice that says nothing gives none', async () => {
    const answer = await office.call(`${invoice}/$discount`, [code('kind', 'prompt-pay'), day('2026-04-01')]);
    expect([answer.status, answer.codes]).toEqual([422, ['no-discount']]);
  });
});

/** What a practice says of how it collects. */
async function gives(office: Office, of: Readonly<Record<string, number>>): Promise<void> {
  const owner = (await office.get<{ owner: { reference: string } }>('Account/a')).owner.reference;
  const practice = await office.get<Organization & { id: string }>(owner);
  const parts = Object.entries(of).map(([url, n]) =>
    url.endsWith('Days') ? { url, valueInteger: n } : { url, valueDecimal: n },
  );
  await office.put({ ...practice, extension: [{ url: extension.collection, extension: parts }] });
}

test('8 plans: the last day of a shorter month, and odd cents first', () => {
  const parts = evenInstalments(cents(1000), { count: 3, first: '2026-12-31', every: 'month' });
  expect(parts).toEqual([
    { due: '2026-12-31', amount: 334 },
    { due: '2027-01-31', amount: 333 },
    { due: '2027-02-28', amount: 333 },
  ]);
});

test.each([
  ['2026-05-06', 30_000, 0, undefined], // within the days of grace
  ['2026-05-07', 30_000, 10_000, '2026-05-01'],
  ['2026-05-07', 20_000, 0, undefined],
  ['2026-06-10', 25_000, 25_000, '2026-05-01'],
  ['2026-06-10', 5_000, 5_000, '2026-06-01'],
  ['2026-06-10', 0, 0, undefined],
])('8 plans: on %s with %d open %d is behind', (on, left, behind, missed) => {
  const plan: Contract = {
    resourceType: 'Contract',
    term: [
      {
        offer: {},
        asset: [
          {
            valuedItem: [
              { paymentDate: '2026-05-01', net: { value: 100, currency: 'USD' } },
              { paymentDate: '2026-06-01', net: { value: 200, currency: 'USD' } },
            ],
          },
        ],
      },
    ],
  };
  const standing = planStanding(plan, cents(left), { day: on, graceDays: 5 });
  expect([standing.behind, standing.missed?.due]).toEqual([behind, missed]);
});
