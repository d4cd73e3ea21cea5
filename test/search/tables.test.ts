import { expect, test } from '@jest/globals';
import { parsePairs } from '../../src/search/parse.ts';
import type { Case, Known } from '../contract/caseTable.ts';
import { chainCases, chainChart } from '../contract/chainContract.ts';
import { codeCases, codeChart } from '../contract/codeContract.ts';
import { valueCases, valueChart } from '../contract/compositeContract.ts';
import { textCases, textChart } from '../contract/fullTextContract.ts';
import { evaluate } from './evaluate.ts';

const tables: [string, readonly Known[], readonly Case[]][] = [
  ['chains', chainChart, chainCases],
  ...Object.entries(valueCases).map(([name, cases]): [string, readonly Known[], readonly Case[]] => [
    name,
    valueChart,
    cases,
  ]),
  ['full text', textChart, textCases],
  ['codes', codeChart, codeCases],
];

test.each(tables)('the table of %s holds of what is parsed and extracted', (_, chart, cases) => {
  for (const [name, type, pairs, expected] of cases) {
    const { filters } = parsePairs(type, pairs);
    const found = chart
      .map(
        (one) =>
          JSON.parse(JSON.stringify({ ...one, meta: { lastUpdated: '2025-03-01T10:00:00Z' } })) as Known,
      )
      .filter(
        (one, __, all) =>
          one.resourceType === type && filters.every((criterion) => evaluate(criterion, one, all)),
      )
      .map(({ id }) => id);
    expect([name, found.sort()]).toEqual([name, [...expected].sort()]);
  }
});
