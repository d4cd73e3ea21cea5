import { describe, expect, test, beforeEach, afterEach } from '@jest/globals';
import { loadedTables, readList, rowsKind } from '../../src/operation/table/loadedTables.ts';
import { loadTables, removeLeftOver, removeTable } from '../../src/operation/table/loadTables.ts';
import type { Store } from '../../src/store/store.ts';
import { eachStore } from '../http/eachStore.ts';
import { piecesOf, zipOf } from './archive.ts';

const units = (...rows: readonly (readonly [string, number])[]): string =>
  [
    'HCPCS,Value,MAI,Rationale',
    ...rows.map(([code, most]) => `${code},${most},2 Date of Service Edit,x`),
  ].join('\n');
const file = (name: string, content: string | Buffer) => ({ name, bytes: piecesOf(Buffer.from(content)) });
const name = (day: string): string => `MCR_MUE_PractitionerServices_Eff_${day}.csv`;

describe.each(eachStore('loadTables'))('%s', (_name, open) => {
  let store: Store;
  let at: number;
  let ids: number;
  const deps = () => ({
    records: store.records,
    now: () => new Date(at).toISOString(),
    newId: () => `id${(ids += 1)}`,
  });
  const loaded = async (): Promise<string[]> =>
    (await readList(store.records)).loaded.map(
      ({ table, edition, part = '', rows }) => `${table} ${edition}${part}: ${rows}`,
    );
  const rowsOf = async (key: string): Promise<unknown[]> => {
    const { loaded: all } = await readList(store.records);
    const found = await store.gathered(all.map(({ id }) => ({ kind: rowsKind(id), key })));
    return found.map(({ value }) => JSON.parse(value) as unknown);
  };

  beforeEach(async () => {
    store = await open();
    [at, ids] = [Date.parse('2026-06-01T12:00:00Z'), 0];
  });
  afterEach(() => store.close());

  test('a table takes the place of the same edition whole; other editions stay', async () => {
    await loadTables(deps(), [file(name('01-01-2026'), units(['J1885', 1], ['J1956', 2]))]);
    await loadTables(deps(), [file(name('04-01-2026'), units(['J1885', 3]))]);
    await loadTables(deps(), [file(name('01-01-2026'), units(['J1885', 5]))]);
    expect((await loaded()).sort()).toEqual(['mue-practitioner 2026Q1: 1', 'mue-practitioner 2026Q2: 1']);
    expect((await rowsOf('J1885')).sort()).toEqual([[[3, 2]], [[5, 2]]]);
    expect(await rowsOf('J1956')).toEqual([]);
  });

  test('many rows in several commits, and several of one key, are all there', async () => {
    const rows = Array.from({ length: 2500 }, (_, i) => ['J1885', (i % 900) + 1] as const);
    await loadTables(deps(), [file(name('01-01-2026'), units(...rows, ['J1956', 2]))]);
    expect((await rowsOf('J1885')).flat()).toHaveLength(2500);
    expect(await loaded()).toEqual(['mue-practitioner 2026Q1: 2501']);
  });

  test('a load that breaks off leaves the table before it, and nothing of its own', async () => {
    await loadTables(deps(), [file(name('01-01-2026'), units(['J1885', 1]))]);
    async function* broken() {
      yield Buffer.from(units(...Array.from({ length: 3000 }, () => ['J1885', 9] as const)));
      await Promise.resolve();
      throw new Error('the line is dead');
    }
    const load = loadTables(deps(), [{ name: name('01-01-2026'), bytes: broken() }]);
    await expect(load).rejects.toThrow('the line is dead');
    expect(await rowsOf('J1885')).toEqual([[[1, 2]]]);
    expect(await store.records.kinds('coding-table|')).toHaveLength(1);
    expect((await readList(store.records)).loading).toEqual([]);
  });

  test('what a crash left in the middle is removed by a later load, what another load has begun is not', async () => {
    await store.records.gather(rowsKind('crashed'), [{ key: 'J1885', value: '[[9,2]]' }]);
    const half = file(name('04-01-2026'), units(['J1885', 3]));
    let other: Promise<unknown> | undefined;
    async function* slow() {
      for await (const piece of half.bytes) yield piece;
      await store.records.gather(rowsKind('id1'), [{ key: 'J7030', value: '[[7,2]]' }]);
      other = loadTables(deps(), [file(name('01-01-2026'), units(['J1885', 1]))]);
      await other;
    }
    await loadTables(deps(), [{ name: half.name, bytes: slow() }]);
    expect(await loaded()).toEqual(['mue-practitioner 2026Q1: 1', 'mue-practitioner 2026Q2: 1']);
    expect(await rowsOf('J7030')).toEqual([[[7, 2]]]);
    expect(await store.records.kinds('coding-table|')).toEqual(['coding-table|id1', 'coding-table|id2']);
  });

  test('the rows of a table that was replaced stay for who reads them, and go with the next load', async () => {
    await loadTables(deps(), [file(name('01-01-2026'), units(['J1885', 1]))]);
    await loadTables(deps(), [file(name('01-01-2026'), units(['J1885', 2]))]);
    await removeLeftOver(deps());
    expect(await store.records.kinds('coding-table|')).toHaveLength(2);
    at += 5000;
    await removeLeftOver(deps());
    expect(await store.records.kinds('coding-table|')).toHaveLength(1);
    expect((await readList(store.records)).retired).toEqual([]);
    expect(await removeTable(deps(), 'mue-practitioner', '2026Q1')).toBe(true);
    expect(await removeTable(deps(), 'mue-practitioner', '2026Q1')).toBe(false);
    expect(await loaded()).toEqual([]);
  });

  test('files together are one edition; parts loaded one by one replace their own', async () => {
    const pair = (first: string, second: string) => `${first}\t${second}\t\t20200101\t*\t1\tx\n`;
    await loadTables(deps(), [
      file('ccipra-v321r0-f1.zip', zipOf({ 'ccipra-v321r0-f1.TXT': pair('G0438', 'G0439'), 'x.xlsx': 'x' })),
      file('ccipra-v321r0-f2.zip', zipOf({ 'ccipra-v321r0-f2.TXT': pair('G0439', 'T1015') })),
    ]);
    expect(await loaded()).toEqual(['ptp-practitioner 2026Q2: 2']);
    for (const [part, second] of [
      ['f1', 'J1885'],
      ['f2', 'J1956'],
      ['f1', 'J7030'],
    ] as const)
      await loadTables(deps(), [file('ccipra-v321r0-f1.TXT', pair('G0438', second))], { part });
    expect((await loaded()).sort()).toEqual(['ptp-practitioner 2026Q2f1: 1', 'ptp-practitioner 2026Q2f2: 1']);
    expect(await rowsOf('G0438 J7030')).toHaveLength(1);
    expect(await rowsOf('G0438 G0439')).toHaveLength(0);
  });

  test('two at once: both are there, of the same edition one', async () => {
    await Promise.all(
      ['01-01-2026', '04-01-2026', '04-01-2026'].map((day, i) =>
        loadTables(deps(), [file(name(day), units(['J1885', i + 1]))]),
      ),
    );
    expect((await loaded()).sort()).toEqual(['mue-practitioner 2026Q1: 1', 'mue-practitioner 2026Q2: 1']);
  });

  test.each([
    ['what no table has', file(name('01-01-2026'), 'a,b\nc,d'), {}, /no row of a table/],
    ['a name that says nothing', file('x.csv', units(['J1885', 1])), {}, /say which table/],
    ['no edition', file('x.csv', units(['J1885', 1])), { table: 'mue-practitioner' }, /say which edition/],
    ['a table there is none of', file('x.csv', ''), { table: 'mue' }, /no such table/],
    ['an edition there is none of', file('x.csv', ''), { edition: 'spring' }, /an edition is/],
    [
      'another table',
      file(name('01-01-2026'), units(['J1885', 1])),
      { table: 'add-on' },
      /holds mue-practitioner/,
    ],
    ['a spreadsheet', file('x.xlsx', zipOf({ '[Content_Types].xml': '<x/>' })), {}, /save it as CSV/],
    ['UTF-16', file(name('01-01-2026'), Buffer.from('\uFEFFJ1885,1,2', 'utf16le')), {}, /UTF-8/],
    ['mostly what cannot be read', file(name('01-01-2026'), 'J1885,x,2\nJ1956,y,2\nJ7030,1,2'), {}, /line 1/],
  ])('refused, and nothing is changed: %s', async (_what, given, options, text) => {
    // a file is read once: for the second store it is made anew from what it holds
    const bytes = Buffer.concat(await Array.fromAsync(given.bytes));
    given.bytes = piecesOf(bytes);
    await expect(loadTables(deps(), [{ name: given.name, bytes: piecesOf(bytes) }], options)).rejects.toThrow(
      text,
    );
    expect(await loaded()).toEqual([]);
    expect(await store.records.kinds('coding-table|')).toEqual([]);
  });

  test('a record that cannot be read is told with its line, the others are loaded', async () => {
    const text = `${units(['J1885', 1], ['J1956', 2])}\nJ7030,many,2,x\n`;
    const { faults } = await loadTables(deps(), [file(name('01-01-2026'), text)]);
    expect(faults).toEqual([expect.stringMatching(/line 4 has no number of units.*1 such/)]);
    expect(await loaded()).toEqual(['mue-practitioner 2026Q1: 2']);
  });

  test('which tables are there is asked at most once a second', async () => {
    let asked = 0;
    const reader = new Proxy(store, {
      get: (target, key) => {
        if (key === 'gathered') asked += 1;
        const found: unknown = Reflect.get(target, key);
        return typeof found === 'function' ? (found.bind(target) as unknown) : found;
      },
    });
    for (let i = 0; i < 50; i++) expect(await loadedTables(reader, reader)).toEqual([]);
    expect(asked).toBeLessThan(50);
  });
});
