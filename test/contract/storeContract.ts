import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Patient, Resource } from '@medplum/fhirtypes';
import { cents } from '../../src/datatypes/cents.ts';
import type { Entry } from '../../src/datatypes/entry.ts';
import { parseJson, toJson } from '../../src/datatypes/json.ts';
import { parsePairs } from '../../src/search/parse.ts';
import type { Registry } from '../../src/search/registry.ts';
import type { Store, Stored, Transaction } from '../../src/store/store.ts';
import { put, type Subject } from './caseTable.ts';
import { accessContract } from './accessContract.ts';
import { canonicalContract } from './canonicalContract.ts';
import { containedContract } from './containedContract.ts';
import { chainContract } from './chainContract.ts';
import { codeContract } from './codeContract.ts';
import { compositeContract } from './compositeContract.ts';
import { fullTextContract } from './fullTextContract.ts';
import { changesContract } from './changesContract.ts';
import { concurrencyContract } from './concurrencyContract.ts';
import { includeContract } from './includeContract.ts';
import { indexContract } from './indexContract.ts';
import { jobContract } from './jobContract.ts';
import { recordContract } from './recordContract.ts';
import { pagingContract } from './pagingContract.ts';
import { searchContract } from './searchContract.ts';
import { sortContract } from './sortContract.ts';

export type Open = (now: () => string, registry?: Registry) => Promise<Store>;

export const text = (stored: Stored | undefined): string => new TextDecoder().decode(stored?.json);
export const json = (stored: Stored | undefined): unknown => parseJson(text(stored));
export { put } from './caseTable.ts';
type Writable = Resource & { id: string };
export const patient = (id: string, more: Partial<Patient> = {}): Writable => ({
  resourceType: 'Patient',
  id,
  ...more,
});
const organization = (id: string): Writable => ({ resourceType: 'Organization', id, name: id });
const entry = (id: string, account: string): Entry => ({
  id,
  account,
  on: '2025-01-31',
  reason: 'charge-captured',
  text: 'charge captured',
  cause: 'ChargeItem/1/_history/1',
  postings: [
    { account: 'receivable-unbilled', amount: cents(1201), charge: 'ChargeItem/1' },
    { account: 'revenue', amount: cents(-1201) },
  ],
});

/** What any Store must do. Call it once per adapter; `open` gives an empty store. */
export function storeContract(name: string, open: Open): void {
  describe(`${name} store`, () => {
    let store: Store;
    let isKept = false; // by tests that only read
    let clock = Date.parse('2025-03-01T10:00:00.000Z');
    const now = (): string => new Date(clock).toISOString();
    const openEmpty = async (): Promise<void> => {
      clock = Date.parse('2025-03-01T10:00:00.000Z');
      store = await open(now);
    };
    beforeEach(async () => {
      if (!isKept) await openEmpty();
    });
    afterEach(async () => {
      if (!isKept) await store.close();
    });
    const keep: Subject['keep'] = (fill) => {
      beforeAll(async () => {
        await openEmpty();
        isKept = true;
        await fill(store);
      });
      afterAll(async () => {
        isKept = false;
        await store.close();
      });
    };
    const get: Subject = Object.assign(() => store, { kind: name, keep });
    versions(get, (ms) => (clock += ms));
    transactions(get);
    besides(get, (ms) => (clock += ms));
    references(get);
    searchContract(get);
    pagingContract(get);
    concurrencyContract(get);
    jobContract(get, now, (ms) => (clock += ms));
    recordContract(get, now, (ms) => (clock += ms));
    sortContract(get);
    changesContract(get, (ms) => (clock += ms));
    canonicalContract(get);
    containedContract(get);
    chainContract(get);
    codeContract(get);
    compositeContract(get);
    fullTextContract(get);
    includeContract(get);
    accessContract(get, (ms) => (clock += ms));
    indexContract(open);
  });
}

