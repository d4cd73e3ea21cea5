import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { ExplanationOfBenefit, PaymentReconciliation } from '@medplum/fhirtypes';
import { storeFaults } from '../../src/command/verify/readBooks.ts';
import type { Entry } from '../../src/datatypes/entry.ts';
import { find, updateResource } from '../../src/interaction/repository.ts';
import { openStore } from '../../src/store/openStore.ts';
import type { Store } from '../../src/store/store.ts';
import { testContext } from '../context.ts';
import { paidClp, sentClaims, sentNumber } from '../fixture/sentClaims.ts';
import { endAbandoned } from '../mongodb/abandoned.ts';
import { emptyDatabase } from '../mongodb/database.ts';
import { parties } from '../payer/stories.ts';
import { runsOf } from '../runs.ts';
import { interchangeText } from './remittance.ts';

const count = runsOf({ usual: 48, long: 5000 });
/** MongoDB keeps what a killed process had open until endAbandoned ends it, and whoever comes next waits for it. */
const kills = { sqlite: runsOf({ usual: 2, long: 20 }), mongodb: runsOf({ usual: 1, long: 20 }) };
const script = new URL('../fixture/postingProcess.ts', import.meta.url).pathname;
const base = 'http://127.0.0.1:8080/fhir';
const now = (): string => new Date().toISOString();

/** What is posted: the remittance that the store holds, or a file that comes in. */
interface Posting {
  readonly url: string;
  readonly file?: string;
}

/** Runs the process; with `killAfter` it is killed so many milliseconds after it has begun. Whether it came to its end. */
function posting(of: Posting, minutes: number, killAfter?: number): Promise<boolean> {
  const file = of.file === undefined ? [] : [of.file];
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', script, of.url, String(minutes), ...file],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
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

const text = (): string =>
  interchangeText({ trace: 'KILL', clps: Array.from({ length: count }, (_, i) => paidClp(sentNumber(i))) });

/** A store with the claims that are paid; with `isKept` the remittance too. */
async function filled(store: Store, isKept: boolean): Promise<void> {
  const context = await testContext({ store, payer: 'none' });
  await store.transaction(async (tx) => {
    for (const r of parties)
      await updateResource(context, tx, { ...structuredClone(r), id: r.id ?? context.newId() });
    if (!isKept) return;
    const data = Buffer.from(text()).toString('base64');
    await updateResource(context, tx, {
      resourceType: 'Binary',
      id: 'remittance',
      contentType: 'application/EDI-X12',
      data,
    });
  });
  await sentClaims(context, 0, { count });
}

async function entriesOf(store: Store): Promise<Entry[]> {
  const all: Entry[] = [];
  for (let after: number | undefined; ;) {
    const page = await store.entries({ count: 500, ...(after === undefined ? {} : { after }) });
    all.push(...page.entries);
    after = page.next;
    if (after === undefined) return all;
  }
}

async function expectPostedOnce(url: string): Promise<void> {
  const store = await openStore(url, { now, base });
  const entries = await entriesOf(store);
  const paid = entries.filter((e) => e.reason === 'insurer-payment').map((e) => e.account);
  expect([paid.length, new Set(paid).size]).toEqual([count, count]);
  expect(await find<ExplanationOfBenefit>(store, 'ExplanationOfBenefit', {})).toHaveLength(count);
  const [payment, ...others] = await find<PaymentReconciliation>(store, 'PaymentReconciliation', {});
  expect([payment?.outcome, others]).toEqual(['complete', []]);
  expect((await storeFaults(store, Date.now() + 3_600_000)).faults).toEqual([]);
  await store.close();
}

test.each([
  ['an 835', 'sqlite'],
  ['an 835', 'mongodb'],
  ['$process-x12 with an 835', 'sqlite'],
] as const)(
  `5 killed during %s of ${count} claims, nothing is posted twice and nothing is lost, on %s`,
  async (what, kind) => {
    const folder = mkdtempSync(join(tmpdir(), 'claimwright-kill-'));
    const url = kind === 'sqlite' ? `sqlite:${join(folder, 'kill.db')}` : await emptyDatabase('kill');
    const isKept = what === 'an 835';
    const of = isKept ? { url } : { url, file: join(folder, 'remittance.835') };
    if (of.file !== undefined) writeFileSync(of.file, text());
    const opened = await openStore(url, { now, base });
    await filled(opened, isKept);
    await opened.close();
    const stopEnding = await endAbandoned(url);
    let minutes = 0;
    for (let kill = 0; kill < kills[kind]; kill += 1) {
      await posting(of, minutes, Math.random() * (kind === 'sqlite' ? 600 : 1500) * (count / 80));
      minutes += 2;
    }
    expect(await posting(of, minutes)).toBe(true);
    await stopEnding();
    await expectPostedOnce(url);
    rmSync(folder, { recursive: true, force: true });
  },
  1_200_000,
);
