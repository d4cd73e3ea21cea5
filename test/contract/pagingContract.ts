import { describe, expect, test } from '@jest/globals';
import type { Patient } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { parsePairs } from '../../src/search/parse.ts';
import type { SearchPage, Store } from '../../src/store/store.ts';
import { runsOn } from '../runs.ts';
import type { Subject } from './caseTable.ts';
import { patient, put } from './storeContract.ts';

type Pairs = readonly (readonly [string, string])[];

/** Pages of a search, and what is done between them. */
async function walk(store: Store, pairs: Pairs, between: () => Promise<void>): Promise<string[]> {
  const ids: string[] = [];
  for (let page: SearchPage | undefined, cursor: string | undefined; ;) {
    page = await store.search(
      parsePairs('Patient', [...pairs, ...(cursor === undefined ? [] : [['_cursor', cursor] as const])]),
    );
    ids.push(...page.matches.map(({ id }) => id));
    cursor = page.next;
    if (cursor === undefined) return ids;
    await between();
  }
}

const change = fc.oneof(
  fc.record({ kind: fc.constant('insert' as const), at: fc.nat(999) }),
  fc.record({ kind: fc.constant('update' as const), at: fc.nat(29) }),
  fc.record({ kind: fc.constant('delete' as const), at: fc.nat(9) }),
);

const birthDates = ['1990', '1990-05', '1990-05-05', '1985-12-31'];
const nth = (i: number, more: Partial<Patient> = {}): ReturnType<typeof patient> => {
  const birthDate = birthDates[i % 5]; // every fifth has none
  return patient(`p${String(i).padStart(3, '0')}`, {
    ...(birthDate === undefined ? {} : { birthDate }),
    name: [{ family: ['Ash', 'Bell', 'ash'][i % 3] ?? '' }],
    gender: i % 2 === 0 ? 'male' : 'female',
    ...more,
  });
};

const orders: Pairs[] = [
  [],
  [['gender', 'male,female']],
  [['_sort', 'birthdate']],
  [['_sort', '-birthdate']],
  [['_sort', 'family,-birthdate']],
  [['_sort', '-family']],
  [['_sort', '-_lastUpdated']],
  [
    ['_sort', '_lastUpdated'],
    ['gender', 'male,female'],
  ],
  [['_sort', 'gender,-_id']],
  [
    ['_sort', '-gender'],
    ['family', 'a'],
  ],
  [
    ['_sort', '_id'],
    ['gender:not', 'other'],
  ],
];

