import { expect, test } from '@jest/globals';
import { parsePairs } from '../../src/search/parse.ts';
import type { SearchPage } from '../../src/store/store.ts';
import { caseTable, minimal, put, type Case, type Subject } from './caseTable.ts';
import { graphContract } from './graphContract.ts';

const ucum = 'http://unitsofmeasure.org';
const amount = (value: number, code: string, more: object = {}): object => ({
  value,
  system: ucum,
  code,
  unit: code,
  ...more,
});
const coded = (code: string, more: object = {}): object => ({
  coding: [{ system: 'http://loinc.org', code, ...more }],
});

export const valueChart = [
  minimal({
    resourceType: 'Observation',
    id: 'bp',
    status: 'final',
    code: { ...coded('55284-4', { display: 'Blood Pressure' }), text: 'Pressure, sitting' },
    component: [
      { code: coded('8480-6'), valueQuantity: amount(140, 'mm[Hg]') },
      { code: coded('8462-4'), valueQuantity: amount(90, 'mm[Hg]') },
    ],
  }),
  minimal({
    resourceType: 'Observation',
    id: 'glucose',
    status: 'final',
    code: coded('2345-7', { display: 'Glucose in Serum' }),
    valueQuantity: amount(120, 'mg/dL'),
  }),
  minimal({
    resourceType: 'Observation',
    id: 'glucose2',
    status: 'final',
    code: coded('2345-7'),
    valueQuantity: amount(1.2, 'g/L', { unit: 'gram per litre' }),
  }),
  minimal({
    resourceType: 'Observation',
    id: 'two',
    status: 'final',
    code: {
      coding: [
        { system: 'http://loinc.org', code: 'c1' },
        { system: 'http://snomed.info/sct', code: 'c2' },
      ],
    },
    valueCodeableConcept: { coding: [{ system: 'http://v', code: 'yes' }], text: 'Yes, indeed' },
    valueDateTime: undefined,
  }),
  minimal({
    resourceType: 'Observation',
    id: 'fever',
    status: 'final',
    code: coded('8310-5'),
    valueQuantity: amount(38.5, 'Cel'),
  }),
  minimal({
    resourceType: 'Observation',
    id: 'fever2',
    status: 'final',
    code: coded('8310-5'),
    valueQuantity: amount(101.3, '[degF]'),
  }),
  minimal({
    resourceType: 'Observation',
    id: 'low',
    status: 'final',
    code: coded('low'),
    valueQuantity: amount(5, 'mg', { comparator: '<' }),
  }),
  minimal({
    resourceType: 'Observation',
    id: 'iu',
    status: 'final',
    code: coded('iu'),
    valueQuantity: amount(5, '[iU]/L'),
  }),
  minimal({
    resourceType: 'Observation',
    id: 'text',
    status: 'final',
    code: coded('t'),
    valueString: 'Négative',
  }),
  minimal({
    resourceType: 'Observation',
    id: 'when',
    status: 'final',
    code: coded('w'),
    valueDateTime: '2024-02-29',
  }),
  minimal({
    resourceType: 'DocumentReference',
    id: 'd2',
    relatesTo: [
      { code: 'replaces', target: { reference: 'DocumentReference/d1' } },
      { code: 'appends', target: { reference: 'DocumentReference/d0' } },
    ],
  }),
  minimal({
    resourceType: 'Group',
    id: 'g',
    characteristic: [
      { code: coded('sex'), valueCodeableConcept: coded('f') },
      { code: coded('smoker'), valueBoolean: true },
    ],
  }),
  minimal({
    resourceType: 'MolecularSequence',
    id: 's',
    referenceSeq: { chromosome: { coding: [{ code: '7' }] }, windowStart: 10, windowEnd: 20 },
    variant: [
      { start: 1, end: 2 },
      { start: 5, end: 6 },
    ],
  }),
  minimal({
    resourceType: 'ValueSet',
    id: 'vs',
    url: 'http://x/vs',
    useContext: [
      {
        code: { system: 'http://u', code: 'age' },
        valueRange: { low: amount(1, 'a'), high: amount(5, 'a') },
      },
    ],
  }),
  minimal({
    resourceType: 'Questionnaire',
    id: 'q',
    useContext: [
      {
        code: { system: 'http://u', code: 'age' },
        valueRange: { low: amount(1, 'a'), high: amount(5, 'a') },
      },
      { code: { system: 'http://u', code: 'focus' }, valueCodeableConcept: coded('x') },
    ],
  }),
  minimal({
    resourceType: 'Patient',
    id: 'ann',
    name: [{ family: 'de la Cruz', given: ['Ann'] }],
    identifier: [
      {
        system: 'http://mrn',
        value: 'A1',
        type: { coding: [{ system: 'http://v2', code: 'MR' }], text: 'Medical record' },
      },
      { system: 'http://ssn', value: 'B|2', type: { coding: [{ system: 'http://v2', code: 'SS' }] } },
    ],
    birthDate: '1980-06-15',
  }),
  minimal({
    resourceType: 'Patient',
    id: 'bob',
    name: [{ family: 'Cruz', given: ['Bob', 'Ann'] }],
    identifier: [{ system: 'http://mrn', value: 'A1', type: { coding: [{ code: 'SS' }] } }],
    gender: 'male',
  }),
];