function versions(store: () => Store, later: (ms: number) => void): void {
  describe('versions', () => {
    test('a resource is kept as it was sent, with its version and the time of the write', async () => {
      const sent = patient('a', { active: true, meta: { profile: ['http://x/p'], versionId: '77' } });
      const stored = await store().transaction((tx) => tx.put(sent, { method: 'POST' }));
      expect(stored).toMatchObject({ type: 'Patient', id: 'a', version: 1, method: 'POST', deleted: false });
      expect(json(await store().read('Patient', 'a'))).toEqual({
        resourceType: 'Patient',
        id: 'a',
        meta: { versionId: '1', lastUpdated: '2025-03-01T10:00:00.000Z', profile: ['http://x/p'] },
        active: true,
      });
      expect(sent.meta).toMatchObject({ versionId: '1', lastUpdated: '2025-03-01T10:00:00.000Z' });
    });

    test('decimals keep their precision through every version', async () => {
      const decimals =
        '{"resourceType":"Observation","id":"d","valueQuantity":{"value":1.00},"extension":[{"url":"u","valueDecimal":-0.0}]}';
      await put(store(), parseJson(decimals) as Writable);
      await put(store(), parseJson(decimals.replace('1.00', '1.000')) as Writable);
      expect(text(await store().vread('Observation', 'd', 1))).toContain('"value":1.00}');
      expect(text(await store().read('Observation', 'd'))).toContain('"value":1.000}');
      expect(text(await store().read('Observation', 'd'))).toContain('"valueDecimal":-0.0}');
      expect(toJson(json(await store().read('Observation', 'd')))).toBe(
        text(await store().read('Observation', 'd')),
      );
    });

    test('every version is kept: history is newest first and can be read in pages', async () => {
      for (const gender of ['male', 'female', 'other'] as const) {
        await put(store(), patient('a', { gender }));
        later(1000);
      }
      const versionsOf = (list: Stored[]): number[] => list.map(({ version }) => version);
      expect(versionsOf(await store().history('Patient', 'a', { count: 10 }))).toEqual([3, 2, 1]);
      expect(versionsOf(await store().history('Patient', 'a', { count: 2 }))).toEqual([3, 2]);
      expect(versionsOf(await store().history('Patient', 'a', { count: 2, before: 2 }))).toEqual([1]);
      expect(await store().history('Patient', 'b', { count: 2 })).toEqual([]);
      expect(json(await store().vread('Patient', 'a', 2))).toMatchObject({
        gender: 'female',
        meta: { versionId: '2' },
      });
      expect((await store().vread('Patient', 'a', 2))?.lastUpdated).toBe('2025-03-01T10:00:01.000Z');
      expect(await store().vread('Patient', 'a', 4)).toBeUndefined();
    });

    test('an equal resource writes no version, whatever the order of its elements', async () => {
      await put(store(), patient('a', { gender: 'male', active: true }));
      await put(store(), organization('o'));
      later(1000);
      const generation = await store().generation('Organization');
      const same = patient('a', {
        active: true,
        gender: 'male',
        meta: { versionId: '9', lastUpdated: '2001-01-01T00:00:00Z' },
      });
      const stored = await store().transaction((tx) => tx.put(same));
      expect(stored).toMatchObject({ version: 1, lastUpdated: '2025-03-01T10:00:00.000Z' });
      expect(same.meta).toEqual({ versionId: '1', lastUpdated: '2025-03-01T10:00:00.000Z' });
      await put(store(), { name: 'o', resourceType: 'Organization', id: 'o' });
      expect(await store().generation('Organization')).toBe(generation);
      await put(store(), patient('a', { active: true, gender: 'male', meta: { tag: [{ code: 'x' }] } }));
      expect((await store().read('Patient', 'a'))?.version).toBe(2);
    });

    test('a deletion is a version; what is written afterwards goes on from it', async () => {
      await put(store(), patient('a'));
      const gone = await store().transaction((tx) => tx.delete('Patient', 'a'));
      expect(gone).toMatchObject({ version: 2, method: 'DELETE', deleted: true });
      expect(await store().transaction((tx) => tx.delete('Patient', 'a'))).toBeUndefined();
      expect(await store().transaction((tx) => tx.delete('Patient', 'never'))).toBeUndefined();
      expect(await store().read('Patient', 'a')).toMatchObject({ deleted: true, version: 2 });
      expect(await store().read('Patient', 'never')).toBeUndefined();
      await put(store(), patient('a'));
      expect(await store().read('Patient', 'a')).toMatchObject({ deleted: false, version: 3 });
      const methods = (await store().history('Patient', 'a', { count: 9 })).map((v) => [v.method, v.deleted]);
      expect(methods).toEqual([
        ['PUT', false],
        ['DELETE', true],
        ['PUT', false],
      ]);
    });

    test.each([
      ['an old version', 1],
      ['a version that is not there yet', 3],
    ])('ifMatch with %s is refused with 412, and nothing is written', async (_, ifMatch) => {
      await put(store(), patient('a'));
      await put(store(), patient('a', { active: true }));
      const change = store().transaction((tx) => tx.put(patient('a', { active: false }), { ifMatch }));
      await expect(change).rejects.toMatchObject({ status: 412 });
      await expect(store().transaction((tx) => tx.delete('Patient', 'a', { ifMatch }))).rejects.toMatchObject(
        { status: 412 },
      );
      await expect(store().transaction((tx) => tx.put(patient('b'), { ifMatch }))).rejects.toMatchObject({
        status: 412,
      });
      expect(await store().read('Patient', 'a')).toMatchObject({ version: 2, deleted: false });
      expect(await store().read('Patient', 'b')).toBeUndefined();
      const right = await store().transaction((tx) =>
        tx.put(patient('a', { active: false }), { ifMatch: 2 }),
      );
      expect(right.version).toBe(3);
    });

    test('a deleted resource matches no version', async () => {
      await put(store(), patient('a'));
      await store().transaction((tx) => tx.delete('Patient', 'a', { ifMatch: 1 }));
      await expect(store().transaction((tx) => tx.put(patient('a'), { ifMatch: 2 }))).rejects.toMatchObject({
        status: 412,
      });
    });

    test('the same id under another type is another resource', async () => {
      await put(store(), patient('a'), { resourceType: 'Basic', id: 'a', code: { text: 'b' } });
      expect(json(await store().read('Basic', 'a'))).toMatchObject({ resourceType: 'Basic' });
      expect(await store().read('Person', 'a')).toBeUndefined();
    });

    test('lastUpdated never goes back, even when the clock does', async () => {
      await put(store(), patient('a'));
      later(-60_000);
      await put(store(), patient('a', { active: true }));
      expect((await store().read('Patient', 'a'))?.lastUpdated).toBe('2025-03-01T10:00:00.000Z');
    });

    test('a store is empty until something is written', async () => {
      expect(await store().empty()).toBe(true);
      await put(store(), patient('a'));
      expect(await store().empty()).toBe(false);
    });
  });
}

