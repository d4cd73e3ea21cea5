import { describe, expect, test } from '@jest/globals';
import type { ConceptMap } from '@medplum/fhirtypes';
import { buildCodeMap } from '../../../src/billing/coding/codeMap.ts';
import { coder } from '../../../src/billing/coding/coder.ts';
import { system } from '../../../src/terminology/system.ts';

const map = (group: ConceptMap['group'], more: Partial<ConceptMap> = {}): ConceptMap => ({
  resourceType: 'ConceptMap',
  status: 'active',
  sourceUri: system.snomed,
  targetUri: system.hcpcs,
  ...(group ? { group } : {}),
  ...more,
});

const to = (code: string, ...targets: string[]) => ({
  code,
  target: targets.map((t) => ({ code: t, equivalence: 'equivalent' as const })),
});
const concept = (...codings: [string, string, string?][]) => ({
  coding: codings.map(([uri, code, display]) => ({
    system: uri,
    code,
    ...(display === undefined ? {} : { display }),
  })),
});

const maps = [
  map([{ element: [to('visit', 'T1015'), to('vaccine', 'Q2038', 'G0008'), to('odd', 'J3590')] }]),
  map([{ target: system.icd10cm, element: [to('stroke', 'I63.9'), to('visit', 'Z00.00')] }]),
  map([{ element: [to('right', 'RT')] }]),
  map([{ element: [{ code: 'stay', target: [{ equivalence: 'unmatched' }] }] }]),
  map([{ element: [to('retired', 'T1015')] }], { status: 'retired' }),
  map([{ source: system.cvx, target: system.hcpcsHttp, element: [to('141', 'Q2038')] }]),
];
const coding = coder(buildCodeMap(maps));

describe('what a charted concept is billed as', () => {
  test.each([
    ['a billing code in the chart stays', concept([system.hcpcs, 'J7325']), 'charted', ['J7325']],
    [
      'a billing code wins over a map',
      concept([system.snomed, 'visit'], [system.hcpcs, 'G0463']),
      'charted',
      ['G0463'],
    ],
    ['the other spelling of HCPCS is the same', concept([system.hcpcsHttp, 'J7325']), 'charted', ['J7325']],
    ['one target', concept([system.snomed, 'visit']), 'mapped', ['T1015']],
    ['several targets give several codes', concept([system.snomed, 'vaccine']), 'mapped', ['Q2038', 'G0008']],
    [
      'the second coding, where the first has no map',
      concept(['x', 'y'], [system.cvx, '141']),
      'mapped',
      ['Q2038'],
    ],
    ['a map that says: nothing', concept([system.snomed, 'stay']), 'not-billable', []],
    ['no map', concept([system.snomed, '1597AAAA']), 'no-map', []],
    ['codes match as exact strings', concept([system.snomed, 'VISIT']), 'no-map', []],
    ['a retired map says nothing', concept([system.snomed, 'retired']), 'no-map', []],
    ['a modifier is no service', concept([system.snomed, 'right']), 'no-map', []],
    ['no concept', undefined, 'no-map', []],
  ])('%s', (_name, given, how, codes) => {
    const coded = coding.service(given);
    expect([coded.how, coded.codes.map((c) => c.code)]).toEqual([how, codes]);
  });

  test('an unlisted code takes the charted words along, another does not', () => {
    expect(coding.service(concept([system.snomed, 'odd', 'Rare vaccine'])).codes[0]?.text).toBe(
      'Rare vaccine',
    );
    expect(coding.service(concept([system.snomed, 'visit', 'A visit'])).codes[0]?.text).toBeUndefined();
  });
});

describe('diagnoses and sides', () => {
  test.each([
    ['as charted, with its dot', [system.icd10cm, 'M17.11'], ['M17.11']],
    ['as charted, dot and case put right', [system.icd10cm, 's93401a'], ['S93.401A']],
    ['the shorter URI means ICD-10-CM too', [system.icd10, 'E785'], ['E78.5']],
    ['through a map', [system.snomed, 'stroke'], ['I63.9']],
    ['three characters have no dot', [system.icd10cm, 'I10'], ['I10']],
    ['no map', [system.snomed, '112141AAAA'], []],
  ])('%s', (_name, [uri = '', code = ''], expected) => {
    expect(coding.reasons(concept([uri, code]))).toEqual(expected);
  });

  test('a side is a modifier, charted or mapped', () => {
    expect(coding.modifiers(concept(['x', 'knee'], [system.snomed, 'right']))).toEqual(['RT']);
    expect(coding.modifiers(concept([system.hcpcs, 'LT']))).toEqual(['LT']);
    expect(coding.modifiers(concept([system.snomed, 'visit']))).toEqual([]);
  });
});
