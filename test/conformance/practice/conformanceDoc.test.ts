import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { testerSheet } from '../../../src/command/seed/testerSheet.ts';

const text = readFileSync('docs/conformance.md', 'utf8');
const rows = [...text.matchAll(/^\| ([\d., ]+) \| .* \| (.*) \|$/gm)].map(([, numbers = '', where = '']) => ({
  numbers: numbers.split(', '),
  where,
}));

test("docs/conformance.md holds the tester's sheet that a start prints", () => {
  expect(text).toContain(`\n${testerSheet('http://127.0.0.1:8080/fhir')}\n`);
});

test('every number beside a file is the name of a test in it; what has no test is open, with the reason', () => {
  expect(rows.length).toBeGreaterThan(30);
  const missing = rows.flatMap(({ numbers, where }) => {
    if (where.startsWith('open: ')) return [];
    const [file = '', , named] = /^(\S+)( \(named (\S+)\))?$/.exec(where)?.slice(1) ?? [];
    if (!existsSync(file)) return [`no file ${where}`];
    const source = readFileSync(file, 'utf8');
    return (named === undefined ? numbers : [named])
      .filter(
        (number) =>
          !new RegExp(`(?<![\\d.])${number.replaceAll('.', '\\.')}(?![\\d])(?!\\.\\d)`).test(source),
      )
      .map((number) => `${file} ${number}`);
  });
  expect(missing).toEqual([]);
});
