import { caseTable, minimal, type Case, type Known, type Subject } from './caseTable.ts';

const request = (id: string, reference: string, ...contained: Record<string, unknown>[]): Known =>
  minimal({
    resourceType: 'MedicationRequest',
    id,
    status: 'active',
    subject: { reference: 'Patient/p' },
    medicationReference: { reference },
    ...(contained.length > 0 ? { contained } : {}),
  });
const medication = (
  id: string,
  code: string,
  more: Record<string, unknown> = {},
): Record<string, unknown> => ({
  resourceType: 'Medication',
  id,
  code: { coding: [{ system: 'http://rx', code }] },
  ...more,
});
const ofMaker = {
  manufacturer: { reference: 'Organization/maker' },
  batch: { expirationDate: '2027-05-01' },
};

const chart: readonly Known[] = [
  minimal({ resourceType: 'Patient', id: 'p', name: [{ family: 'Roe' }] }),
  minimal({ resourceType: 'Organization', id: 'maker', name: 'Maker' }),
  request('first', '#m', medication('m', 'a', ofMaker)),
  request('second', '#m', medication('m', 'b')),
  request('unreferred', '#n', medication('m', 'a')),
  request('stored', 'Medication/m'),
  minimal(medication('m', 'a', ofMaker) as Parameters<typeof minimal>[0]),
];

/** See https://hl7.org/fhir/R4/search.html#contained */
const cases: readonly Case[] = [
  ['a code', 'MedicationRequest', [['medication.code', 'a']], ['first', 'stored']],
  ['one of two codes', 'MedicationRequest', [['medication.code', 'a,b']], ['first', 'second', 'stored']],
  [
    'a date, which no entry has',
    'MedicationRequest',
    [['medication.expiration-date', 'ge2027']],
    ['first', 'stored'],
  ],
  [
    'a reference out of it',
    'MedicationRequest',
    [['medication.manufacturer', 'Organization/maker']],
    ['first', 'stored'],
  ],
  ['a chain out of it', 'MedicationRequest', [['medication.manufacturer.name', 'mak']], ['first', 'stored']],
  ['a chain out of it to another', 'MedicationRequest', [['medication.manufacturer.name', 'x']], []],
  [
    'two criteria',
    'MedicationRequest',
    [
      ['medication.code', 'b'],
      ['patient.family', 'roe'],
    ],
    ['second'],
  ],
  [
    'a reference is there',
    'MedicationRequest',
    [['medication:missing', 'false']],
    ['first', 'second', 'stored'],
  ],
  ['it leads to nothing', 'MedicationRequest', [['medication:missing', 'true']], ['unreferred']],
  ['not', 'MedicationRequest', [['_filter', 'not (medication.code eq a)']], ['second', 'unreferred']],
  ['in a _has', 'Patient', [['_has:MedicationRequest:subject:medication.code', 'b']], ['p']],
  ['not found by itself', 'Medication', [['code', 'a,b']], ['m']],
  [
    'in the order of a sort',
    'MedicationRequest',
    [
      ['medication.code', 'a,b'],
      ['_sort', '-_id'],
    ],
    ['stored', 'second', 'first'],
  ],
];

export function containedContract(store: Subject): void {
  caseTable('chains look into what is contained', store, chart, cases);
}
