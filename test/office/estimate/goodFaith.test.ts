import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Appointment,
  ChargeItemDefinition,
  Claim,
  DocumentReference,
  Organization,
  ParametersParameter,
} from '@medplum/fhirtypes';
import { estimateDue } from '../../../src/billing/estimate/clock.ts';
import { find } from '../../../src/interaction/repository.ts';
import { named, text, type Answer } from '../../firm/overHttp.ts';
import { day, type Office } from '../../firm/receipts.ts';
import { eachStore } from '../../http/eachStore.ts';
import { letterOffice, patientOf, printed } from '../statement/world.ts';

const hcpcs = 'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets';
const icd = 'http://hl7.org/fhir/sid/icd-10-cm';

describe('the clock of a good-faith estimate', () => {
  test.each([
    // 2026-06-01 is a Monday; 2026-06-19 is a holiday
    ['ten business days ahead: three', { scheduledOn: '2026-06-01', date: '2026-06-15' }, '2026-06-04'],
    ['nine: one', { scheduledOn: '2026-06-01', date: '2026-06-12' }, '2026-06-02'],
    ['three: one', { scheduledOn: '2026-06-01', date: '2026-06-04' }, '2026-06-02'],
    ['two: none', { scheduledOn: '2026-06-01', date: '2026-06-03' }, undefined],
    ['a holiday does not count', { requestedOn: '2026-06-18', date: '2026-08-01' }, '2026-06-24'],
    [
      'the earlier of both',
      { scheduledOn: '2026-06-01', requestedOn: '2026-06-01', date: '2026-06-05' },
      '2026-06-02',
    ],
  ])('3 clock: %s', (_text, asked, due) => {
    expect(estimateDue(asked)).toBe(due);
  });
});

const definition = (id: string, code: string, amount: number): ChargeItemDefinition & { id: string } => ({
  resourceType: 'ChargeItemDefinition',
  id,
  url: `https://clinic.example/${id}`,
  status: 'active',
  code: { coding: [{ system: hcpcs, code }] },
  propertyGroup: [{ priceComponent: [{ type: 'base', amount: { value: amount, currency: 'USD' } }] }],
});

const item = (code: string, said: string, quantity = 1): ParametersParameter => ({
  name: 'item',
  part: [
    { name: 'code', valueCoding: { system: hcpcs, code } },
    { name: 'text', valueString: said },
    { name: 'quantity', valueInteger: quantity },
  ],
});
const flag = (name: string): ParametersParameter => ({ name, valueBoolean: true });
const date = (valueDate: string, name = 'date'): ParametersParameter => ({ name, valueDate });
const of = (patient: string): ParametersParameter[] => [
  named('patient', `Patient/${patient}`),
  named('practice', 'Organization/clinic'),
];