export function pagingContract(store: Subject): void {
  describe('paging', () => {
    test('without _sort, rows come by first creation, and a page names the next', async () => {
      await put(store(), ...['c', 'a', 'b', 'e', 'd'].map((id) => patient(id)));
      await put(store(), patient('c', { active: true }));
      await store().transaction((tx) => tx.delete('Patient', 'a'));
      await put(store(), patient('a'));
      const first = await store().search(
        parsePairs('Patient', [
          ['_count', '3'],
          ['_total', 'accurate'],
        ]),
      );
      expect(first.matches.map(({ id }) => id)).toEqual(['c', 'a', 'b']);
      expect(first.total).toBe(5);
      const second = await store().search(
        parsePairs('Patient', [
          ['_count', '3'],
          ['_cursor', first.next ?? ''],
        ]),
      );
      expect(second.matches.map(({ id }) => id)).toEqual(['e', 'd']);
      expect(second.next).toBeUndefined();
      expect(second.total).toBeUndefined();
    });

    test('a page that just fits names no next one; a count of 0 gives the total only', async () => {
      await put(store(), ...['a', 'b'].map((id) => patient(id)));
      const page = await store().search(parsePairs('Patient', [['_count', '2']]));
      expect([page.matches.length, page.next]).toEqual([2, undefined]);
      expect(await store().search(parsePairs('Patient', [['_count', '0']]))).toEqual({
        matches: [],
        included: [],
        total: 2,
      });
    });

    test.each([
      [
        'changed',
        (cursor: string) => `${cursor.slice(0, 3)}${cursor[3] === 'A' ? 'B' : 'A'}${cursor.slice(4)}`,
      ],
      ['made up', () => Buffer.from('[5]').toString('base64url')],
      ['empty', () => ''],
      ['not even text', () => '\u0000.%'],
    ])('a cursor that is %s is refused', async (_, spoil) => {
      await put(store(), ...['a', 'b', 'c'].map((id) => patient(id)));
      const { next = '' } = await store().search(parsePairs('Patient', [['_count', '1']]));
      const again = store().search({ ...parsePairs('Patient', [['_count', '1']]), cursor: spoil(next) });
      await expect(again).rejects.toMatchObject({
        status: 400,
        issue: [{ details: { coding: [{ code: 'malformed-cursor' }] } }],
      });
    });

    test('a cursor of one search is refused by another', async () => {
      await put(store(), ...['a', 'b', 'c'].map((id) => patient(id, { active: true })));
      const { next = '' } = await store().search(parsePairs('Patient', [['_count', '1']]));
      const others: Pairs[] = [[['active', 'true']], [['_sort', '_id']], [['_sort', '-_id']]];
      for (const pairs of others)
        await expect(
          store().search(parsePairs('Patient', [...pairs, ['_cursor', next]])),
        ).rejects.toMatchObject({ status: 400 });
      const bigger = await store().search(
        parsePairs('Patient', [
          ['_count', '5'],
          ['_cursor', next],
        ]),
      );
      expect(bigger.matches.map(({ id }) => id)).toEqual(['b', 'c']); // the size of the page may change
    });

    test('nothing that was there throughout is missed or repeated while others come, change and go', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...orders),
          fc.integer({ min: 1, max: 7 }),
          fc.array(change, { maxLength: 12 }),
          async (pairs, count, changes) => {
            const started = await fresh(store());
            const touched = new Set<string>();
            const todo = [...changes];
            const ids = await walk(store(), [...pairs, ['_count', String(count)]], async () => {
              const next = todo.shift();
              if (next) touched.add(await apply(store(), next));
            });
            const stayed = started.filter((id) => !touched.has(id) && matches(id, pairs));
            expect(stayed.filter((id) => ids.filter((found) => found === id).length !== 1)).toEqual([]);
            expect(new Set(ids).size).toBe(ids.length);
          },
        ),
        { numRuns: runsOn(store.kind, { usual: 120, long: 600 }) },
      );
    });

    test.each(['birthdate', '-birthdate', 'family', '-family'])(
      '_sort=%s is in order, those without a value last, with a filter and without',
      async (sort) => {
        await fresh(store());
        const start = (i: number): string | undefined => birthDates[i % 5]?.padEnd(10, '-01');
        const name = (i: number): string => ['ash', 'bell', 'ash'][i % 3] ?? '';
        const key = sort.includes('birthdate') ? start : name;
        const sign = sort.startsWith('-') ? -1 : 1;
        const compare = (a: number, b: number): number => {
          const [x, y] = [key(a), key(b)];
          if (x === y) return a - b;
          if (x === undefined || y === undefined) return x === undefined ? 1 : -1;
          return x < y ? -sign : sign;
        };
        const expected = Array.from({ length: 30 }, (_, i) => i)
          .sort(compare)
          .map((i) => nth(i).id);
        for (const filter of [[], [['gender', 'male,female'] as const]])
          expect(
            await walk(store(), [['_sort', sort], ...filter, ['_count', '7']], () => Promise.resolve()),
          ).toEqual(expected);
      },
    );

    test.each(orders.filter(([first]) => first?.[0] === '_sort'))(
      'the pages of %j %j are the whole in order',
      async (...pairs) => {
        await fresh(store());
        const asked = pairs.filter(Boolean);
        const whole = await walk(store(), asked, () => Promise.resolve());
        const pieces = await walk(store(), [...asked, ['_count', '4']], () => Promise.resolve());
        expect(pieces).toEqual(whole);
      },
    );
  });
}

const matches = (id: string, pairs: Pairs): boolean =>
  !pairs.some(([name, value]) => name === 'family' && value === 'a') || Number(id.slice(1)) % 3 !== 1;

/** Thirty patients, whatever was there before. */
async function fresh(store: Store): Promise<string[]> {
  const all = Array.from({ length: 30 }, (_, i) => nth(i));
  await store.transaction(async (tx) => {
    const old = await tx.search({ ...parsePairs('Patient', []), count: 1000 });
    for (const { id } of old.matches) if (!all.some((p) => p.id === id)) await tx.delete('Patient', id);
    for (const one of all) await tx.put(one);
  });
  return all.map(({ id }) => id);
}

/** What happens between two pages; answers whom it happened to. An update changes nothing that is sorted or searched by. */
async function apply(
  store: Store,
  { kind, at }: { kind: 'insert' | 'update' | 'delete'; at: number },
): Promise<string> {
  const one = nth(kind === 'insert' ? 100 + at : at);
  if (kind === 'delete') await store.transaction((tx) => tx.delete('Patient', one.id));
  else await put(store, kind === 'update' ? nth(at, { active: true }) : one);
  return kind === 'update' ? 'nobody' : one.id;
}
