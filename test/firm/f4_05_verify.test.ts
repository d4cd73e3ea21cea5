import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Claim, ClaimResponse, Invoice, Resource } from '@medplum/fhirtypes';
import { MongoClient } from 'mongodb';
import { openStore } from '../../src/store/openStore.ts';
import type { Store } from '../../src/store/store.ts';
import { resourceOf } from '../../src/store/version.ts';
import { find } from '../../src/interaction/repository.ts';
import { emptyDatabase } from '../mongodb/database.ts';
import { startServer } from '../server.ts';
import { damagePage } from './damagePage.ts';
import { runCommand, type Ran } from './runCommand.ts';

const now = (): string => new Date().toISOString();

/** Writes straight into a store, past every rule of the server, as an earlier version let it happen. */
async function bend<T>(url: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(url, { now });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
const put = (store: Store, resource: Resource): Promise<unknown> =>
  store.transaction((tx) => tx.put(resource as Resource & { id: string }));

const verify = (url: string): Promise<Ran> => runCommand('verify', [], url);

describe.each(['SQLite', 'MongoDB'] as const)('verify on %s', (kind) => {
  let folder = '';
  let url = '';
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'claimwright-'));
    url = kind === 'SQLite' ? `sqlite:${join(folder, 'claimwright.db')}` : await emptyDatabase('verify');
    expect((await runCommand('seed', [], url)).code).toBe(0);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('4.5 verify finds no fault in the demo practice, on the index and the money', async () => {
    const { code, said } = await verify(url);
    expect([code, said]).toEqual([
      0,
      expect.stringMatching(/^Verified \d+ resources and \d+ journal entries: no fault\n$/),
    ]);
  });

  test('4.5 verify names an Invoice whose total was changed by hand (e), and repairs nothing', async () => {
    const before = await bend(url, async (store) => {
      const [invoice] = await find<Invoice>(store, 'Invoice', { status: 'issued' });
      if (!invoice) throw new Error('the demo has an Invoice');
      const one = { value: 1, currency: 'USD' as const };
      await put(store, { ...invoice, totalNet: one, totalGross: one });
      return invoice;
    });
    const name = `Invoice/${before.id ?? ''}`;
    for (let i = 0; i < 2; i++) {
      const { code, said } = await verify(url);
      expect(code).toBe(1);
      expect(said).toMatch(
        new RegExp(`\\(e\\) ${name}: what is open in the ledger is [\\d.]+ and should be 1\\.00`),
      );
    }
    await bend(url, async (store) => {
      const now = await store.read('Invoice', before.id ?? '');
      expect(now && (resourceOf(now) as Invoice).totalNet?.value).toBe(1);
      await put(store, before);
    });
    expect((await verify(url)).code).toBe(0);
  });

  test('4.5 verify names a Claim that asks for something else than was posted (d), and a charge that is gone', async () => {
    const { claim, charge } = await bend(url, async (store) => {
      const [sent] = await find<Claim>(store, 'Claim', { status: 'active' });
      const journal = await store.entries({ count: 1000 });
      const posted =
        journal.entries.flatMap((e) => e.postings).find((p) => p.charge !== undefined)?.charge ?? '';
      if (!sent) throw new Error('the demo has a Claim');
      await put(store, { ...sent, total: { value: 3, currency: 'USD' } });
      await store.transaction((tx) => tx.delete('ChargeItem', posted.slice('ChargeItem/'.length)));
      return { claim: sent, charge: posted };
    });
    const { code, said } = await verify(url);
    expect(code).toBe(1);
    expect(said).toMatch(
      new RegExp(`\\(d\\) Claim/${claim.id ?? ''} asks for 3\\.00 and [\\d.,]+ was placed on it`),
    );
    expect(said).toContain(`the journal has entries of ${charge}, which is not there`);
    await bend(url, (store) => put(store, claim));
  });

  test('1.10 verify names an answer that its claim was not posted by (d), and a share that no payer left (h)', async () => {
    const answer = await bend(url, async (store) => {
      const all = await find<ClaimResponse>(store, 'ClaimResponse', { outcome: 'complete' });
      const [response] = all.filter((r) => JSON.stringify(r).includes('"PR"'));
      if (!response) throw new Error('the demo has an answer');
      await put(store, { ...response, outcome: 'queued' });
      return response;
    });
    const { code, said } = await verify(url);
    const claim = answer.request?.reference ?? '';
    expect(code).toBe(1);
    expect(said).toMatch(
      new RegExp(`\\(d\\) ${claim}: what stands with the payer, undecided, is 0\\.00 and should be`),
    );
    expect(said).toMatch(
      new RegExp(`\\(h\\) ${claim}: the share that reached the patient is [\\d.,]+ and should be 0\\.00`),
    );
    await bend(url, (store) => put(store, answer));
    expect((await verify(url)).said).not.toMatch(/\((d|h)\)/);
  });

  test('4.5 neighbour: an entry of the journal that does not balance is named (a)', async () => {
    await bend(url, async (store) => {
      const { entries } = await store.entries({ count: 1 });
      const [first] = entries;
      if (!first) throw new Error('the demo has a journal');
      await store.transaction((tx) =>
        tx.append({
          ...first,
          id: 'bent',
          cause: 'Basic/bent/_history/1',
          postings: first.postings.slice(0, 1),
        }),
      );
    });
    const { code, said } = await verify(url);
    expect([code, said]).toEqual([
      1,
      expect.stringMatching(/\(a\) Account\/\S+: the entry for Basic\/bent\/_history\/1 does not balance/),
    ]);
  });

  test('4.5 verify names a resource whose index entries are not what it says', async () => {
    await takeIndexEntry(kind, url);
    const { said } = await verify(url);
    expect(said).toMatch(
      kind === 'SQLite'
        ? /the index of string differs from what 1 resources say: \w+\//
        : /the index of \w+\/\S+ differs/,
    );
  });
});

