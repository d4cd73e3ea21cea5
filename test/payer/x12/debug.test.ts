import { test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readClock } from '../../../src/command/seed/clock.ts';
import { openStore } from '../../../src/store/openStore.ts';
import { directoryMailbox, openRoad } from './road.ts';
test('x', async () => {
  const now = (): string => new Date().toISOString();
  const road = await openRoad(() => openStore('sqlite::memory:', { now }), await directoryMailbox());
  for (const visit of readClock().filter((v) => [7, 9].includes(v.story ?? 0))) {
    await road.runStory(visit);
  }
  const dir = join(road.mailbox.folder, 'payer-archive');
  for (const f of readdirSync(dir)) console.log(f, readFileSync(join(dir, f), 'latin1').replaceAll('~', '~\n'));
  for (const [name, text] of road.written()) console.log(name, text.replaceAll('~', '~\n'));
  for (const t of await road.search('Task')) console.log(JSON.stringify(t));
});
