import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const root = new URL('../../src/', import.meta.url).pathname;

test('an entry gets its posting date in one place: operations append to the journal by closing/post.ts', () => {
  const files = globSync('operation/**/*.ts', { cwd: root });
  const appending = files.filter((file) => /\btx\.append\(/.test(readFileSync(join(root, file), 'utf8')));
  expect(appending).toEqual(['operation/closing/post.ts']);
});
