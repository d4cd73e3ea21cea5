import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ChargeItem, ChargeItemDefinition } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { openOffice, type Office, type Said } from './office.ts';
import { coded, condition, coverage, hcpcs, modifier, own, patient, procedure, visit } from './visit.ts';

const day = '2026-06-03';
const usd = (value: number) => ({ value, currency: 'USD' as const });

const item = (id: string, more: Partial<ChargeItem> = {}): ChargeItem & { id: string } => ({
  resourceType: 'ChargeItem',
  id,
  status: 'billable',
  code: coded(hcpcs, 'J0897'),
  subject: { reference: 'Patient/a' },
  occurrenceDateTime: day,
  quantity: { value: 60 },
  ...more,
});

/** G0448 is 300.00 for one side here. */
const procedureLine = (more: Partial<ChargeItemDefinition> = {}): ChargeItemDefinition & { id: string } => ({
  resourceType: 'ChargeItemDefinition',
  id: 'both-sides',
  url: 'https://practice.example/both-sides',
  status: 'active',
  code: coded(hcpcs, 'G0289'),
  propertyGroup: [{ priceComponent: [{ type: 'base', amount: usd(300) }] }],
  ...more,
});

describe.each(eachStore('firm_apply'))('$apply and both sides, on %s', (_name, open) => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice(open);
    await office.put(patient('a'), coverage('a', 'a'), procedureLine());
  });
  afterAll(() => office.close());

  const apply = (id: string, definition = 'charge-j0897'): Promise<Said> =>
    office.call(`ChargeItemDefinition/${definition}/$apply`, [
      { name: 'chargeItem', valueReference: { reference: `ChargeItem/${id}` } },
    ]);

  test('2.11 $apply keeps a ChargeItem’s own priceOverride', async () => {
    const given = item('own', {
      priceOverride: usd(12.34),
      overrideReason: 'agreed with the patient',
      factorOverride: 2,
    });
    await office.put(given);
    const { status, body } = await apply('own');
    expect([status, body]).toMatchObject([
      200,
      {
        priceOverride: usd(12.34),
        overrideReason: 'agreed with the patient',
        quantity: { value: 60 },
        definitionCanonical: ['https://claimwright.example/fhir/ChargeItemDefinition/charge-j0897'],
      },
    ]);
    expect((await office.read<ChargeItem>('ChargeItem', 'own')).priceOverride).toEqual(usd(12.34));
  });

  test('2.11 $apply counts factorOverride in', async () => {
    await office.put(item('factor', { factorOverride: 0.5 }));
    expect(((await apply('factor')).body as ChargeItem).priceOverride).toEqual(usd(944.1));
    expect(((await apply('factor')).body as ChargeItem).priceOverride).toEqual(usd(944.1));
  });

  test('2.11 neighbour: a charge that others entered with a factor is captured with it', async () => {
    await office.put(
      visit('entered', 'a', day),
      condition('a', 'entered'),
      item('with-factor', { context: { reference: 'Encounter/entered' }, factorOverride: 0.25 }),
      item('with-price', {
        context: { reference: 'Encounter/entered' },
        priceOverride: usd(7.77),
        overrideReason: 'contract',
      }),
    );
    const prices = (await office.charges('entered')).map((c) => [c.id, c.priceOverride?.value]);
    expect(prices).toEqual(
      expect.arrayContaining([
        ['with-factor', 472.05],
        ['with-price', 7.77],
      ]),
    );
  });

  test('2.11 neighbour: an own price in another currency and a factor below zero are refused', async () => {
    await office.put(
      item('euro', { priceOverride: { value: 5, currency: 'EUR' }, overrideReason: 'agreed' }),
      item('negative', { factorOverride: -1 }),
    );
    expect((await apply('euro')).codes).toEqual(['price-not-usable']);
    expect((await apply('negative')).codes).toEqual(['no-price']);
    expect((await office.read<ChargeItem>('ChargeItem', 'euro')).meta?.versionId).toBe('1');
  });

  /** What both sides of the procedure are charged in a visit of its own. */
  async function charged(
    name: string,
    modifiers: readonly string[] = ['50'],
  ): Promise<ChargeItem | undefined> {
    const of = { patient: 'a', encounter: name, at: `${day}T09:10:00-04:00` };
    await office.put(
      visit(name, 'a', day),
      condition('a', name),
      procedure(`${name}-done`, of, { code: coded(hcpcs, 'G0289'), extension: modifiers.map(modifier) }),
    );
    return (await office.charges(name)).find((c) => c.code.coding?.[0]?.code === 'G0289');
  }
  const unitPrice = (charge: ChargeItem | undefined): number | undefined =>
    charge?.extension?.find((e) => e.url === own('unit-price'))?.valueMoney?.value;

  test('2.11 modifier 50 is charged twice where the charge master says nothing', async () => {
    const charge = await charged('twice');
    expect([charge?.quantity?.value, unitPrice(charge), charge?.priceOverride?.value]).toEqual([1, 600, 600]);
    expect((await charged('one-side', ['RT']))?.priceOverride?.value).toBe(300);
  });

  test('2.11 the charge master says the bilateral charge, as an amount or as a factor', async () => {
    const bilateral = { url: own('bilateral-charge'), valueMoney: usd(475.5) };
    await office.put(procedureLine({ extension: [bilateral] }));
    expect((await charged('amount'))?.priceOverride?.value).toBe(475.5);
    await office.put(procedureLine({ extension: [{ url: own('bilateral-charge'), valueDecimal: 1.5 }] }));
    expect((await charged('factor'))?.priceOverride?.value).toBe(450);
    await office.put(procedureLine());
  });

  test('2.11 neighbour: a base that holds for modifier 50 only is the price of both sides already', async () => {
    const groups = procedureLine().propertyGroup ?? [];
    groups.push({
      applicability: [
        { language: 'text/fhirpath', expression: "extension.value.coding.where(code = '50').exists()" },
      ],
      priceComponent: [{ type: 'base', amount: usd(520) }],
    });
    await office.put(procedureLine({ propertyGroup: groups }));
    expect((await charged('conditional'))?.priceOverride?.value).toBe(520);
    expect((await charged('conditional-left', ['LT']))?.priceOverride?.value).toBe(300);
    await office.put(procedureLine());
  });
});
