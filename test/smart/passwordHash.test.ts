import { createHook } from 'node:async_hooks';
import { expect, test } from '@jest/globals';
import { hashedPassword, isPassword } from '../../src/http/smart/passwordHash.ts';

test('D.4 passwords are Argon2id, at most two of them at a time', async () => {
  const running = new Set<number>();
  let [most, all] = [0, 0];
  const hook = createHook({
    init: (id, type) => {
      if (type !== 'ARGON2REQUEST') return;
      running.add(id);
      all += 1;
      most = Math.max(most, running.size);
    },
    before: (id) => void running.delete(id), // its answer is there
  }).enable();
  const kept = await Promise.all(Array.from({ length: 5 }, (_, i) => hashedPassword(`password ${i}`)));
  const right = await Promise.all(kept.map((one, i) => isPassword(one, `password ${i % 3}`)));
  hook.disable();
  expect([most, all]).toEqual([2, 10]);
  expect(right).toEqual([true, true, true, false, false]);
  for (const one of kept) expect(one).toMatch(/^argon2id\$65536\$3\$4\$[\w-]{22}\$[\w-]{43}$/);
});
