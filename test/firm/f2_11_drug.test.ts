import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Claim, Coding, Encounter, Quantity, Task } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { openOffice, type Office } from './office.ts';
import { coded, condition, coverage, drug, hcpcs, patient, stay, visit } from './visit.ts';

const ndc = 'http://hl7.org/fhir/sid/ndc';
const ucum = 'http://unitsofmeasure.org';
const day = '2026-06-03';

describe.each(eachStore('firm_drug'))('drugs and newborns, on %s', (_name, open) => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice(open);
  });
  afterAll(() => office.close());

  const mg = (value: number): Quantity => ({ value, unit: 'mg', system: ucum, code: 'mg' });

  /** A visit with J3301 charted with NDCs and doses, one administration each. */
  async function given(
    name: string,
    ...drugs: readonly { readonly code: string; readonly dose?: Quantity; readonly system?: string }[]
  ): Promise<void> {
    await office.put(patient(name), coverage(name, name), visit(name, name, day), condition(name, name));
    for (const [i, { code, dose = mg(40), system = ndc }] of drugs.entries()) {
      const of = { patient: name, encounter: name, at: `${day}T09:1${i.toString()}:00-04:00` };
      const coding: Coding[] = [
        { system, code },
        { system: hcpcs, code: 'J3301' },
      ];
      await office.put(
        drug(`${name}-${i.toString()}`, of, { medicationCodeableConcept: { coding }, dosage: { dose } }),
      );
    }
  }
  const details = (claim: Claim | undefined) =>
    claim?.item?.flatMap((i) =>
      (i.detail ?? []).map((d) => [
        d.productOrService.coding?.[0]?.system,
        d.productOrService.coding?.[0]?.code,
        d.quantity?.value,
        d.quantity?.code,
      ]),
    );

  test.each([
    ['4-4-2', '0003-0293-05', '00003029305'],
    ['5-3-2', '12345-678-90', '12345067890'],
    ['5-4-1', '12345-6789-1', '12345678901'],
    ['5-4-2', '12345-6789-01', '12345678901'],
    ['eleven digits', '00003029305', '00003029305'],
  ])(
    '2.11 an NDC beside a HCPCS code reaches item.detail with quantity and unit: %s',
    async (form, code, digits) => {
      const name = `ndc-${form.replaceAll(/\W/g, '')}`;
      await given(name, { code });
      const [claim] = await office.claims(name);
      expect(details(claim)).toEqual([[ndc, digits, 40, 'mg']]);
      const scrubbed = await office.call(`Claim/${claim?.id ?? ''}/$scrub`);
      expect(scrubbed.issues.filter((i) => i.severity === 'error')).toEqual([]);
      const again = await office.claims(name);
      expect(again[0]?.meta?.versionId).toBe(claim?.meta?.versionId);
    },
  );

  test.each([
    ['ten digits without hyphens', '0003029305', 'nobody can tell'],
    ['no NDC at all', '12-34', 'is not eleven digits'],
  ])(
    '2.11 an NDC of %s is refused with an issue and a Task; the drug itself is billed',
    async (name, code, why) => {
      const id = `refused-${code}`;
      await given(id, { code });
      const answer = await office.call(`Encounter/${id}/$generate-claim`);
      expect([name, answer.status, answer.text('no-ndc')]).toEqual([name, 200, expect.stringContaining(why)]);
      const [claim] = answer.all<Claim>('claim');
      expect([claim?.item?.length, details(claim)]).toEqual([2, []]);
      const open = await office.find<Task>(`Task?encounter=Encounter/${id}`);
      expect(open.map((t) => [t.status, t.reasonCode?.text])).toEqual([['requested', 'no-ndc']]);
      await given(id, { code: '0003-0293-05' });
      expect(details((await office.claims(id))[0])).toEqual([[ndc, '00003029305', 40, 'mg']]);
      const closed = await office.find<Task>(`Task?encounter=Encounter/${id}`);
      expect(closed.map((t) => t.status)).toEqual(['completed']);
    },
  );

  test('2.11 neighbour: two vials of one NDC are one line with both amounts, another NDC is another line', async () => {
    await given(
      'vials',
      { code: '0003-0293-05' },
      { code: '00003-0293-05', dose: mg(10) },
      { code: '0003-0494-20' },
    );
    const [claim] = await office.claims('vials');
    expect(details(claim)).toEqual([
      [ndc, '00003029305', 50, 'mg'],
      [ndc, '00003049420', 40, 'mg'],
    ]);
  });

  test('2.11 neighbour: micrograms stand as milligrams; an amount without a unit beside an NDC is told', async () => {
    await given('micro', {
      code: '0003-0293-05',
      dose: { value: 500, unit: 'ug', system: ucum, code: 'ug' },
    });
    expect(details((await office.claims('micro'))[0])).toEqual([[ndc, '00003029305', 0.5, 'mg']]);
    await office.put({
      resourceType: 'ChargeItemDefinition',
      id: 'toxin',
      url: 'https://practice.example/toxin',
      status: 'active',
      code: coded(hcpcs, 'J0585'),
      extension: [
        {
          url: 'https://claimwright.example/fhir/StructureDefinition/billing-unit',
          valueQuantity: { value: 1, code: 'U', system: ucum },
        },
      ],
      propertyGroup: [{ priceComponent: [{ type: 'base', amount: { value: 9.75, currency: 'USD' } }] }],
    });
    await given('toxin', { code: '0023-1145-01', dose: { value: 100, unit: 'U', system: ucum, code: 'U' } });
    const toxin = await office.read('MedicationAdministration', 'toxin-0');
    await office.put({
      ...toxin,
      medicationCodeableConcept: {
        coding: [
          { system: ndc, code: '0023-1145-01' },
          { system: hcpcs, code: 'J0585' },
        ],
      },
    } as typeof toxin);
    const answer = await office.call('Encounter/toxin/$generate-claim');
    expect(answer.codes).toContain('ndc-quantity');
    expect(details(answer.all<Claim>('claim')[0])).toEqual([[ndc, '00023114501', undefined, undefined]]);
  });

  const origin = (claim: Claim | undefined) =>
    ['admtype', 'pointoforigin'].map((category) => {
      const info = claim?.supportingInfo?.find((s) => s.category.coding?.[0]?.code === category);
      return info?.code?.coding?.[0]?.code;
    });
  const nubc = (name: string): string => `https://www.nubc.org/CodeSystem/${name}`;

  /** The claim of a newborn's stay, and what the scrub says of its admission. */
  async function born(
    name: string,
    over: Partial<Encounter>,
  ): Promise<[Claim | undefined, readonly (string | undefined)[]]> {
    const period = { start: '2026-06-03T07:00:00-04:00', end: '2026-06-05T10:00:00-04:00' };
    const hospitalization = {
      dischargeDisposition: coded(nubc('PatDischargeStatus'), '01'),
      ...over.hospitalization,
    };
    await office.put(
      patient(name, { birthDate: '2026-06-03' }),
      coverage(name, name),
      stay(name, name, period, { ...over, hospitalization }),
      condition(name, name, 'Z38.00'),
    );
    const [claim] = await office.claims(name);
    const scrubbed = await office.call(`Claim/${claim?.id ?? ''}/$scrub`);
    return [claim, scrubbed.codes.filter((c) => c === 'admission')];
  }

  test('2.11 admission type 4 takes origin 5 or 6', async () => {
    const priority = coded(nubc('PriorityTypeOfAdmitOrVisit'), '4');
    for (const [code, faults] of [
      ['5', []],
      ['6', []],
      ['1', ['admission']],
    ] as const) {
      const admitSource = coded(nubc('PointOfOriginNewborn'), code);
      const [claim, found] = await born(`newborn-${code}`, { priority, hospitalization: { admitSource } });
      expect([origin(claim), found]).toEqual([['4', code], faults]);
    }
  });

  test('2.11 `born` is 5', async () => {
    const admitSource = coded('http://terminology.hl7.org/CodeSystem/admit-source', 'born');
    const priority = coded(nubc('PriorityTypeOfAdmitOrVisit'), '4');
    const [claim, found] = await born('born', { priority, hospitalization: { admitSource } });
    expect([origin(claim), found]).toEqual([['4', '5'], []]);
  });

  test('2.11 neighbour: `born` says the type where the chart says only how urgent it was', async () => {
    const admitSource = coded('http://terminology.hl7.org/CodeSystem/admit-source', 'born');
    const priority = coded('http://terminology.hl7.org/CodeSystem/v3-ActPriority', 'R');
    const [claim, found] = await born('routine', { priority, hospitalization: { admitSource } });
    expect([origin(claim), found]).toEqual([['4', '5'], []]);
  });
});
