import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Goal } from '@medplum/fhirtypes';
import { parsePairs } from '../../src/search/parse.ts';
import type { Store } from '../../src/store/store.ts';

type Pairs = readonly (readonly [string, string])[];
/** A stretch of days since the first of January 2020, the second exclusive. */
type Days = readonly [number, number];

const dayOf = (no: number): string => new Date(Date.UTC(2020, 0, 1 + no)).toISOString().slice(0, 10);

/** The due dates of the goal of a number: none, one day that many share, several days, a month. */
function datesOf(no: number): Days[] {
  const first = (no * 7) % 31;
  switch (no % 6) {
    case 0:
      return [];
    case 1:
      return [no % 4 === 1 ? [0, 31] : [31, 60]];
    case 2:
      return [
        [first + 30, first + 31],
        [first, first + 1],
        [first + 15, first + 16],
      ];
    case 3:
      return [[20, 21]];
    default:
      return [[first, first + 1]];
  }
}

const goal = (no: number): Goal & { id: string } => ({
  resourceType: 'Goal',
  id: `g${no}`,
  lifecycleStatus: no % 2 === 0 ? 'active' : 'planned',
  description: { text: 'x' },
  subject: { reference: `Patient/p${no % 2}` },
  target: datesOf(no).map(([start, end]) => ({
    dueDate: end - start > 1 ? dayOf(start).slice(0, 7) : dayOf(start),
  })),
});

const numbers = Array.from({ length: 90 }, (_, no) => no);
const from = 18;
const to = 35;
const meets: Readonly<Record<string, (day: Days) => boolean>> = {
  ge: ([, end]) => end > from,
  lt: ([start]) => start < to,
};

/** What a search finds, in its order: those without a date last. */
function expected(
  isDescending: boolean,
  bounds: readonly string[],
  isKept: (no: number) => boolean,
): string[] {
  const keyOf = (no: number): number | undefined => {
    const starts = datesOf(no).map(([start]) => start);
    return starts.length === 0 ? undefined : isDescending ? Math.max(...starts) : Math.min(...starts);
  };
  return numbers
    .filter((no) => isKept(no) && bounds.every((bound) => datesOf(no).some((day) => meets[bound]?.(day))))
    .sort((a, b) => {
      const [x, y] = [keyOf(a), keyOf(b)];
      if (x === undefined || y === undefined) return x === y ? a - b : x === undefined ? 1 : -1;
      return (isDescending ? y - x : x - y) || a - b;
    })
    .map((no) => `g${no}`);
}

async function pagesOf(store: Store, pairs: Pairs, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | undefined; ;) {
    const query = parsePairs('Goal', [...pairs, ['_count', String(count)]]);
    const page = await store.search({ ...query, ...(cursor === undefined ? {} : { cursor }) });
    ids.push(...page.matches.map(({ id }) => id));
    cursor = page.next;
    if (cursor === undefined) return ids;
  }
}

/** Dates of every shape, sorted by: which of several counts, who shares one, who has none. */
export function sortContract(store: () => Store): void {
  describe('a sort by date', () => {
    beforeEach(async () => {
      for (const no of numbers) await store().transaction((tx) => tx.put(goal(no)));
    });

    const filters: readonly (readonly [Pairs, readonly string[], (no: number) => boolean])[] = [
      [[], [], () => true],
      [[['target-date', `ge${dayOf(from)}`]], ['ge'], () => true],
      [[['target-date', `lt${dayOf(to)}`]], ['lt'], () => true],
      [
        [
          ['target-date', `ge${dayOf(from)}`],
          ['target-date', `lt${dayOf(to)}`],
          ['lifecycle-status', 'active'],
        ],
        ['ge', 'lt'],
        (no) => no % 2 === 0,
      ],
      [[['subject', 'Patient/p1']], [], (no) => no % 2 === 1],
    ];
    test.each(['target-date', '-target-date'])(
      'by %s, whatever is filtered by, in pages of every size',
      async (sort) => {
        for (const [pairs, bounds, isKept] of filters)
          for (const count of [3, 40])
            expect(await pagesOf(store(), [...pairs, ['_sort', sort]], count)).toEqual(
              expected(sort.startsWith('-'), bounds, isKept),
            );
      },
    );
  });

  describe('a total', () => {
    test('counts what was just written, changed and taken away, whoever counted before', async () => {
      const total = async (pairs: Pairs): Promise<number | undefined> =>
        (await store().search({ ...parsePairs('Goal', pairs), count: 0 })).total;
      for (let no = 1; no <= 3; no++) {
        await store().transaction((tx) => tx.put(goal(no)));
        const totals = [await total([]), await total([]), await total([['lifecycle-status', 'active']])];
        expect(totals).toEqual([no, no, Math.floor(no / 2)]);
      }
      await store().transaction((tx) => tx.put({ ...goal(1), lifecycleStatus: 'active' }));
      expect(await total([['lifecycle-status', 'active']])).toBe(2);
      await store().transaction((tx) => tx.delete('Goal', 'g2'));
      expect([await total([]), await total([['lifecycle-status', 'active']])]).toEqual([2, 1]);
    });
  });
}
