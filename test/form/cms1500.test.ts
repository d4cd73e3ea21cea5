import { describe, expect, test } from '@jest/globals';
import type { Claim, Patient } from '@medplum/fhirtypes';
import { cms1500 } from '../../src/billing/form/cms1500.ts';
import { extension, system } from '../../src/terminology/system.ts';
import { category, code, knownWith, line, patient, professional } from './world.ts';

const filled = (over: Partial<Claim> = {}, known = knownWith()) => {
  const form = cms1500({ claim: professional(over), known });
  const box = (name: string, page = 0) => form.pages[page]?.get(name);
  return { ...form, box, texts: form.notes.map((n) => n.text) };
};

describe('CMS-1500', () => {
  test.each([
    ['payer.1', 'FIRST HEALTH'],
    ['1.group', 'X'],
    ['1a', 'C1001'],
    ['2', 'NÚÑEZ, ZOË, ANA'],
    ['3', '04 09 2015'],
    ['3.female', 'X'],
    ['4', 'NÚÑEZ JR, MAX'],
    ['5', '12 ELM ST APT 4'],
    ['5.zip', '01040-1234'],
    ['5.area', '413'],
    ['5.phone', '5550100'],
    ['6.child', 'X'],
    ['7.city', 'HOLYOKE'],
    ['10a.no', 'X'],
    ['11', 'G-C1'],
    ['11a', '01 31 1980'],
    ['11a.male', 'X'],
    ['11c', 'PLAN C1'],
    ['11d.no', 'X'],
    ['12', 'SIGNATURE ON FILE'],
    ['13', 'SIGNATURE ON FILE'],
    ['17.qualifier', 'DN'],
    ['17', 'MARSH, RUTH'],
    ['17b', '1679576722'],
    ['20.no', 'X'],
    ['21.indicator', '0'],
    ['21.A', 'J069'],
    ['21.B', 'M1711'],
    ['23', 'AUTH9'],
    ['24.1.A.from', '03 02 26'],
    ['24.1.A.to', '03 02 26'],
    ['24.1.B', '11'],
    ['24.1.D', 'G0463'],
    ['24.1.D.modifier2', 'GT'],
    ['24.1.E', 'BA'],
    ['24.1.F', '1210 05'],
    ['24.1.G', '1'],
    ['24.1.I', 'ZZ'],
    ['24.1.J.shaded', '207Q00000X'],
    ['24.1.J', '1003000126'],
    ['24.2.shaded', 'N400409379501 ML2'],
    ['24.2.F', '29 00'],
    ['24.2.G', '2.5'],
    ['25', '043117826'],
    ['25.ein', 'X'],
    ['26', 'PCN0001'],
    ['27.yes', 'X'],
    ['28', '1239 05'],
    ['31', 'SIGNATURE ON FILE'],
    ['31.date', '03 03 26'],
    ['32.1', 'ELM ANNEX'],
    ['32a', '1245319599'],
    ['33.1', 'ELM STREET CLINIC INC'],
    ['33.2', '9 ELM ST'],
    ['33.3', 'HOLYOKE MA 01040-0009'],
    ['33a', '1234567893'],
    ['33b', 'ZZ261QP2300X'],
  ])('9 box %s says %s', (name, text) => {
    expect(filled().box(name)).toBe(text);
  });

  test('9 what a claim does not say stays empty, and nothing is told of it', () => {
    const { pages, notes } = filled();
    for (const name of ['9', '9a', '10b.state', '14', '16.from', '18.from', '19', '22', '22.reference', '29'])
      expect(pages[0]?.get(name)).toBeUndefined();
    expect(notes).toEqual([]);
    expect(pages).toHaveLength(1);
  });

  test('9 a claim to the second payer names the first in 9, says so in 11d and what was paid in 29', () => {
    const { box } = filled({
      insurer: { reference: 'Organization/second' },
      insurance: [
        {
          sequence: 1,
          focal: false,
          coverage: { reference: 'Coverage/c1' },
          claimResponse: { reference: 'ClaimResponse/answer' },
        },
        { sequence: 2, focal: true, coverage: { reference: 'Coverage/c2' } },
      ],
      supportingInfo: [{ sequence: 1, category: category('patient-paid'), valueQuantity: { value: 10 } }],
    });
    expect([box('1a'), box('11'), box('11d.yes'), box('11d.no')]).toEqual(['C2001', 'G-C2', 'X', undefined]);
    expect([box('9'), box('9a'), box('9d')]).toEqual(['NÚÑEZ JR, MAX', 'G-C1', 'PLAN C1']);
    expect(box('29')).toBe('50 50');
  });

  test.each([
    ['7', '7', 'PCCN55'],
    ['8', '8', 'PCCN55'],
    ['1', undefined, undefined],
  ])('9 box 22 of frequency %s', (frequency, resubmission, reference) => {
    const { box } = filled({
      related: [{ relationship: code(system.relatedClaim, 'prior'), reference: { value: 'PCCN55' } }],
      supportingInfo: [
        { sequence: 1, category: category('claim-frequency'), code: code(system.typeOfBill, frequency) },
      ],
    });
    expect([box('22'), box('22.reference')]).toEqual([resubmission, reference]);
  });

  test('9 thirteen lines take three pages; the totals stand on the last, the others say that the claim goes on', () => {
    const item = Array.from({ length: 13 }, (_, i) => line(i + 1));
    const { pages, box, texts } = filled({ item, total: { value: 130.65, currency: 'USD' } });
    expect(pages).toHaveLength(3);
    expect([0, 1, 2].map((p) => box('28', p))).toEqual(['CONTINUED', 'CONTINUED', '130 65']);
    expect([box('24.6.D', 0), box('24.1.D', 2), box('24.2.D', 2)]).toEqual(['G0463', 'G0463', undefined]);
    expect(box('2', 2)).toBe('NÚÑEZ, ZOË, ANA');
    expect(texts).toEqual(['the claim takes 3 pages: send them together']);
  });

  test('9 six lines take one page', () => {
    expect(filled({ item: Array.from({ length: 6 }, (_, i) => line(i + 1)) }).pages).toHaveLength(1);
  });

  test('9 a name longer than its box is cut, and that is told without the name', () => {
    const long: Patient = {
      ...patient,
      name: [{ family: 'Featherstonehaugh-Cholmondeley', given: ['Bartholomew'] }],
    };
    const { box, notes } = filled({}, knownWith(long));
    expect(box('2')).toBe('FEATHERSTONEHAUGH-CHOLMONDEL');
    expect(notes).toEqual([
      { expression: 'Claim.patient', text: 'box 2 takes 28 characters: what is longer is cut off' },
    ]);
  });

  test('9 letters that no box has a sign for are printed as ?, and that is told', () => {
    const { box, texts } = filled({}, knownWith({ ...patient, name: [{ family: '王', given: ['Jürgen'] }] }));
    expect(box('2')).toBe('?, JÜRGEN');
    expect(texts).toEqual(['box 2 has letters that the form has no sign for: they are printed as ?']);
  });

  test('9 Medicare that pays first has NONE in 11, and no insured in 11a', () => {
    const known = knownWith({
      resourceType: 'Coverage',
      id: 'c1',
      status: 'active',
      type: code('https://nahdo.org/sopt', '12'),
      subscriberId: '1EG4-TE5-MK73',
      beneficiary: { reference: 'Patient/p' },
      payor: [{ reference: 'Organization/first' }],
    });
    const { box } = filled({}, known);
    expect([box('1.medicare'), box('1a'), box('6.self'), box('11'), box('11a')]).toEqual([
      'X',
      '1EG4TE5MK73',
      'X',
      'NONE',
      undefined,
    ]);
  });

  test('9 an accident at work, in a car and another', () => {
    const accident = (value: string) => ({
      date: '2026-03-01',
      type: code(system.actCode, value),
      locationAddress: { state: 'MA' },
    });
    const work = filled({ accident: accident('WPA') });
    const car = filled({ accident: accident('MVA') });
    const other = filled({ accident: accident('SPT') });
    expect([work.box('10a.yes'), work.box('10b.no'), work.box('10b.state')]).toEqual(['X', 'X', undefined]);
    expect([car.box('10b.yes'), car.box('10b.state'), car.box('15.qualifier'), car.box('15')]).toEqual([
      'X',
      'MA',
      '439',
      '03 01 26',
    ]);
    expect([other.box('10c.yes'), other.box('10a.no')]).toEqual(['X', 'X']);
  });

  test('9 what the form has no room for is told: diagnoses, pointers, modifiers, payers, numbers', () => {
    const { texts, box } = filled({
      diagnosis: Array.from({ length: 13 }, (_, i) => ({
        sequence: i + 1,
        diagnosisCodeableConcept: code(system.icd10cm, `M17.${10 + i}`),
      })),
      item: [
        line(1, {
          diagnosisSequence: [1, 2, 3, 12, 13],
          modifier: ['25', 'GT', 'KX', 'GA', 'Q6'].map((m) => code(system.hcpcs, m)),
        }),
      ],
      insurance: [
        { sequence: 1, focal: true, coverage: { reference: 'Coverage/c1' }, preAuthRef: ['A', 'B'] },
        { sequence: 2, focal: false, coverage: { reference: 'Coverage/c2' } },
        { sequence: 3, focal: false, coverage: { reference: 'Coverage/c2' } },
      ],
    });
    expect(box('24.1.E')).toBe('ABCL');
    expect(texts).toEqual([
      'a line takes 4 modifiers: the further ones do not stand on the form',
      'a line points at 4 diagnoses: the further ones do not stand on it',
      'points at a diagnosis that does not stand in box 21',
      'a CMS-1500 names one other payer: the further ones do not stand on it',
      'box 21 takes 12 diagnoses: the further ones do not stand on the form',
      'box 23 takes one number: the further ones do not stand on the form',
    ]);
  });

  test('9 neighbour: without signatures 12, 13, 27 and 31 stay empty; a refused assignment is no', () => {
    const bare = filled({ extension: [] });
    expect(['12', '13', '27.yes', '27.no', '31'].map((b) => bare.box(b))).toEqual(Array(5).fill(undefined));
    const refused = filled({
      extension: [{ url: extension.acceptAssignment, extension: [{ url: 'value', valueCode: 'C' }] }],
    });
    expect([refused.box('27.yes'), refused.box('27.no')]).toEqual([undefined, 'X']);
  });

  test('9 neighbour: notes and announced documents share box 19', () => {
    const { box } = filled({
      supportingInfo: [
        { sequence: 1, category: category('claim-note'), valueString: 'seen twice' },
        {
          sequence: 2,
          category: category('attachment'),
          code: code('https://codesystem.x12.org/005010/755', 'B4'),
        },
      ],
    });
    expect(box('19')).toBe('SEEN TWICE PWKB4BMPCN0001A2');
  });
});
