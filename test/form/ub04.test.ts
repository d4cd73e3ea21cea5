import { describe, expect, test } from '@jest/globals';
import type { Claim, ClaimItem, ClaimSupportingInfo } from '@medplum/fhirtypes';
import { ub04 } from '../../src/billing/form/ub04.ts';
import { system } from '../../src/terminology/system.ts';
import { category, code, institutional, knownWith, line } from './world.ts';

const info = (sequence: number, name: string, rest: Partial<ClaimSupportingInfo>): ClaimSupportingInfo => ({
  sequence,
  category: category(name),
  ...rest,
});

const room = (sequence: number): ClaimItem => ({
  ...line(sequence),
  productOrService: code(system.chargeMaster, 'RB0120'),
  revenue: code(system.revenueCode, '120'),
  quantity: { value: 3 },
  unitPrice: { value: 1846.5, currency: 'USD' },
  net: { value: 5539.5, currency: 'USD' },
});

const stay: Partial<Claim> = {
  billablePeriod: { start: '2026-03-02', end: '2026-03-05' },
  supportingInfo: [
    info(1, 'typeofbill', {
      category: code(system.c4bbSupportingInfo, 'typeofbill'),
      code: code(system.typeOfBill, '0117'),
    }),
    info(2, 'admissionperiod', {
      timingPeriod: { start: '2026-03-02T08:30:00-05:00', end: '2026-03-05T16:00:00-05:00' },
    }),
    info(3, 'admtype', { code: code(system.admissionType, '1') }),
    info(4, 'pointoforigin', { code: code(system.pointOfOrigin, '7') }),
    info(5, 'discharge-status', { code: code(system.dischargeStatus, '01') }),
    info(6, 'drg', { code: code(system.msDrg, '194') }),
    info(7, 'condition-code', { code: code(system.conditionCode, 'D9') }),
    info(8, 'occurrence-code', { code: code(system.occurrenceCode, '11'), timingDate: '2026-03-01' }),
    info(9, 'occurrence-code', {
      code: code(system.occurrenceCode, '71'),
      timingPeriod: { start: '2026-02-01', end: '2026-02-03' },
    }),
    info(10, 'value-code', { code: code(system.valueCode, '80'), valueQuantity: { value: 3 } }),
    info(11, 'claim-note', { valueString: 'corrected room' }),
  ],
  related: [{ relationship: code(system.relatedClaim, 'prior'), reference: { value: 'DCN88' } }],
  diagnosis: [
    {
      sequence: 1,
      diagnosisCodeableConcept: code(system.icd10cm, 'J18.9'),
      type: [code(system.diagnosisType, 'principal')],
      onAdmission: code(system.presentOnAdmission, 'Y'),
    },
    {
      sequence: 2,
      diagnosisCodeableConcept: code(system.icd10cm, 'E87.1'),
      onAdmission: code(system.presentOnAdmission, 'N'),
    },
    {
      sequence: 3,
      diagnosisCodeableConcept: code(system.icd10cm, 'R05.9'),
      type: [code(system.diagnosisType, 'admitting')],
    },
    {
      sequence: 4,
      diagnosisCodeableConcept: code(system.icd10cm, 'W19.XXXA'),
      type: [code(system.c4bbDiagnosisType, 'externalcauseofinjury')],
    },
  ],
  procedure: [
    { sequence: 1, procedureCodeableConcept: code(system.icd10pcs, '0DTJ4ZZ'), date: '2026-03-03' },
    {
      sequence: 2,
      procedureCodeableConcept: code(system.icd10pcs, '0FT44ZZ'),
      date: '2026-03-04',
      type: [code(system.c4bbProcedureType, 'principal')],
    },
  ],
  item: [
    room(1),
    line(2, { revenue: code(system.revenueCode, '0510'), modifier: [code(system.hcpcs, '25')] }),
  ],
  total: { value: 5549.55, currency: 'USD' },
};

const filled = (over: Partial<Claim> = stay, known = knownWith()) => {
  const form = ub04({ claim: institutional(over), known });
  const box = (name: string, page = 0) => form.pages[page]?.get(name);
  return { ...form, box, texts: form.notes.map((n) => n.text) };
};

