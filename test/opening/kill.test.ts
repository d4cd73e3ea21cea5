import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Basic, Claim, Invoice } from '@medplum/fhirtypes';
import { storeFaults } from '../../src/command/verify/readBooks.ts';
import { find, updateResource } from '../../src/interaction/repository.ts';
import { openStore } from '../../src/store/openStore.ts';
import { extension } from '../../src/terminology/system.ts';
import { testContext } from '../context.ts';
import { coverage, patient } from '../firm/visit.ts';
import { endAbandoned } from '../mongodb/abandoned.ts';
import { emptyDatabase } from '../mongodb/database.ts';
import { parties } from '../payer/stories.ts';
import { runsOf } from '../runs.ts';

const calls = runsOf({ usual: 6, long: 60 });
const kills = { sqlite: runsOf({ usual: 1, long: 20 }), mongodb: runsOf({ usual: 1, long: 20 }) };
const script = new URL('../fixture/openingProcess.ts', import.meta.url).pathname;
const base = 'http://127.0.0.1:8080/fhir';
const now = (): string => new Date().toISOString();

/** Runs the process; with `killAfter` it is killed so many milliseconds after it has begun. Whether it came to its end. */
function loading(url: string, minutes: number, killAfter?: number): Promise<boolean> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', script, url, String(minutes), String(calls)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  return new Promise((resolve) => {
    let said = '';
    child.stdout.on('data', (data: Buffer) => {
      if (said === '' && killAfter !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfter);
      said += data.toString();
    });
    child.once('exit', () => {
      resolve(said.includes('done'));
    });
  });
}

test.each(['sqlite', 'mongodb'] as const)(
  `a loader that is killed between and within ${calls} calls sends all of them again: each part is there once, on %s`,
  async (kind) => {
    const folder = mkdtempSync(join(tmpdir(), 'claimwright-opening-'));
    const url = kind === 'sqlite' ? `sqlite:${join(folder, 'kill.db')}` : await emptyDatabase('opening-kill');
    const opened = await openStore(url, { now, base });
    const context = await testContext({ store: opened, payer: 'none' });
    await opened.transaction(async (tx) => {
      for (const r of [...parties, patient('ada'), coverage('ada', 'ada')])
        await updateResource(context, tx, { ...structuredClone(r), id: r.id ?? context.newId() });
    });
    await opened.close();
    const stopEnding = await endAbandoned(url);
    let minutes = 0;
    for (let kill = 0; kill < kills[kind]; kill += 1) {
      await loading(url, minutes, Math.random() * (kind === 'sqlite' ? 60 : 200) * calls);
      minutes += 2;
    }
    expect(await loading(url, minutes)).toBe(true);
    await stopEnding();
    const store = await openStore(url, { now, base });
    const [record, ...others] = (await find<Basic>(store, 'Basic', {})).filter((b) =>
      b.extension?.some((e) => e.url === extension.opening),
    );
    expect(others).toEqual([]);
    const closed = record?.extension?.[0]?.extension?.find((e) => e.url === 'closed')?.valueInstant;
    expect(closed).toBeDefined();
    expect(await find<Claim>(store, 'Claim', {})).toHaveLength(4 * calls);
    expect(await find<Invoice>(store, 'Invoice', {})).toHaveLength(calls);
    const entries = (await store.entries({ count: 1000 })).entries.filter(
      (e) => e.reason === 'opening-balance',
    );
    expect(entries).toHaveLength(6 * calls);
    expect((await storeFaults(store, Date.now() + 3_600_000)).faults).toEqual([]);
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  },
  600_000,
);