describe.each(eachStore('office-estimate'))('good-faith estimates on %s', (_store, open) => {
  let office: Office;
  beforeAll(async () => {
    office = await letterOffice(open);
    await office.put(definition('visit', 'G0463', 180));
    await office.put(definition('brace', 'L1830', 412.35));
    const appointment = (id: string): Appointment & { id: string } => ({
      resourceType: 'Appointment',
      id,
      status: 'booked',
      created: '2026-06-01',
      start: '2026-06-22T13:00:00Z',
      end: '2026-06-22T13:30:00Z',
      participant: [{ status: 'accepted', actor: { reference: 'Patient/a' } }],
    });
    await office.put(appointment('knee'));
    await office.put({
      ...appointment('counsel'),
      meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'PSY' }] },
    });
  });
  afterAll(() => office.context.store.close());

  const estimate = (more: readonly ParametersParameter[]): Promise<Answer> =>
    office.call('Claim/$good-faith-estimate', more);
  const knee = [
    ...of('a'),
    named('appointment', 'Appointment/knee'),
    item('G0463', 'Office visit for the knee'),
    item('L1830', 'Knee brace', 2),
    { name: 'diagnosis', valueCoding: { system: icd, code: 'M17.11' } },
    text('separate', 'Physical therapy after the visit'),
    day('2026-06-03'),
  ];
  let first = '';

  test('3 an estimate says what it must; where the practice lacks NPI and tax id every fault is told', async () => {
    const before = await estimate(knee);
    expect([before.status, before.codes]).toEqual([422, ['estimate-incomplete', 'estimate-incomplete']]);
    const clinic = await office.get<Organization & { id: string }>('Organization/clinic');
    const identifier = [
      { system: 'http://hl7.org/fhir/sid/us-npi', value: '1234567893' },
      { system: 'urn:oid:2.16.840.1.113883.4.4', value: '04-1234567' },
    ];
    await office.put({ ...clinic, identifier });
    const given = await estimate(knee);
    expect([given.status, given.codes]).toEqual([200, ['created']]);
    const [claim] = given.all<Claim & { id: string }>('estimate');
    first = claim?.id ?? '';
    expect(claim).toMatchObject({
      use: 'predetermination',
      status: 'active',
      created: '2026-06-03',
      billablePeriod: { start: '2026-06-22', end: '2026-06-22' },
      item: [{ net: { value: 180 } }, { net: { value: 824.7 }, quantity: { value: 2 } }],
      total: { value: 1004.7, currency: 'USD' },
    });
    const said = await printed(given);
    for (const part of ['1234567893', '04-1234567', 'MA', 'M17.11', 'G0463', '$824.70', '$1,004.70'])
      expect(said).toContain(part);
    for (const part of ['Ana Prescott', 'January 1, 1980', 'Physical therapy', '120 days', 'not a contract'])
      expect(said).toContain(part);
  });

  test('3 the same again is the same estimate, a changed price another; what was given stays', async () => {
    const again = await estimate(knee);
    expect(again.codes).toEqual(['already-there']);
    expect(again.all<Claim>('estimate')[0]?.id).toBe(first);
    expect(again.all('pdf')).toHaveLength(1);
    const changed = await estimate([...knee, item('G0463', 'Second visit')]);
    expect(changed.codes).toEqual(['created']);
    expect(changed.all<Claim>('estimate')[0]?.total?.value).toBe(1184.7);
    const claim = await office.get<Claim & { id: string }>(`Claim/${first}`);
    const put = await office.put({ ...claim, total: { value: 1, currency: 'USD' } });
    expect([put.status, put.codes]).toEqual([409, ['kept-by-the-books']]);
    expect((await office.call(`Claim/${first}/$submit`)).codes).toContain('use-not-supported');
    expect(await office.balance('insurance')).toBe(0);
  });

  test('3 neighbour: dryRun writes nothing, a late one is given with a warning', async () => {
    const count = async () => (await find<Claim>(office.context.store, 'Claim', {})).length;
    const before = await count();
    const late = [...of('a'), named('appointment', 'Appointment/knee'), item('G0463', 'Visit')];
    expect((await estimate([...late, day('2026-06-05'), flag('dryRun')])).codes).toContain('estimate-late');
    expect(await count()).toBe(before);
    const asked = await estimate([...late, day('2026-06-05')]);
    expect([asked.status, asked.codes]).toEqual([200, ['created', 'estimate-late']]);
  });

  test('3 neighbour: who has insurance says that they will not use it', async () => {
    await office.put({
      resourceType: 'Coverage',
      id: 'b',
      status: 'active',
      beneficiary: { reference: 'Patient/b' },
      payor: [{ reference: 'Organization/first' }],
    });
    const plain = [...of('b'), date('2026-07-01'), item('G0463', 'Visit'), day('2026-06-03')];
    const refused = await estimate(plain);
    expect([refused.status, refused.codes]).toEqual([409, ['patient-covered']]);
    const given = await estimate([...plain, flag('selfPay')]);
    expect([given.status, given.codes]).toEqual([200, ['created']]);
  });

  test('3 neighbour: what cannot be estimated is refused with every fault', async () => {
    const bad = await estimate([
      ...of('a'),
      date('2026-06-02'),
      item('Z9999', 'Nothing'),
      item('G0463', 'Visit', 0),
      day('2026-06-03'),
    ]);
    expect([bad.status, bad.codes]).toEqual([422, ['date-in-past', 'no-price', 'quantity-not-positive']]);
    const far = await estimate([...of('a'), date('2027-06-04'), item('G0463', 'Visit'), day('2026-06-03')]);
    expect(far.codes).toEqual(['estimate-too-far']);
    const other = await estimate([
      ...of('b'),
      named('appointment', 'Appointment/knee'),
      item('G0463', 'Visit'),
    ]);
    expect(other.codes).toEqual(['appointment-of-another']);
  });

  test('3 neighbour: a sensitive appointment labels all that is kept; Spanish where it is spoken', async () => {
    await patientOf(office, 'a', { communication: [{ language: { coding: [{ code: 'es' }] } }] });
    const given = await estimate([
      ...of('a'),
      named('appointment', 'Appointment/counsel'),
      item('G0463', 'Consulta'),
      day('2026-06-03'),
    ]);
    const labels = [given.all<Claim>('estimate')[0], given.all<DocumentReference>('document')[0]];
    for (const one of labels) expect(one?.meta?.security).toMatchObject([{ code: 'PSY' }]);
    expect(await printed(given)).toContain('Estimado de buena fe');
  });
});
