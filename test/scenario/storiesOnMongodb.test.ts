import { expect, test } from '@jest/globals';
import { seed } from '../../src/command/seed.ts';
import { table } from '../../src/command/table.ts';
import { openStore } from '../../src/store/openStore.ts';
import { testContext } from '../context.ts';
import { emptyDatabase } from '../mongodb/database.ts';
import { soundContext } from './practice.ts';

/** The table without the ids of Invoices, which are made anew each time. */
const bare = (text: string): string => text.replaceAll(/Invoice\/[0-9a-f-]{36}/g, 'Invoice/…');

test('the ten stories come out the same on MongoDB as on SQLite, to the cent', async () => {
  const sqlite = await soundContext();
  await seed(sqlite);
  const now = (): string => new Date().toISOString();
  const mongodb = await testContext({
    store: await openStore(await emptyDatabase('stories'), { now }),
    validate: sqlite.validate,
  });
  expect(await seed(mongodb)).toBe('loaded');
  expect(bare(await table(mongodb))).toBe(bare(await table(sqlite)));
  expect(await seed(mongodb)).toBe('already there');
  await Promise.all([sqlite.store.close(), mongodb.store.close()]);
});
