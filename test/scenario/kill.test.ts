import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  ClaimResponse,
  Encounter,
  ExplanationOfBenefit,
  Patient,
  PaymentReconciliation,
  Resource,
} from '@medplum/fhirtypes';
import { sum } from '../../src/datatypes/cents.ts';
import type { Entry } from '../../src/datatypes/entry.ts';
import { find } from '../../src/interaction/repository.ts';
import { openStore } from '../../src/store/openStore.ts';
import type { Store } from '../../src/store/store.ts';
import { runsOf } from '../runs.ts';

const kills = runsOf({ usual: 3, long: 20 });
const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'kill-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Run {
  readonly code: number | null; // null: killed
  readonly printed: string;
  readonly ms: number;
}

/** `npm run load -- --bill` of the fixture into a file, in a process of its own, killed after some milliseconds. */
function runLoad(file: string, killAfter?: number): Promise<Run> {
  const started = performance.now();
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('CLAIMWRIGHT_'));
  const child = spawn(process.execPath, ['src/command/load.ts', '--bill', 'test/fixture/synthea'], {
    cwd: root,
    env: { ...Object.fromEntries(kept), CLAIMWRIGHT_STORE: `sqlite:${file}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  const keep = (chunk: Buffer): void => {
    printed += chunk.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const timer =
    killAfter === undefined
      ? undefined
      : setTimeout(() => {
          child.kill('SIGKILL');
        }, killAfter);
  return new Promise((resolve) => {
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, printed, ms: performance.now() - started });
    });
  });
}

/** A generator of numbers from 0 to 1 that repeats: the kills are the same in every run. */
function seeded(state: number): () => number {
  let s = state;
  return () => {
    s = (s * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return s / 4_294_967_296;
  };
}

async function withStore<T>(file: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(`sqlite:${file}`, { now: () => new Date().toISOString() });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

async function journalOf(store: Store): Promise<Entry[]> {
  const all: Entry[] = [];
  for (let after: number | undefined; ;) {
    const page = await store.entries({ count: 1000, ...(after === undefined ? {} : { after }) });
    all.push(...page.entries);
    if (page.next === undefined) return all;
    after = page.next;
  }
}

/** How many resources of each type there are, and what stands on each account of the ledger. */
async function totalsOf(store: Store): Promise<Record<string, number>> {
  const types = [
    ...['Patient', 'Encounter', 'Coverage', 'Account', 'ChargeItem', 'Claim', 'ClaimResponse', 'Task'],
    ...['ExplanationOfBenefit', 'PaymentReconciliation', 'Invoice', 'PaymentNotice', 'Basic', 'AuditEvent'],
  ] as Resource['resourceType'][];
  const totals: Record<string, number> = {};
  for (const type of types) totals[type] = (await find(store, type, {})).length;
  for (const { postings } of await journalOf(store)) {
    for (const { account, amount } of postings) totals[account] = (totals[account] ?? 0) + amount;
  }
  return totals;
}

const encountersOfPatients = new Set([0, 31, 34, 36]);

/** A transaction is there whole or not at all: a patient with all visits, an answer with all that follows from it. */
async function expectWhole(store: Store): Promise<void> {
  const charted = (await find<Patient>(store, 'Patient', {})).filter(({ identifier }) =>
    identifier?.some(({ system }) => system === 'https://github.com/synthetichealth/synthea'),
  );
  for (const { id } of charted) {
    const encounters = await find<Encounter>(store, 'Encounter', { patient: `Patient/${id ?? ''}` });
    expect(encountersOfPatients).toContain(encounters.length);
  }
  const answers = await find<ClaimResponse>(store, 'ClaimResponse', {});
  const complete = answers
    .filter(({ outcome }) => outcome === 'complete')
    .map(({ id }) => `ClaimResponse/${id ?? ''}`);
  const explained = await find<ExplanationOfBenefit>(store, 'ExplanationOfBenefit', {});
  const paid = await find<PaymentReconciliation>(store, 'PaymentReconciliation', {});
  expect(explained.map(({ claimResponse }) => claimResponse?.reference).sort()).toEqual([...complete].sort());
  expect(paid.map(({ detail }) => detail?.[0]?.response?.reference).sort()).toEqual([...complete].sort());
  const journal = await journalOf(store);
  expect(journal.filter(({ postings }) => sum(postings.map(({ amount }) => amount)) !== 0)).toEqual([]);
  const answered = new Set(
    journal.filter(({ reason }) => reason === 'insurer-payment').map(({ cause }) => cause),
  );
  const paying = paid.filter(({ paymentAmount }) => (paymentAmount.value ?? 0) > 0);
  expect(answered.size).toBe(paying.length);
}

describe('a load that is killed', () => {
  let undisturbed: Record<string, number>;
  let whole: Run;
  beforeAll(async () => {
    const file = join(folder, 'undisturbed.db');
    whole = await runLoad(file);
    undisturbed = await withStore(file, totalsOf);
  }, 300_000);

  test('undisturbed it finishes, with everything billed', () => {
    expect({ code: whole.code, printed: whole.code === 0 ? '' : whole.printed }).toEqual({
      code: 0,
      printed: '',
    });
    expect(undisturbed).toMatchObject({ Encounter: 111, PaymentNotice: 3 });
  });

  const random = seeded(20_261_124);
  const moments = Array.from({ length: kills }, (_, i) => [i + 1, 0.1 + 0.88 * random()] as const);
  test.each(moments)(
    'kill %d, at %d of the way: nothing is half there, and the next run ends at the same totals',
    async (number, moment) => {
      const file = join(folder, `killed-${number}.db`);
      const killed = await runLoad(file, moment * whole.ms);
      await withStore(file, expectWhole);
      const next = await runLoad(file);
      expect({ code: next.code, printed: next.code === 0 ? '' : next.printed }).toEqual({
        code: 0,
        printed: '',
      });
      expect(await withStore(file, totalsOf)).toEqual(undisturbed);
      expect([null, 0]).toContain(killed.code);
    },
    300_000,
  );
});
