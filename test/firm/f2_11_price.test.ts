import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ChargeItem, ChargeItemDefinition, Coverage, RelatedPerson, Task } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { openOffice, type Office } from './office.ts';
import { condition, coded, coverage, drug, hcpcs, patient, visit } from './visit.ts';

type Component = NonNullable<
  NonNullable<ChargeItemDefinition['propertyGroup']>[number]['priceComponent']
>[number];
const usd = (value: number) => ({ value, currency: 'USD' as const });
const base = (value: number): Component => ({ type: 'base', amount: usd(value) });
const day = '2026-06-03';

const definition = (
  id: string,
  code: string,
  priceComponent: Component[],
): ChargeItemDefinition & { id: string } => ({
  resourceType: 'ChargeItemDefinition',
  id,
  url: `https://practice.example/${id}`,
  status: 'active',
  code: coded(hcpcs, code),
  propertyGroup: [{ priceComponent }],
});

/** A visit of an own patient with one drug of a code, 10 units of 1 U. */
async function drugVisit(office: Office, name: string, code: string): Promise<void> {
  const of = { patient: name, encounter: name, at: `${day}T09:10:00-04:00` };
  await office.put(patient(name), coverage(name, name), visit(name, name, day), condition(name, name));
  await office.put(
    drug(`${name}-drug`, of, {
      medicationCodeableConcept: coded(hcpcs, code),
      dosage: { dose: { value: 10, unit: '1' } },
    }),
  );
}
const priceOf = (charges: readonly ChargeItem[], code: string): number | undefined =>
  charges.find((c) => c.code.coding?.[0]?.code === code)?.priceOverride?.value;

describe.each(eachStore('firm_price'))('prices, on %s', (_name, open) => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice(open);
  });
  afterAll(() => office.close());

  const family = async (name: string, mother: string, father: string): Promise<string | undefined> => {
    const parent = (id: string, birthDate: string): RelatedPerson & { id: string } => ({
      resourceType: 'RelatedPerson',
      id,
      patient: { reference: `Patient/${name}` },
      relationship: [coded('http://terminology.hl7.org/CodeSystem/v3-RoleCode', 'PRN')],
      birthDate,
    });
    const under = (id: string): Coverage & { id: string } => {
      const made = coverage(`${id}-plan`, name, {
        subscriber: { reference: `RelatedPerson/${id}` },
        relationship: coded('http://terminology.hl7.org/CodeSystem/subscriber-relationship', 'child'),
      });
      delete made.order;
      return made;
    };
    await office.put(
      patient(name, { birthDate: '2018-03-01' }),
      parent(mother, '1985-06-06'),
      parent(father, '1984-02-14'),
      under(mother),
      under(father),
      visit(name, name, day),
      condition(name, name),
    );
    const [claim] = await office.claims(name);
    return claim?.insurance[0]?.coverage.reference;
  };

  test('2.11 the birthday rule compares type and id', async () => {
    expect(await family('z1', 'z1', 'z2')).toBe('Coverage/z2-plan');
  });

  test('2.11 neighbour: a subscriber that is the patient in a version comes first', async () => {
    await office.put(
      patient('own'),
      coverage('own-b', 'own', { order: 2 }),
      coverage('own-a', 'own', {
        order: 2,
        subscriber: { reference: 'Patient/own/_history/1' },
        relationship: coded('http://terminology.hl7.org/CodeSystem/subscriber-relationship', 'other'),
      }),
    );
    const other = await office.read<Coverage>('Coverage', 'own-b');
    other.subscriber = { reference: 'Patient/z1' };
    other.relationship = coded('http://terminology.hl7.org/CodeSystem/subscriber-relationship', 'spouse');
    delete other.order;
    const mine = await office.read<Coverage>('Coverage', 'own-a');
    delete mine.order;
    await office.put(other, mine, visit('own', 'own', day), condition('own', 'own'));
    const [claim] = await office.claims('own');
    expect(claim?.insurance[0]?.coverage.reference).toBe('Coverage/own-a');
  });

  test('2.11 discounts and surcharges work without a revenue code', async () => {
    const parts: Component[] = [base(9.75), { type: 'discount', factor: 0.15 }];
    await office.put(definition('w3', 'J0585', parts));
    await drugVisit(office, 'w3', 'J0585');
    const charges = await office.charges('w3');
    expect(priceOf(charges, 'J0585')).toBe(82.87);
    expect(charges.find((c) => c.code.coding?.[0]?.code === 'J0585')?.extension).toBeUndefined();
    const [claim] = await office.claims('w3');
    expect(claim?.total?.value).toBe(168.45 + 82.87);
  });

  test('2.11 neighbour: a surcharge on a charge that others entered has no revenue code either', async () => {
    await office.put(
      definition('w3b', 'J0587', [base(10), { type: 'surcharge', amount: usd(1.5) }]),
      patient('entered'),
      coverage('entered', 'entered'),
      visit('entered', 'entered', day),
      condition('entered', 'entered'),
      {
        resourceType: 'ChargeItem',
        id: 'entered-by-clerk',
        status: 'billable',
        code: coded(hcpcs, 'J0587'),
        subject: { reference: 'Patient/entered' },
        context: { reference: 'Encounter/entered' },
        occurrenceDateTime: day,
        quantity: { value: 2 },
      },
    );
    expect(priceOf(await office.charges('entered'), 'J0587')).toBe(23);
  });

  test('2.11 a definition stored before with an unclear price is an issue at use, never a wrong price', async () => {
    await office.context.store.transaction((tx) =>
      tx.put(definition('stored-before', 'J0589', [base(9.75), base(12)])),
    );
    await drugVisit(office, 'unclear', 'J0589');
    const answer = await office.call('Encounter/unclear/$capture-charges');
    expect([answer.status, answer.codes]).toEqual([200, expect.arrayContaining(['no-price'])]);
    expect(answer.text('no-price')).toContain('second base price');
    expect(answer.all<ChargeItem>('charge')).toHaveLength(1);
    const tasks = await office.find<Task>('Task?encounter=Encounter/unclear');
    expect(tasks.map((t) => [t.focus?.reference, t.reasonCode?.text])).toEqual([
      ['MedicationAdministration/unclear-drug', 'no-price'],
    ]);
    await office.put(definition('stored-before', 'J0589', [base(9.75)]));
    expect(priceOf(await office.charges('unclear'), 'J0589')).toBe(97.5);
  });
});
