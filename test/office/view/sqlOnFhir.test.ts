import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Rows } from '../../../src/operation/view/rows.ts';
import { columnsOf, readView } from '../../../src/operation/view/viewDefinition.ts';

/** The test cases of SQL on FHIR v2 (test/fixture/sqlOnFhir/LICENSE.md), as they are. */
interface Case {
  readonly title: string;
  readonly view: unknown;
  readonly expect?: readonly object[];
  readonly expectColumns?: readonly string[];
  readonly expectCount?: number;
  readonly expectError?: boolean;
}
interface File {
  readonly title: string;
  readonly resources: readonly unknown[];
  readonly tests: readonly Case[];
}

const folder = new URL('../../fixture/sqlOnFhir/', import.meta.url);
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as File);

/** Rows in no particular order, with their columns in none. */
const plain = (rows: readonly object[]): string[] =>
  rows.map((row) => JSON.stringify(Object.fromEntries(Object.entries(row).sort()))).sort();

describe.each(files)('SQL on FHIR: $title', ({ resources, tests }) => {
  test.each(tests)('10 $title', (one) => {
    const read = readView(one.view);
    if (one.expectError === true) {
      const run = (): unknown => {
        if ('faults' in read) throw new Error('refused');
        const rows = new Rows(read.view);
        return resources.map((resource) => rows.of(resource));
      };
      expect(run).toThrow();
      return;
    }
    if ('faults' in read) throw new Error(JSON.stringify(read.faults));
    const made = new Rows(read.view);
    const rows = resources.flatMap((resource) => made.of(resource));
    if (one.expect) expect(plain(rows)).toEqual(plain(one.expect));
    if (one.expectCount !== undefined) expect(rows).toHaveLength(one.expectCount);
    if (one.expectColumns) expect(columnsOf(read.view.selects)).toEqual(one.expectColumns);
  });
});