const composites: readonly Case[] = [
  [
    'both in one component',
    'Observation',
    [['component-code-value-quantity', 'http://loinc.org|8480-6$gt100']],
    ['bp'],
  ],
  [
    'in two components is not together',
    'Observation',
    [['component-code-value-quantity', '8462-4$gt100']],
    [],
  ],
  [
    'the code of one, the value of none',
    'Observation',
    [['component-code-value-quantity', '8480-6$lt100']],
    [],
  ],
  [
    'with a unit',
    'Observation',
    [['code-value-quantity', `2345-7$120|${ucum}|mg/dL`]],
    ['glucose', 'glucose2'],
  ],
  [
    'in another unit',
    'Observation',
    [['code-value-quantity', `2345-7$ge1.2|${ucum}|g/L`]],
    ['glucose', 'glucose2'],
  ],
  ['in a unit of another dimension', 'Observation', [['code-value-quantity', `2345-7$ge0|${ucum}|kg`]], []],
  [
    'alternatives',
    'Observation',
    [['code-value-quantity', `x$1,8310-5$ge38,2345-7$1.2`]],
    ['glucose2', 'fever', 'fever2'],
  ],
  [
    'the resource or a component',
    'Observation',
    [['combo-code-value-quantity', `8462-4$90,2345-7$120`]],
    ['bp', 'glucose'],
  ],
  ['a concept', 'Observation', [['code-value-concept', 'http://snomed.info/sct|c2$yes']], ['two']],
  ['a string', 'Observation', [['code-value-string', 't$negat']], ['text']],
  ['a date', 'Observation', [['code-value-date', 'w$ge2024']], ['when']],
  ['an escaped dollar is no part', 'Observation', [['code-value-string', 't$ne\\$ga']], []],
  ['a code and a reference', 'DocumentReference', [['relationship', 'replaces$d1']], ['d2']],
  ['a code and the reference of another', 'DocumentReference', [['relationship', 'replaces$d0']], []],
  ['a code and a code', 'Group', [['characteristic-value', 'sex$f']], ['g']],
  ['a code and yes or no', 'Group', [['characteristic-value', 'smoker$true']], ['g']],
  ['a code and the value of another', 'Group', [['characteristic-value', 'sex$true']], []],
  ['three parts', 'MolecularSequence', [['chromosome-window-coordinate', '7$ge10$le20']], ['s']],
  [
    'three parts, one from elsewhere',
    'MolecularSequence',
    [['chromosome-variant-coordinate', '7$5$6']],
    ['s'],
  ],
  ['three parts of two variants', 'MolecularSequence', [['chromosome-variant-coordinate', '7$5$2']], []],
  ['a range', 'Questionnaire', [['context-type-quantity', 'http://u|age$le2']], ['q']],
  ['a range in another unit', 'Questionnaire', [['context-type-quantity', `age$lt13|${ucum}|mo`]], ['q']],
  ['a context', 'Questionnaire', [['context-type-value', 'focus$http://loinc.org|x']], ['q']],
  ['of a conformance resource', 'ValueSet', [['context-type-quantity', 'age$gt4']], ['vs']],
  [
    'beside others',
    'Observation',
    [
      ['code-value-quantity', '2345-7$gt1'],
      ['value-quantity', '120'],
    ],
    ['glucose'],
  ],
];

