import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Communication, DocumentReference, Invoice, Organization, Task } from '@medplum/fhirtypes';
import { storeFaults } from '../../../src/command/verify/readBooks.ts';
import type { Entry } from '../../../src/datatypes/entry.ts';
import { find } from '../../../src/interaction/repository.ts';
import { startNights } from '../../../src/operation/nightly/nightJob.ts';
import { nightlyWorks } from '../../../src/operation/nightly/works.ts';
import { openStore } from '../../../src/store/openStore.ts';
import { coded, drug, own, patient, visit } from '../../firm/visit.ts';
import { killedNight, questionsIn } from '../../fixture/killedNight.ts';
import { endAbandoned } from '../../mongodb/abandoned.ts';
import { emptyDatabase } from '../../mongodb/database.ts';
import { runsOf } from '../../runs.ts';
import { clearinghouse, openPartnerOffice, practice, routeTo } from '../../transport/partnerOffice.ts';

/** Claims without an answer, Invoices for a statement, and Invoices that are too small to be asked for. */
const claims = runsOf({ usual: 25, long: 300 });
const bills = runsOf({ usual: 25, long: 300 });
const killedWithin = runsOf({ usual: 150, long: 400 }); // milliseconds of its work: far fewer than the night takes
/** On MongoDB what a killed server held is free after half a minute. */
const kills = { sqlite: runsOf({ usual: 3, long: 20 }), mongodb: runsOf({ usual: 1, long: 20 }) };
const script = new URL('../../fixture/nightlyProcess.ts', import.meta.url).pathname;
const base = 'http://127.0.0.1:8080/fhir';
const now = (): string => killedNight;
/** When the claims went. */
const before = (): string => '2026-11-24T15:00:00Z';
const transaction = (code: string) => coded('https://claimwright.example/fhir/CodeSystem/transaction', code);

/** Runs the process; with `killAfter` it is killed so many milliseconds after it is at work. What it said last. */
function nightOf(
  { url, root }: { readonly url: string; readonly root: string },
  minutes: number,
  killAfter?: number,
): Promise<string> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', script, url, root, String(minutes)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  return new Promise((resolve) => {
    let said = '';
    child.stdout.on('data', (data: Buffer) => {
      said += data.toString();
      if (said === 'working\n' && killAfter !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfter);
    });
    // not `exit`: what it said last may be read after that
    child.once('close', () => {
      resolve(said.trimEnd().split('\n').at(-1) ?? '');
    });
  });
}

/** A practice whose claims nobody answered, and whose patients owe. Answers with the numbers of the claims. */
async function filled(url: string, root: string): Promise<string[]> {
  const office = await openPartnerOffice(() => openStore(url, { now: before, base }), {
    ...{ folder: root, over: { now: before } },
  });
  const put = async (...resources: Parameters<typeof office.put>[0][]): Promise<void> => {
    for (const resource of resources) {
      const { status, text } = await office.put(resource);
      if (status >= 300) throw new Error(text);
    }
  };
  await put(clearinghouse({ batchClaims: 25 }), routeTo({ code: [transaction('837P'), transaction('276')] }));
  await office.change<Organization>(practice, (clinic) => {
    clinic.extension = [
      ...(clinic.extension ?? []),
      {
        url: own('statement-settings'),
        extension: [
          { url: 'active', valueBoolean: true },
          { url: 'minimum', valueMoney: { value: 100, currency: 'USD' } },
        ],
      },
      {
        url: own('collection'),
        extension: [
          { url: 'smallBalance', valueMoney: { value: 50, currency: 'USD' } },
          { url: 'smallBalanceDays', valueInteger: 0 },
        ],
      },
    ];
  });
  const numbers: string[] = [];
  for (let i = 0; i < claims; i += 1) numbers.push(await office.number(await office.sendVisit(`v${i}`)));
  const day = '2026-11-02';
  for (let i = 0; i < bills; i += 1)
    for (const name of [`large${i}`, `small${i}`]) {
      const of = { patient: name, encounter: name, at: `${day}T09:10:00-05:00` };
      const type = name.startsWith('small') ? { type: [{ text: 'talk' }] } : {};
      await put(patient(name), visit(name, name, day, type), drug(`${name}-drug`, of));
      const { status, text } = await office.run(`Encounter/${name}/$generate-invoice`, [
        { name: 'businessDate', valueDate: day },
      ]);
      if (status !== 200) throw new Error(text);
    }
  const { store } = office.context;
  await startNights({ store, now: before, timeZone: office.context.timeZone }, nightlyWorks);
  await office.close();
  return numbers;
}

async function entriesIn(store: Awaited<ReturnType<typeof openStore>>): Promise<Entry[]> {
  const all: Entry[] = [];
  for (let after: number | undefined; ;) {
    const page = await store.entries({ count: 500, ...(after === undefined ? {} : { after }) });
    all.push(...page.entries);
    after = page.next;
    if (after === undefined) return all;
  }
}

/** How often each one is there: 'name 1' where it is once. */
const counted = (names: readonly string[]): number[] => {
  const counts = [...Map.groupBy(names, (name) => name).values()].map((same) => same.length);
  return [counts.length, Math.max(0, ...counts)];
};

test.each(['sqlite', 'mongodb'] as const)(
  `Done 6: killed in the middle of the night, each statement, inquiry and posting is there once, on %s`,
  async (kind) => {
    const root = mkdtempSync(join(tmpdir(), 'claimwright-night-'));
    const url = kind === 'sqlite' ? `sqlite:${join(root, 'night.db')}` : await emptyDatabase('office_night');
    const numbers = await filled(url, root);
    const stopEnding = await endAbandoned(url);
    const said: string[] = [];
    for (let kill = 0; kill < kills[kind]; kill += 1)
      said.push(await nightOf({ url, root }, kill * 2, Math.random() * killedWithin));
    expect(said).toEqual(said.map(() => 'working')); // each was killed at its work
    expect(await nightOf({ url, root }, kills[kind] * 2)).toBe('done');
    await stopEnding();

    const store = await openStore(url, { now, base });
    expect(questionsIn(root).sort()).toEqual([...numbers].sort());
    const asked = await find<Task>(store, 'Task', { code: 'no-answer' });
    expect(counted(asked.map(({ focus }) => focus?.reference ?? ''))).toEqual([claims, 1]);
    const statements = await find<DocumentReference>(store, 'DocumentReference', {});
    const large = statements.map(({ subject }) => subject?.reference ?? '');
    expect(counted(large)).toEqual([bills, 1]);
    expect(large.every((name) => name.startsWith('Patient/large'))).toBe(true);
    expect(new Set(statements.map(({ docStatus }) => docStatus))).toEqual(new Set(['final']));
    const letters = await find<Communication>(store, 'Communication', {});
    expect(counted(letters.map(({ subject }) => subject?.reference ?? ''))).toEqual([bills, 1]);
    const given = (await entriesIn(store)).filter((entry) =>
      entry.postings.some((posting) => posting.account === 'small-balance-adjustment'),
    );
    expect(counted(given.map(({ account }) => account))).toEqual([bills, 1]);
    const invoices = await find<Invoice>(store, 'Invoice', { status: 'balanced' });
    expect(invoices).toHaveLength(bills);
    expect((await storeFaults(store, Date.parse(killedNight) + 86_400_000)).faults).toEqual([]);
    await store.close();
    rmSync(root, { recursive: true });
  },
  1_800_000,
);