/** Takes an entry out of the index of one resource. */
async function takeIndexEntry(kind: 'SQLite' | 'MongoDB', url: string): Promise<void> {
  if (kind === 'SQLite') {
    const database = new DatabaseSync(url.slice('sqlite:'.length));
    database.exec('DELETE FROM string WHERE rid = (SELECT min(rid) FROM string)');
    database.close();
    return;
  }
  const client = await MongoClient.connect(url);
  await client
    .db()
    .collection('resource')
    .updateOne({ t: 'Patient' }, { $set: { x: [] } });
  await client.close();
}

describe('verify of a file', () => {
  let folder = '';
  let file = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'claimwright-'));
    file = join(folder, 'claimwright.db');
  });
  const hash = (): string => createHash('sha256').update(readFileSync(file)).digest('hex');

  test('4.5 neighbour: it runs beside a server, changes no byte of the store and leaves nothing beside it', async () => {
    const server = await startServer({ CLAIMWRIGHT_SEED: 'demo' }, folder);
    expect((await verify(`sqlite:${file}`)).code).toBe(0);
    await server.stop();
    const [before, names] = [hash(), readdirSync(folder).sort()];
    expect((await verify(`sqlite:${file}`)).code).toBe(0);
    expect([hash(), readdirSync(folder).sort()]).toEqual([before, names]);
    rmSync(folder, { recursive: true, force: true });
  });

  test('4.5 neighbour: a damaged page is named as damage', async () => {
    expect((await runCommand('seed', [], `sqlite:${file}`)).code).toBe(0);
    damagePage(file, 'string');
    const { code, said } = await verify(`sqlite:${file}`);
    expect([code, said]).toEqual([1, expect.stringMatching(/^damaged: /)]);
    rmSync(folder, { recursive: true, force: true });
  });

  test('4.5 neighbour: a store that is not there is named, and none is made', async () => {
    const { code, error } = await verify(`sqlite:${file}`);
    expect([code, error, readdirSync(folder)]).toEqual([2, expect.stringContaining('there is no store'), []]);
    rmSync(folder, { recursive: true, force: true });
  });
});