const units: readonly Case[] = [
  ['the unit as written', 'Observation', [['value-quantity', `120|${ucum}|mg/dL`]], ['glucose', 'glucose2']],
  [
    'a unit of the same dimension',
    'Observation',
    [['value-quantity', `1.20|${ucum}|g/L`]],
    ['glucose', 'glucose2'],
  ],
  ['without a unit the number as written', 'Observation', [['value-quantity', '1.2']], ['glucose2']],
  ['a unit in words', 'Observation', [['value-quantity', '1.2||gram per litre']], ['glucose2']],
  ['a code without its system is as written', 'Observation', [['value-quantity', '1.2||g/L']], ['glucose2']],
  ['temperatures', 'Observation', [['value-quantity', `38.5|${ucum}|Cel`]], ['fever', 'fever2']],
  [
    'temperatures the other way',
    'Observation',
    [['value-quantity', `gt101|${ucum}|[degF]`]],
    ['fever', 'fever2'],
  ],
  ['nothing above', 'Observation', [['value-quantity', `gt101.3|${ucum}|[degF]`]], []],
  [
    'the same but not more',
    'Observation',
    [
      ['value-quantity', `ge120|${ucum}|mg/dL`],
      ['value-quantity', `le120|${ucum}|mg/dL`],
    ],
    ['glucose', 'glucose2'],
  ],
  ['below, as far as is known', 'Observation', [['value-quantity', `lt1|${ucum}|g`]], ['low']],
  ['not surely below', 'Observation', [['value-quantity', `eb4|${ucum}|mg`]], []],
  ['about', 'Observation', [['value-quantity', `ap1.1|${ucum}|g/L`]], ['glucose', 'glucose2']],
  ['not about', 'Observation', [['value-quantity', `ap1.0|${ucum}|g/L`]], []],
  ['another one', 'Observation', [['value-quantity', `ne120|${ucum}|mg/dL`]], []],
  ['an international unit as written', 'Observation', [['value-quantity', `5|${ucum}|[iU]/L`]], ['iu']],
  ['an international unit is no other', 'Observation', [['value-quantity', `5000|${ucum}|[iU]/kL`]], []],
  ['a unit that is none', 'Observation', [['value-quantity', `5|${ucum}|constructor`]], []],
  ['in components', 'Observation', [['component-value-quantity', `ge18|${ucum}|kPa`]], ['bp']],
  ['in either', 'Observation', [['combo-value-quantity', `12|${ucum}|kPa`]], ['bp']],
];

const texts: readonly Case[] = [
  [':text of a display', 'Observation', [['code:text', 'gluc']], ['glucose']],
  [':text of the concept', 'Observation', [['code:text', 'PRESSURE']], ['bp']],
  [':text from the start', 'Observation', [['code:text', 'sitting']], []],
  [':text of another element', 'Observation', [['value-concept:text', 'yes\\, in']], ['two']],
  [':text of either of two', 'Observation', [['combo-code:text', 'blood,glucose']], ['bp', 'glucose']],
  [':text of the type of an identifier', 'Patient', [['identifier:text', 'medical']], ['ann']],
  [':of-type', 'Patient', [['identifier:of-type', 'http://v2|MR|A1']], ['ann']],
  [':of-type without its system', 'Patient', [['identifier:of-type', '|SS|A1']], ['bob']],
  [':of-type of any other system', 'Patient', [['identifier:of-type', 'http://v2|SS|A1']], []],
  [':of-type with a bar in it', 'Patient', [['identifier:of-type', 'http://v2|SS|B\\|2']], ['ann']],
];

