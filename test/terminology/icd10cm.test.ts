import { expect, test } from '@jest/globals';
import {
  dotted,
  icd10cm,
  icd10cmEdition,
  isExternalCause,
  isIcd10cm,
  looksLikeIcd10cm,
} from '../../src/terminology/icd10cm.ts';
import { editionOn, covers } from '../../src/terminology/edition.ts';

const on = '2026-03-11';

test.each([
  ['A000', true, false],
  ['M17.11', true, false],
  ['J06.9', true, false],
  ['J18.9', true, false],
  ['E87.1', true, false],
  ['Z87.891', true, true],
  ['Z23', true, true],
  ['S93.401A', true, false],
  ['W01.0XXA', true, false],
  ['U07.1', true, false],
  ['ZZZ', undefined, undefined],
  ['A00', false, false],
  ['M17', false, false],
])('%s is billable %s, exempt from POA %s', (code, billable, exempt) => {
  expect(icd10cm(code, on)?.billable).toBe(billable);
  expect(icd10cm(code, on)?.poaExempt).toBe(exempt);
  expect(isIcd10cm(code, on)).toBe(billable ?? false);
});

test.each([
  ['', false],
  ['A0', false],
  ['A00.00000', false],
  ['é00.1', false],
  ['A00.!', false],
])('no code is found for %p', (code, found) => {
  expect(icd10cm(code, on) !== undefined).toBe(found);
});

test('the first and the last record of the file are found', () => {
  expect(icd10cm('A00', on)).toBeDefined();
  expect(icd10cm('Z9989', on)?.billable).toBe(true);
});

test('a code is looked up in the newest edition that had begun, and the edition says whether it is in force', () => {
  expect(icd10cm('M17.11', on)?.edition.name).toBe('FY2022');
  expect(covers(icd10cmEdition('2022-03-01'), '2022-03-01')).toBe(true);
  expect(covers(icd10cmEdition(on), on)).toBe(false);
  expect(covers(icd10cmEdition('1929-01-01'), '1929-01-01')).toBe(false);
});

test('of several editions the newest that had begun is taken, else the oldest', () => {
  const years = [2023, 2022, 2025].map((y) => ({
    name: `FY${y}`,
    from: `${y - 1}-10-01`,
    through: `${y}-09-30`,
  }));
  const editions = years as [(typeof years)[0], ...typeof years];
  expect(editionOn(editions, '2024-06-01').name).toBe('FY2023');
  expect(editionOn(editions, '2024-10-01').name).toBe('FY2025');
  expect(editionOn(editions, '2030-01-01').name).toBe('FY2025');
  expect(editionOn(editions, '1999-01-01').name).toBe('FY2022');
});

test.each([
  ['M17.11', true],
  ['M1711', true],
  ['C4A.0', true],
  ['U07.1', true],
  ['U08.1', false],
  ['m17.11', false],
  ['M17.', false],
  ['M17.111111', false],
  ['410620009', false],
])('%s looks like ICD-10-CM: %s', (code, sound) => {
  expect(looksLikeIcd10cm(code)).toBe(sound);
});

test('external causes are V to Y', () => {
  expect(['V00.01XA', 'W01.0XXA', 'Y99.9', 'Z23', 'S93.401A'].map(isExternalCause)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});

test('codes are printed with their dot', () => {
  expect(['Z23', 'M1711', 'M17.11'].map(dotted)).toEqual(['Z23', 'M17.11', 'M17.11']);
});