describe('UB-04', () => {
  test.each([
    ['1.1', 'ELM STREET CLINIC INC'],
    ['1.2', '9 ELM ST'],
    ['1.4', '4135550142'],
    ['2.2', 'PO BOX 9'],
    ['3a', 'PCN0001'],
    ['3b', 'MRN77'],
    ['4', '0117'],
    ['5', '043117826'],
    ['6.from', '030226'],
    ['6.through', '030526'],
    ['8b', 'NÚÑEZ, ZOË, ANA'],
    ['9a', '12 ELM ST APT 4'],
    ['9c', 'MA'],
    ['10', '04092015'],
    ['11', 'F'],
    ['12', '030226'],
    ['13', '08'],
    ['14', '1'],
    ['15', '7'],
    ['16', '16'],
    ['17', '01'],
    ['condition.1', 'D9'],
    ['occurrence.1', '11'],
    ['occurrence.1.date', '030126'],
    ['span.1', '71'],
    ['span.1.from', '020126'],
    ['span.1.through', '020326'],
    ['38.1', 'ZOË ANA NÚÑEZ'],
    ['value.1', '80'],
    ['value.1.amount', '3 00'],
    ['42.1', '0120'],
    ['44.1', '1846 50'],
    ['45.1', '030226'],
    ['46.1', '3'],
    ['47.1', '5539 50'],
    ['42.2', '0510'],
    ['44.2', 'G046325'],
    ['42.23', '0001'],
    ['47.23', '5549 55'],
    ['page', '1'],
    ['pages', '1'],
    ['created', '030326'],
    ['50.A', 'FIRST HEALTH'],
    ['51.A', 'FIRST'],
    ['52.A', 'Y'],
    ['53.A', 'Y'],
    ['55.A', '5549 55'],
    ['56', '1234567893'],
    ['58.A', 'NÚÑEZ JR, MAX'],
    ['59.A', '19'],
    ['60.A', 'C1001'],
    ['61.A', 'MILL WORKERS'],
    ['62.A', 'G-C1'],
    ['63.A', 'AUTH9'],
    ['64.A', 'DCN88'],
    ['66', '0'],
    ['67', 'J189'],
    ['67.poa', 'Y'],
    ['67.A', 'E871'],
    ['67.A.poa', 'N'],
    ['69', 'R059'],
    ['71', '194'],
    ['72.a', 'W19XXXA'],
    ['74', '0FT44ZZ'],
    ['74.date', '030426'],
    ['74.a', '0DTJ4ZZ'],
    ['team.76.npi', '1003000126'],
    ['team.76.last', 'ABERNATHY'],
    ['team.78.qualifier', 'DN'],
    ['team.78.last', 'MARSH'],
    ['80.1', 'CORRECTED ROOM'],
    ['81.1.qualifier', 'B3'],
    ['81.1', '261QP2300X'],
  ])('9 form locator %s says %s', (name, text) => {
    expect(filled().box(name)).toBe(text);
  });

  test('9 nothing of a stay is told as missing', () => {
    expect(filled().notes).toEqual([]);
  });

  test('9 forty-five lines take three pages; line 23 counts the pages and has the totals on the last', () => {
    const { box, pages } = filled({ ...stay, item: Array.from({ length: 45 }, (_, i) => line(i + 1)) });
    expect(pages).toHaveLength(3);
    expect([0, 1, 2].map((p) => [box('page', p), box('pages', p)])).toEqual([
      ['1', '3'],
      ['2', '3'],
      ['3', '3'],
    ]);
    expect([0, 1, 2].map((p) => box('47.23', p))).toEqual([undefined, undefined, '5549 55']);
    expect([box('47.22', 1), box('47.1', 2), box('47.2', 2)]).toEqual(['10 05', '10 05', undefined]);
  });

  test('9 twenty-two lines take one page', () => {
    expect(filled({ ...stay, item: Array.from({ length: 22 }, (_, i) => line(i + 1)) }).pages).toHaveLength(
      1,
    );
  });

  test('9 the second payer stands on row B, what the first paid in 54.A, and what is left in 55.B', () => {
    const { box } = filled({
      ...stay,
      insurer: { reference: 'Organization/second' },
      insurance: [
        { sequence: 2, focal: true, coverage: { reference: 'Coverage/c2' } },
        {
          sequence: 1,
          focal: false,
          coverage: { reference: 'Coverage/c1' },
          claimResponse: { reference: 'ClaimResponse/answer' },
        },
      ],
    });
    expect([box('50.A'), box('50.B')]).toEqual(['FIRST HEALTH', 'SECOND HEALTH']);
    expect([box('54.A'), box('54.B'), box('55.A'), box('55.B')]).toEqual([
      '40 50',
      undefined,
      undefined,
      '5509 05',
    ]);
    expect([box('64.A'), box('64.B')]).toEqual([undefined, 'DCN88']);
  });

  test('9 the guarantor of the account is who answers for it', () => {
    const account = {
      valueReference: { reference: 'Account/a' },
      url: 'https://claimwright.example/fhir/StructureDefinition/account',
    };
    const known = knownWith({
      resourceType: 'Account',
      id: 'a',
      status: 'active',
      guarantor: [{ party: { reference: 'Patient/s' } }],
    });
    expect(filled({ ...stay, extension: [account] }, known).box('38.1')).toBe('MAX NÚÑEZ JR');
  });

  test('9 what the form has no room for is told: codes, diagnoses, procedures, payers', () => {
    const many = (count: number, name: string, rest: (i: number) => Partial<ClaimSupportingInfo>) =>
      Array.from({ length: count }, (_, i) => info(i + 1, name, rest(i)));
    const { texts } = filled({
      ...stay,
      supportingInfo: [
        ...many(12, 'condition-code', () => ({ code: code(system.conditionCode, 'D9') })),
        ...many(9, 'occurrence-code', () => ({
          code: code(system.occurrenceCode, '11'),
          timingDate: '2026-03-01',
        })),
        ...many(13, 'value-code', () => ({
          code: code(system.valueCode, '80'),
          valueQuantity: { value: 1 },
        })),
      ],
      diagnosis: Array.from({ length: 19 }, (_, i) => ({
        sequence: i + 1,
        diagnosisCodeableConcept: code(system.icd10cm, `M17.${10 + i}`),
      })),
      procedure: Array.from({ length: 7 }, (_, i) => ({
        sequence: i + 1,
        procedureCodeableConcept: code(system.icd10pcs, `0DTJ4Z${i}`),
      })),
    });
    expect(texts).toEqual([
      'a UB-04 takes 11 condition codes: the further ones do not stand on the form',
      'a UB-04 takes 8 occurrence codes: the further ones do not stand on the form',
      'a UB-04 takes 12 value codes: the further ones do not stand on the form',
      'a UB-04 takes 17 other diagnoses: the further ones do not stand on the form',
      'a UB-04 takes 5 other procedures: the further ones do not stand on the form',
    ]);
  });

  test('9 neighbour: an original has no number of the payer in 64, though it names a claim', () => {
    const original = stay.supportingInfo?.map((s) =>
      s.sequence === 1
        ? info(1, 'typeofbill', {
            category: code(system.c4bbSupportingInfo, 'typeofbill'),
            code: code(system.typeOfBill, '0111'),
          })
        : s,
    );
    expect(filled({ ...stay, supportingInfo: original ?? [] }).box('64.A')).toBeUndefined();
  });

  test('9 neighbour: without a principal diagnosis the first one that is no cause stands in 67', () => {
    const diagnosis = ['W19.XXXA', 'S52.501A'].map((c, i) => ({
      sequence: i + 1,
      diagnosisCodeableConcept: code(system.icd10cm, c),
    }));
    const { box } = filled({ ...stay, diagnosis });
    expect([box('67'), box('72.a'), box('67.A')]).toEqual(['S52501A', 'W19XXXA', undefined]);
  });
});