const filters: readonly Case[] = [
  ['a whole string, whatever the case', 'Patient', [['_filter', 'family eq "CRUZ"']], ['bob']],
  ['another string beside', 'Patient', [['_filter', 'given ne ann']], ['bob']],
  ['the start', 'Patient', [['_filter', 'family sw cru']], ['bob']],
  ['the end', 'Patient', [['_filter', 'family ew cruz']], ['ann', 'bob']],
  ['anywhere', 'Patient', [['_filter', 'family co " la "']], ['ann']],
  ['not', 'Patient', [['_filter', 'not (gender eq male)']], ['ann']],
  ['there', 'Patient', [['_filter', 'gender pr true']], ['bob']],
  ['not there', 'Patient', [['_filter', 'gender pr false']], ['ann']],
  ['and', 'Patient', [['_filter', 'given eq ann and gender eq male']], ['bob']],
  ['or', 'Patient', [['_filter', 'birthdate lt 1990 or gender eq male']], ['ann', 'bob']],
  [
    'from left to right',
    'Patient',
    [['_filter', 'birthdate pr true or gender eq male and gender eq male']],
    ['bob'],
  ],
  [
    'parentheses',
    'Patient',
    [['_filter', 'birthdate pr true or (gender eq male and gender eq male)']],
    ['ann', 'bob'],
  ],
  ['a date', 'Patient', [['_filter', 'birthdate ge 1980-06-15 and birthdate lt 1980-07']], ['ann']],
  ['a period that overlaps', 'Patient', [['_filter', 'birthdate po 1980']], ['ann']],
  ['a token', 'Patient', [['_filter', 'identifier eq http://mrn|A1']], ['ann', 'bob']],
  ['another token', 'Patient', [['_filter', 'identifier ne http://mrn|A1']], ['ann']],
  [
    'a quantity',
    'Observation',
    [['_filter', `value-quantity gt 100|${ucum}|mg/dL`]],
    ['glucose', 'glucose2'],
  ],
  ['a reference', 'DocumentReference', [['_filter', 'relatesto re DocumentReference/d1']], ['d2']],
  ['another reference', 'DocumentReference', [['_filter', 'relatesto ne DocumentReference/d1']], ['d2']],
  ['a composite', 'Observation', [['_filter', 'code-value-quantity eq 2345-7$120']], ['glucose']],
  ['a URI', 'ValueSet', [['_filter', 'url ne http://x/vs']], []],
  ['an id', 'Patient', [['_filter', '_id eq ann or _id eq bob']], ['ann', 'bob']],
  ['another id', 'Patient', [['_filter', '_id ne ann']], ['bob']],
  ['when it was written', 'Patient', [['_filter', '_lastUpdated gt 2000-01-01']], ['ann', 'bob']],
  [
    'beside another criterion',
    'Patient',
    [
      ['_filter', 'family ew cruz'],
      ['gender', 'male'],
    ],
    ['bob'],
  ],
];

/** What is asked of values: all the tables over one chart. */
export const valueCases = { composites, units, texts, filters };

export function compositeContract(store: Subject): void {
  caseTable('composites', store, valueChart, composites);
  caseTable('units', store, valueChart, units);
  caseTable('texts beside codes, identifiers by type', store, valueChart, texts);
  caseTable('_filter', store, valueChart, filters);
  graphContract(store);

  test('the pages of what is about a date go on as time goes by', async () => {
    await put(store(), ...valueChart);
    const page = (day: number, cursor?: string): Promise<SearchPage> =>
      store().search({
        ...parsePairs(
          'Patient',
          [
            ['_lastUpdated', 'ap2025-03'],
            ['_count', '1'],
          ],
          { now: Date.UTC(2026, 0, day) },
        ),
        ...(cursor === undefined ? {} : { cursor }),
      });
    const first = await page(1);
    const second = await page(2, first.next);
    expect([...first.matches, ...second.matches].map(({ id }) => id)).toEqual(['ann', 'bob']);
  });
}
