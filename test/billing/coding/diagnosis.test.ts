import { expect, test } from '@jest/globals';
import type { Condition } from '@medplum/fhirtypes';
import { buildCodeMap } from '../../../src/billing/coding/codeMap.ts';
import { coder } from '../../../src/billing/coding/coder.ts';
import { visitDiagnoses } from '../../../src/billing/coding/diagnosis.ts';
import { codeOfIssue } from '../../../src/outcome/issue.ts';
import { system } from '../../../src/terminology/system.ts';
import { chartOf } from '../../fixture/chart.ts';

const coding = coder(
  buildCodeMap([
    {
      resourceType: 'ConceptMap',
      status: 'active',
      group: [
        {
          source: system.snomed,
          target: system.icd10cm,
          element: [{ code: 'well-child', target: [{ code: 'Z00.129', equivalence: 'wider' }] }],
        },
      ],
    },
  ]),
);
const icd = (code: string) => ({ coding: [{ system: system.icd10cm, code }] });
const condition = (id: string, code: string, more: Partial<Condition> = {}): Condition => ({
  resourceType: 'Condition',
  id,
  subject: {},
  code: icd(code),
  ...more,
});
const status = (code: string) => ({
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code }],
});
const use = (code: string) => ({
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/diagnosis-role', code }],
});
const type = [{ coding: [{ system: system.snomed, code: 'well-child' }] }];
const [cold, knee, fall] = [condition('a', 'J06.9'), condition('b', 'M17.11'), condition('c', 'W01.0XXA')];

test.each([
  [
    'Encounter.diagnosis comes first, by rank',
    chartOf(
      {
        diagnosis: [
          { condition: { reference: 'Condition/a' }, rank: 2 },
          { condition: { reference: 'Condition/b' }, rank: 1 },
        ],
      },
      { conditions: [cold, knee] },
    ),
    ['M17.11', 'J06.9'],
    'Encounter.diagnosis',
  ],
  [
    'the Conditions of the encounter, in order',
    chartOf({ type }, { conditions: [cold, knee] }),
    ['J06.9', 'M17.11'],
    'Condition',
  ],
  [
    'an external cause is never first',
    chartOf({}, { conditions: [fall, knee] }),
    ['M17.11', 'W01.0XXA'],
    'Condition',
  ],
  ['none twice', chartOf({}, { conditions: [cold, condition('d', 'J069')] }), ['J06.9'], 'Condition'],
  [
    'a refuted Condition does not count',
    chartOf(
      { reasonCode: [icd('R05.9')] },
      { conditions: [condition('a', 'J06.9', { verificationStatus: status('refuted') })] },
    ),
    ['R05.9'],
    'Encounter.reasonCode',
  ],
  [
    'reasonCode where nothing is diagnosed',
    chartOf({ type, reasonCode: [icd('R05.9')] }),
    ['R05.9'],
    'Encounter.reasonCode',
  ],
  ['the reason of the type where nothing else is charted', chartOf({ type }), ['Z00.129'], 'Encounter.type'],
])('%s', (_name, chart, codes, source) => {
  const found = visitDiagnoses(chart, coding);
  expect(found.diagnoses.map((d) => d.code)).toEqual(codes);
  expect(found.issues.find((i) => codeOfIssue(i) === 'diagnosis-source')?.expression).toEqual([source]);
});

test('a chart that says nothing has no diagnosis', () => {
  expect(visitDiagnoses(chartOf({}), coding).diagnoses).toEqual([]);
});

test('a Condition without ICD-10-CM is a warning, and the next source is asked', () => {
  const odd = condition('x', '', { code: { coding: [{ system: system.snomed, code: '112141AAAA' }] } });
  const found = visitDiagnoses(chartOf({ type }, { conditions: [odd] }), coding);
  expect(found.diagnoses.map((d) => d.code)).toEqual(['Z00.129']);
  expect(found.issues.map((i) => [codeOfIssue(i), i.expression?.[0]])).toContainEqual([
    'diagnosis-unmapped',
    'Condition/x',
  ]);
});

test('the admission diagnosis is the admitting one and no other of the list', () => {
  const chart = chartOf(
    {
      diagnosis: [
        { condition: { reference: 'Condition/a' }, use: use('AD') },
        { condition: { reference: 'Condition/b' }, use: use('DD'), rank: 1 },
      ],
    },
    { conditions: [cold, knee] },
  );
  const found = visitDiagnoses(chart, coding);
  expect([found.admitting, found.diagnoses.map((d) => d.code)]).toEqual(['J06.9', ['M17.11']]);
});
