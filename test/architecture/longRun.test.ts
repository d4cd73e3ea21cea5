import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const root = new URL('../', import.meta.url).pathname;
const sources = new Map(
  globSync('**/*.ts', { cwd: root })
    .filter((file) => !file.startsWith('architecture/'))
    .sort()
    .map((file) => [file, readFileSync(join(root, file), 'utf8')]),
);

/** What `npm run test:long` runs, as the starts of paths. */
const longRun = (): string[] => {
  const { scripts } = JSON.parse(readFileSync(join(root, '../package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  return scripts['test:long']?.match(/(?<= test\/)\S+/g) ?? [];
};

test('a test that does more in the long run is in it', () => {
  const growing = [...sources].flatMap(([file, text]) =>
    file.endsWith('.test.ts') && text.includes("/runs.ts'") ? [file] : [],
  );
  const long = longRun();
  expect(growing.length).toBeGreaterThan(10);
  expect(growing.filter((file) => !long.some((path) => file.startsWith(path)))).toEqual([]);
});

test('whether a run is long is asked in one place', () => {
  const asking = [...sources].filter(([, text]) => /env[.[].*CLAIMWRIGHT_TEST_LONG/.test(text));
  expect(asking.map(([file]) => file)).toEqual(['runs.ts']);
});