const boom = new Error('boom');
const fail = (): never => {
  throw boom;
};

function transactions(store: () => Store): void {
  describe('transactions', () => {
    test('all of a transaction lands or none does: resources, keys, journal, answers', async () => {
      const work = store().transaction(async (tx) => {
        await tx.put(patient('a'));
        await tx.reserve('key|1', 'Patient/a');
        await tx.append(entry('e', 'Account/1'));
        await tx.remember('k', { bodyHash: 'h', status: 201, headers: {}, body: '{}' });
        fail();
      });
      await expect(work).rejects.toBe(boom);
      expect(await store().empty()).toBe(true);
      expect(await store().read('Patient', 'a')).toBeUndefined();
      expect(await store().holder('key|1')).toBeUndefined();
      expect(await store().journal('Account/1')).toEqual([]);
      expect(await store().recall('k')).toBeUndefined();
      expect((await store().search(parsePairs('Patient', []))).matches).toEqual([]);
    });

    test('those that run at once fail alone', async () => {
      const write = (id: string, fails: boolean): Promise<void> =>
        store().transaction(async (tx) => {
          await tx.put(patient(id, { identifier: [{ system: `http://only/${id}`, value: id }] }));
          if (fails) fail();
        });
      const outcomes = await Promise.allSettled([
        write('a', false),
        write('b', true),
        write('c', false),
        write('d', true),
        write('e', false),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual([
        'fulfilled',
        'rejected',
        'fulfilled',
        'rejected',
        'fulfilled',
      ]);
      const ids = (await store().search(parsePairs('Patient', []))).matches.map(({ id }) => id);
      expect(ids.sort()).toEqual(['a', 'c', 'e']); // which of them is first is nobody's business
      // a system first seen in work that was taken back is not remembered as if it were stored
      await put(store(), patient('f', { identifier: [{ system: 'http://only/b', value: 'f' }] }));
      const found = await store().search(parsePairs('Patient', [['identifier', 'http://only/b|f']]));
      expect(found.matches.map(({ id }) => id)).toEqual(['f']);
    });

    test('150 transactions that reserve one key at once: one gets it, the others learn who has it', async () => {
      const attempt = (i: number): Promise<string> =>
        store().transaction(async (tx) => {
          const holder = await tx.holder('claim|1');
          if (holder !== undefined) return holder;
          await tx.put(patient(`p${i}`));
          await tx.reserve('claim|1', `Patient/p${i}`);
          return `Patient/p${i}`;
        });
      const answers = await Promise.all(Array.from({ length: 150 }, (_, i) => attempt(i)));
      expect(new Set(answers).size).toBe(1);
      expect((await store().search({ ...parsePairs('Patient', []), count: 0 })).total).toBe(1);
    });

    test('a key another holds is refused with 409; one that is released can be taken', async () => {
      await store().transaction((tx) => tx.reserve('k', 'Claim/1'));
      await store().transaction((tx) => tx.reserve('k', 'Claim/1')); // its own: no matter
      await expect(store().transaction((tx) => tx.reserve('k', 'Claim/2'))).rejects.toMatchObject({
        status: 409,
      });
      expect(await store().holder('k')).toBe('Claim/1');
      await store().transaction(async (tx) => {
        await tx.release('k');
        await tx.reserve('k', 'Claim/2');
      });
      expect(await store().holder('k')).toBe('Claim/2');
    });

    test('nobody outside sees what is not committed, not even what is asked meanwhile', async () => {
      let asked: Promise<Stored | undefined> | undefined;
      const work = store().transaction(async (tx) => {
        await tx.put(patient('a'));
        asked = store().read('Patient', 'a');
        fail();
      });
      await expect(work).rejects.toBe(boom);
      expect(asked).toBeDefined();
      expect(await asked).toBeUndefined();
    });

    test('a transaction sees its own writes at once, in searches too', async () => {
      await store().transaction(async (tx) => {
        await tx.put(patient('a', { gender: 'male' }));
        const find = async (gender: string): Promise<number> =>
          (await tx.search(parsePairs('Patient', [['gender', gender]]))).matches.length;
        expect(await find('male')).toBe(1);
        await tx.put(patient('a', { gender: 'female' }));
        expect([await find('male'), await find('female')]).toEqual([0, 1]);
        await tx.delete('Patient', 'a');
        expect(await find('female')).toBe(0);
      });
    });

    test('keys that are asked for ahead are answered, taken and freed as if they were not', async () => {
      await store().transaction((tx) => tx.reserve('ahead|held', 'Patient/a'));
      const keys = ['ahead|held', 'ahead|free', 'ahead|own'];
      const told = await store().transaction(async (tx) => {
        await tx.reserve('ahead|own', 'Patient/b');
        await tx.readAhead([], keys);
        const seen = await Promise.all(keys.map((key) => tx.holder(key)));
        await tx.release('ahead|held');
        await tx.reserve('ahead|free', 'Patient/c');
        return seen;
      });
      expect(told).toEqual(['Patient/a', undefined, 'Patient/b']);
      expect(await Promise.all(keys.map((key) => store().holder(key)))).toEqual([
        ...[undefined, 'Patient/c', 'Patient/b'],
      ]);
    });

    test('what is read ahead is answered, written and deleted as if it were not', async () => {
      await put(store(), patient('known'));
      await put(store(), patient('gone'));
      await store().transaction((tx) => tx.delete('Patient', 'gone'));
      const ids = ['known', 'gone', 'new', 'other'];
      const told = await store().transaction(async (tx) => {
        await tx.put(patient('other', { active: true }));
        await tx.readAhead(ids.map((id) => ({ type: 'Patient', id })));
        const seen = await Promise.all(ids.map((id) => tx.read('Patient', id)));
        await tx.put(patient('known', { active: false }));
        await tx.put(patient('gone', { active: false }));
        await tx.put(patient('new'));
        await tx.delete('Patient', 'other');
        return seen.map((stored) => stored && [stored.version, stored.deleted]);
      });
      expect(told).toEqual([[1, false], [2, true], undefined, [1, false]]);
      const left = await Promise.all(ids.map((id) => store().read('Patient', id)));
      expect(left.map((stored) => [stored?.version, stored?.deleted])).toEqual([
        [2, false],
        [3, false],
        [1, false],
        [2, true],
      ]);
    });

    test('a transaction that has ended takes no more calls', async () => {
      let late: Transaction | undefined;
      await store().transaction(async (tx) => {
        late = tx;
        await tx.put(patient('a'));
      });
      await expect(late?.put(patient('too-late'))).rejects.toThrow('has ended');
      expect(await store().read('Patient', 'too-late')).toBeUndefined();
    });

    test('what waits when the store is closed is still written', async () => {
      const outcome = put(store(), patient('a')).then(() => 'written');
      await store().close();
      expect(await outcome).toBe('written');
    });
  });
}

function besides(store: () => Store, later: (ms: number) => void): void {
  test('the journal keeps entries in order, whole and by account', async () => {
    await store().transaction(async (tx) => {
      for (const [id, account] of [
        ['1', 'A'],
        ['2', 'B'],
        ['3', 'A'],
      ] as const)
        await tx.append(entry(id, `Account/${account}`));
      expect((await tx.journal('Account/A')).length).toBe(2);
    });
    const stamped = (id: string) => ({
      ...entry(id, 'Account/A'),
      enteredOn: expect.stringMatching(/^\d{4}-/),
    });
    expect(await store().journal('Account/A')).toEqual([stamped('1'), stamped('3')]);
    const first = await store().entries({ count: 2 });
    expect(first.entries.map(({ id }) => id)).toEqual(['1', '2']);
    const second = await store().entries({
      count: 2,
      ...(first.next === undefined ? {} : { after: first.next }),
    });
    expect(second.entries.map(({ id }) => id)).toEqual(['3']);
    expect(second.next).toBeUndefined();
  });

  test('a remembered answer is given until it expires', async () => {
    const answer = { bodyHash: 'h', status: 201, headers: { etag: 'W/"1"' }, body: '{"a":1.00}' };
    await store().transaction((tx) => tx.remember('short', answer, '2025-03-01T11:00:00Z'));
    await store().transaction((tx) => tx.remember('ever', answer));
    expect(await store().recall('short')).toEqual(answer);
    later(3_600_000);
    expect(await store().recall('short')).toBeUndefined();
    await store().transaction((tx) =>
      tx.remember('short', { ...answer, status: 200 }, '2025-03-02T11:00:00Z'),
    );
    expect((await store().recall('short'))?.status).toBe(200);
    expect(await store().recall('ever')).toEqual(answer);
  });

  test('the generation of a type is another after each write of it, and also when the write is taken back', async () => {
    const at = async (): Promise<(number | string)[]> => [
      await store().generation('Organization'),
      await store().generation('Basic'),
    ];
    const [start, other] = await at();
    await put(store(), organization('a'));
    const [written] = await at();
    expect(written).not.toBe(start);
    const inside: (number | string)[] = [];
    const work = store().transaction(async (tx) => {
      await tx.put(organization('b'));
      inside.push(await tx.generation('Organization'));
      fail();
    });
    await expect(work).rejects.toBe(boom);
    const [after, untouched] = await at();
    expect([start, written]).not.toContain(inside[0]);
    expect(after).not.toBe(inside[0]); // a cache filled inside is not taken for valid
    expect(untouched).toBe(other);
  });
}

function references(store: () => Store): void {
  test('who refers to a resource is known, whether or not a search parameter covers the reference', async () => {
    const claim = {
      resourceType: 'Claim',
      id: 'c',
      patient: { reference: 'Patient/a' },
      insurance: [{ coverage: { reference: 'Coverage/v' } }],
      contained: [{ resourceType: 'Basic', subject: { reference: 'Patient/inner' } }],
    } as unknown as Writable;
    const account = {
      resourceType: 'Account',
      id: 'x',
      subject: [{ reference: 'Patient/a/_history/3' }],
    } as Writable;
    await put(
      store(),
      claim,
      account,
      patient('a', { link: [{ other: { reference: 'Patient/a' }, type: 'seealso' }] }),
    );
    const of = (
      type: 'Patient' | 'Coverage',
      id: string,
      count = 20,
    ): Promise<{ references: string[]; total: number }> => store().referrers(type, id, count);
    const [all, first] = [await of('Patient', 'a'), await of('Patient', 'a', 1)];
    expect([all.references.sort(), all.total]).toEqual([['Account/x', 'Claim/c'], 2]);
    expect([first.references.length, first.total]).toEqual([1, 2]);
    expect((await of('Coverage', 'v')).references).toEqual(['Claim/c']);
    expect((await of('Patient', 'inner')).references).toEqual(['Claim/c']);
    expect(await of('Patient', 'other')).toEqual({ references: [], total: 0 });
    await store().transaction((tx) => tx.delete('Claim', 'c'));
    expect((await of('Coverage', 'v')).total).toBe(0);
  });
}
