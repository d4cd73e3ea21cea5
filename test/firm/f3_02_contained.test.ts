import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Medication, MedicationRequest, Resource } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { known, searching, type Searching } from './searching.ts';

const rx = 'http://example.org/rx';
const medication = (id: string, code: string, more: Partial<Medication> = {}): Medication & { id: string } =>
  known<Medication>({
    resourceType: 'Medication',
    id,
    code: { coding: [{ system: rx, code }], text: `Drug ${code}` },
    ...more,
  });
const request = (
  id: string,
  reference: string,
  contained: Resource[] = [],
): MedicationRequest & { id: string } =>
  known<MedicationRequest>({
    resourceType: 'MedicationRequest',
    id,
    status: 'active',
    intent: 'order',
    subject: { reference: 'Patient/p' },
    medicationReference: { reference },
    ...(contained.length > 0 ? { contained } : {}),
  });

describe.each(eachStore('firm302'))('on %s', (_name, open) => {
  let at: Searching;
  const ids = (search: string): Promise<(string | undefined)[]> => at.ids(search);

  afterEach(() => at.server.context.store.close());
  beforeEach(async () => {
    at = await searching(await open());
    await at.server.load(
      { resourceType: 'Organization', id: 'maker', name: 'Maker' },
      { resourceType: 'Patient', id: 'p', name: [{ family: 'Roe' }] },
      medication('own', 'R1'),
      request('inside', '#m', [
        medication('m', 'R1', {
          manufacturer: { reference: 'Organization/maker' },
          batch: { lotNumber: 'LOT-7' },
        }),
      ]),
      request('outside', 'Medication/own'),
      request('other', '#m', [medication('m', 'R2')]),
      known<MedicationRequest>({
        resourceType: 'MedicationRequest',
        id: 'worded',
        status: 'active',
        intent: 'order',
        subject: { reference: 'Patient/p' },
        medicationCodeableConcept: { text: 'x' },
      }),
    );
  });

  test('3.2 chains see contained resources', async () => {
    expect(await ids('MedicationRequest?medication.code=R1')).toEqual(['inside', 'outside']);
    expect(await ids(`MedicationRequest?medication:Medication.code=${rx}|R2`)).toEqual(['other']);
    expect(await ids('MedicationRequest?medication.code=http://other|R2')).toEqual([]);
    expect(await ids('MedicationRequest?medication.code:text=drug r2')).toEqual(['other']);
    expect(await ids('MedicationRequest?medication.code:not=R1')).toEqual(['other']);
    expect(await ids('MedicationRequest?medication.lot-number=lot-7')).toEqual(['inside']);
    expect(await ids('MedicationRequest?medication.code=R1&patient.family=roe&_sort=-_id')).toEqual([
      'outside',
      'inside',
    ]);
    expect(await ids('MedicationRequest?_filter=medication.code eq R2')).toEqual(['other']);
    expect(await ids('MedicationRequest?medication.code=R3')).toEqual([]);
  });

  test('3.2 a chain goes on from what is contained, to what is not and to what is contained beside it', async () => {
    expect(await ids('MedicationRequest?medication.manufacturer:Organization.name=maker')).toEqual([
      'inside',
    ]);
    await at.server.load(
      request('both', '#m', [
        medication('m', 'R9', { manufacturer: { reference: '#o' } }),
        { resourceType: 'Organization', id: 'o', name: 'Inner' },
      ]),
    );
    expect(await ids('MedicationRequest?medication.manufacturer.name=inner')).toEqual(['both']);
    expect(await ids('MedicationRequest?medication.manufacturer.name=outer')).toEqual([]);
  });

  test('3.2 _has sees contained resources', async () => {
    expect(await ids('Patient?_has:MedicationRequest:subject:medication.code=R2')).toEqual(['p']);
    expect(await ids('Patient?_has:MedicationRequest:subject:medication.code=R3')).toEqual([]);
    expect(await ids('Patient?_has:MedicationRequest:subject:medication:missing=true')).toEqual(['p']);
  });

  test('3.2 :missing sees contained resources', async () => {
    expect(await ids('MedicationRequest?medication:missing=true')).toEqual(['worded']);
    expect(await ids('MedicationRequest?medication:missing=false')).toEqual(['inside', 'outside', 'other']);
    expect(await ids('MedicationRequest?_filter=medication pr false')).toEqual(['worded']);
  });

  test('3.2 neighbour: a parameter of one target counts what is contained of it only', async () => {
    const coverage = { resourceType: 'Observation', status: 'final', code: { text: 'x' } } as const;
    await at.server.load(
      {
        ...coverage,
        id: 'inner',
        subject: { reference: '#p' },
        contained: [{ resourceType: 'Patient', id: 'p', gender: 'female' }],
      },
      {
        ...coverage,
        id: 'group',
        subject: { reference: '#g' },
        contained: [{ resourceType: 'Group', id: 'g', type: 'person', actual: true }],
      },
    );
    expect(await ids('Observation?patient:missing=false')).toEqual(['inner']);
    expect(await ids('Observation?subject:missing=false')).toEqual(['inner', 'group']);
    expect(await ids('Observation?patient.gender=female')).toEqual(['inner']);
    expect(await ids('Observation?subject:Group.actual=true')).toEqual(['group']);
    expect(await ids('Observation?subject:Patient.gender=male')).toEqual([]);
  });

  test('3.2 neighbour: what is contained is not found by itself, nor what is contained no more', async () => {
    expect(await ids('Medication?code=R2')).toEqual([]);
    await at.server.load(request('other', '#m', [medication('m', 'R5')]));
    expect(await ids('MedicationRequest?medication.code=R2')).toEqual([]);
    expect(await ids('MedicationRequest?medication.code=R5')).toEqual(['other']);
    await at.server.http.delete('/fhir/MedicationRequest/other');
    expect(await ids('MedicationRequest?medication.code=R5')).toEqual([]);
  });

  test('3.2 neighbour: a reference to nothing inside is no value, and a code in capitals is found there', async () => {
    await at.server.load({
      resourceType: 'CodeSystem',
      id: 'rx',
      url: rx,
      status: 'active',
      content: 'complete',
      caseSensitive: false,
      concept: [{ code: 'R1' }],
    });
    expect(await ids(`MedicationRequest?medication.code=${rx}|r1`)).toEqual(['inside', 'outside']);
    expect(await ids('MedicationRequest?medication.code=r2')).toEqual(['other']);
    expect(await ids('MedicationRequest?medication._id=m')).toEqual(['inside', 'other']);
    const total = await at.get('MedicationRequest?medication.code=R1&_total=accurate&_count=1');
    expect((total.body as { total?: number }).total).toBe(2);
  });
});
