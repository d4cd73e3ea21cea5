import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ChargeItem } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { openOffice, type Office } from './office.ts';
import { covered, plan } from './plan.ts';
import {
  coded,
  condition,
  coverage,
  hcpcs,
  modifier,
  patient,
  procedure,
  rule,
  stay,
  visit,
  ward,
} from './visit.ts';

const day = '2026-06-03';

describe.each(eachStore('firm_bilateral'))('what plans allow, on %s', (_name, open) => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice(open);
    await office.put({
      resourceType: 'ChargeItemDefinition',
      id: 'both-sides',
      url: 'https://practice.example/both-sides',
      status: 'active',
      code: coded(hcpcs, 'G0289'),
      propertyGroup: [{ priceComponent: [{ type: 'base', amount: { value: 300, currency: 'USD' } }] }],
    });
  });
  afterAll(() => office.close());

  /** What a plan with an indicator allows of the procedure on both sides (charge 600.00, fee of a side 200.00). */
  async function allowed(
    name: string,
    indicator: number | undefined,
    { fee = 200, type = coded(hcpcs, 'G0289'), sides = '50' } = {},
  ): Promise<number | undefined> {
    const rules = indicator === undefined ? [] : [covered('bilateral', [{ type, value: indicator }])];
    const of = { patient: name, encounter: name, at: `${day}T09:10:00-04:00` };
    await office.put(
      plan(`plan-${name}`, { G0289: fee }, rules),
      patient(name),
      coverage(name, name, { plan: `plan-${name}` }),
      visit(name, name, day),
      condition(name, name),
      procedure(`${name}-done`, of, { code: coded(hcpcs, 'G0289'), extension: [modifier(sides)] }),
    );
    const [claim] = await office.claims(name, day);
    const response = await office.submit(claim, day);
    const line = claim?.item?.find((i) => i.productOrService.coding?.[0]?.code === 'G0289')?.sequence;
    const adjudication = response.item?.find((i) => i.itemSequence === line)?.adjudication;
    const amount = (code: string) =>
      adjudication?.find((a) => a.category.coding?.[0]?.code === code)?.amount?.value;
    const contractual = adjudication?.find((a) => a.reason?.coding?.[0]?.code === '45')?.amount?.value ?? 0;
    expect((amount('eligible') ?? 0) + contractual).toBeCloseTo(amount('submitted') ?? 0, 2);
    return amount('eligible');
  }

  test('2.11 allowed is the smaller of charge and 150 % of the fee where the indicator is 1', async () => {
    expect(await allowed('one', 1)).toBe(300);
    expect(await allowed('one-charge', 1, { fee: 450 })).toBe(600);
    expect(await allowed('one-cent', 1, { fee: 33.33 })).toBe(50);
  });

  test('2.11 100 % a side where the indicator is 3', async () => {
    expect(await allowed('three', 3)).toBe(400);
  });

  test.each([0, 2, 9])('2.11 nothing for the second side where the indicator is %d', async (indicator) => {
    expect(await allowed(`none-${indicator.toString()}`, indicator)).toBe(200);
  });

  test('2.11 neighbour: a plan without a rule allows the fee once, one for any code counts where none is named', async () => {
    expect(await allowed('no-rule', undefined)).toBe(200);
    expect(await allowed('any', 1, { type: rule('any') })).toBe(300);
  });

  test('2.11 neighbour: another modifier is paid as one side', async () => {
    expect(await allowed('right', 1, { sides: 'RT' })).toBe(200);
  });

  const rooms = (charges: readonly ChargeItem[]) =>
    charges
      .filter((c) => c.code.coding?.[0]?.code === 'RB0120')
      .map((c) => [c.occurrenceDateTime, c.quantity?.value, c.priceOverride?.value]);

  test('2.11 a stay that ends on the day it began is one day', async () => {
    const period = { start: '2026-06-03T07:00:00-04:00', end: '2026-06-03T21:00:00-04:00' };
    await office.put(
      patient('same-day'),
      coverage('same-day', 'same-day'),
      stay('same-day', 'same-day', period),
      condition('same-day', 'same-day'),
    );
    expect(rooms(await office.charges('same-day'))).toEqual([['2026-06-03', 1, 1846.5]]);
    const [claim] = await office.claims('same-day');
    const scrubbed = await office.call(`Claim/${claim?.id ?? ''}/$scrub`);
    expect([claim?.total?.value, scrubbed.codes]).toEqual([
      1846.5,
      expect.not.arrayContaining(['room-and-board-days']),
    ]);
  });

  test('2.11 unless the plan says not', async () => {
    const period = { start: '2026-06-03T07:00:00-04:00', end: '2026-06-03T21:00:00-04:00' };
    await office.put(
      plan('pays-nights-only', {}, [covered('claim-rules', [{ type: rule('same-day-none') }])]),
      patient('no-day'),
      coverage('no-day', 'no-day', { plan: 'pays-nights-only' }),
      stay('no-day', 'no-day', period),
      condition('no-day', 'no-day'),
    );
    const answer = await office.call('Encounter/no-day/$capture-charges');
    expect(rooms(answer.all('charge'))).toEqual([]);
    expect(answer.text('not-billable')).toContain('pays no day');
  });

  test('2.11 neighbour: of two rooms on the one day the later counts', async () => {
    await office.put(
      {
        resourceType: 'Location',
        id: 'icu',
        status: 'active',
        type: [coded('https://claimwright.example/fhir/CodeSystem/charge-master', 'RB0200')],
      },
      patient('moved'),
      coverage('moved', 'moved'),
      stay(
        'moved',
        'moved',
        { start: '2026-06-03T07:00:00-04:00', end: '2026-06-03T21:00:00-04:00' },
        {
          location: [
            ward('2026-06-03T07:00:00-04:00', '2026-06-03T12:00:00-04:00'),
            ward('2026-06-03T12:00:00-04:00', '2026-06-03T21:00:00-04:00', 'icu'),
          ],
        },
      ),
      condition('moved', 'moved'),
    );
    const codes = (await office.charges('moved')).map((c) => c.code.coding?.[0]?.code);
    expect(codes).toEqual(['RB0200']);
  });
});
