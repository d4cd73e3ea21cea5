import { describe, expect, test } from '@jest/globals';
import type { ChargeItem, ChargeItemDefinition, ChargeItemDefinitionPropertyGroup } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { billedUnits, linesFor, price } from '../../../src/billing/charge/price.ts';
import { priceLine, priceList } from '../../../src/billing/charge/priceList.ts';
import { cents, times } from '../../../src/datatypes/cents.ts';
import { codeOfIssue } from '../../../src/outcome/issue.ts';
import { extension, system } from '../../../src/terminology/system.ts';

const usd = (value: number) => ({ value, currency: 'USD' as const });
const definition = (
  propertyGroup: ChargeItemDefinitionPropertyGroup[],
  more: Partial<ChargeItemDefinition> = {},
): ChargeItemDefinition => ({
  resourceType: 'ChargeItemDefinition',
  id: 'd',
  url: 'https://practice.example/charge',
  status: 'active',
  code: { coding: [{ system: system.hcpcs, code: 'J3301' }] },
  propertyGroup,
  ...more,
});
const base = (value: number) => ({ type: 'base' as const, amount: usd(value) });
const line = (groups: ChargeItemDefinitionPropertyGroup[]) =>
  priceLine(definition(groups), system.hcpcs, 'J3301');
const item: ChargeItem = {
  resourceType: 'ChargeItem',
  status: 'billable',
  code: {},
  subject: {},
  extension: [{ url: extension.modifier, valueCodeableConcept: { coding: [{ code: 'RT' }] } }],
};
const priced = (groups: ChargeItemDefinitionPropertyGroup[], units: number, payer?: string) => {
  const result = price(line(groups), units, () => item, payer);
  return 'why' in result ? result.why : [result.unitPrice, result.charge];
};
const when = (expression: string) => ({ applicability: [{ language: 'text/fhirpath', expression }] });

describe('the price of a service', () => {
  test.each([
    ['units × price', [{ priceComponent: [base(9.75)] }], 4, [975, 3900]],
    ['11.4 miles at 18.25', [{ priceComponent: [base(18.25)] }], 11.4, [1825, 20805]],
    ['half a cent goes up: 0.5 × 0.01', [{ priceComponent: [base(0.01)] }], 0.5, [1, 1]],
    ['1.005 × 1.00 is 1.01, not 1.00', [{ priceComponent: [base(1)] }], 1.005, [100, 101]],
    [
      'a surcharge of 10 % of the whole, rounded once',
      [{ priceComponent: [base(9.75), { type: 'surcharge' as const, factor: 0.1 }] }],
      3,
      [975, 3218],
    ],
    [
      'a discount by amount per unit',
      [{ priceComponent: [base(10), { type: 'discount' as const, amount: usd(1.25) }] }],
      2,
      [1000, 1750],
    ],
    [
      'a tax is no part of a charge',
      [{ priceComponent: [base(10), { type: 'tax' as const, factor: 0.2 }] }],
      1,
      [1000, 1000],
    ],
    ['no price at all', [{}], 1, 'no-price'],
  ])('%s', (_name, groups, units, expected) => {
    expect(priced(groups as ChargeItemDefinitionPropertyGroup[], units)).toEqual(expected);
  });

  test.each([
    ['a condition that holds replaces the base', when("extension.value.coding.code = 'RT'"), undefined, 1200],
    ['one that does not is passed over', when("extension.value.coding.code = 'LT'"), undefined, 1000],
    ['by payer', when("%payer = 'Organization/juniper'"), 'Organization/juniper', 1200],
    ['another payer', when("%payer = 'Organization/juniper'"), 'Organization/other', 1000],
    [
      'a condition in another language never holds',
      { applicability: [{ language: 'text/cql', expression: 'true' }] },
      undefined,
      1000,
    ],
  ])('%s', (_name, condition, payer, expected) => {
    const groups = [{ priceComponent: [base(10)] }, { ...condition, priceComponent: [base(12)] }];
    expect(priced(groups, 1, payer)).toEqual([expected, expected]);
  });

  test('charge is units × price, rounded half up, for any units and price', () => {
    const generated = fc.tuple(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 0, max: 10_000_000 }));
    fc.assert(
      fc.property(generated, ([thousandths, unitPrice]) => {
        const exact = BigInt(thousandths) * BigInt(unitPrice);
        const expected = Number((exact * 2n + 1000n) / 2000n);
        expect(times(thousandths / 1000, cents(unitPrice))).toBe(expected);
        expect(priced([{ priceComponent: [base(unitPrice / 100)] }], thousandths / 1000)).toEqual([
          unitPrice,
          expected,
        ]);
      }),
    );
  });
});

describe('the charge master', () => {
  test('a line holds in its period, a retired one never', () => {
    const dated = definition([{ priceComponent: [base(1)] }], {
      effectivePeriod: { start: '2026-01-01', end: '2026-06-30' },
    });
    const list = priceList([dated, definition([{ priceComponent: [base(2)] }], { status: 'retired' })]);
    const code = { system: system.hcpcs, code: 'J3301' };
    expect(linesFor(list, code, '2026-06-30')).toHaveLength(1);
    expect(linesFor(list, code, '2026-07-01')).toHaveLength(0);
    expect(linesFor(list, code, '2025-12-31')).toHaveLength(0);
  });

  test.each([
    ['10.005', usd(10.005), 'not-whole-cents', 'value'],
    ['another currency', { value: 10, currency: 'EUR' as const }, 'currency', 'currency'],
    ['below zero', usd(-1), 'negative-amount', 'value'],
  ])('a price that is %s is a fault of the line, with its place', (_name, amount, code, element) => {
    const { faults } = line([{ priceComponent: [{ type: 'base', amount }] }]);
    expect(faults.map((f) => [codeOfIssue(f), f.expression?.[0]])).toEqual([
      [code, `ChargeItemDefinition.propertyGroup[0].priceComponent[0].amount.${element}`],
    ]);
  });

  test.each([
    ['no amount: the count', {}, 2, undefined, 2],
    ['a dose by the billing unit', { unit: { value: 10, code: 'mg' } }, 1, { value: 41, code: 'mg' }, 5],
    [
      'a dose that cannot be compared',
      { unit: { value: 10, code: 'mg' } },
      1,
      { value: 1, code: 'mL' },
      undefined,
    ],
    ['miles keep their part', { code: 'A0425' }, 1, { value: 11.4, code: '[mi_us]' }, 11.4],
    ['kilometres are no miles', { code: 'A0425' }, 1, { value: 11.4, code: 'km' }, undefined],
    ['half a device', { code: 'L4361' }, 1, { value: 0.5, code: '1' }, undefined],
  ])('units billed: %s', (_name, of, count, amount, expected) => {
    expect(billedUnits({ ...line([]), ...of }, count, amount)).toBe(expected);
  });
});
