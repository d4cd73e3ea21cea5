import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import type { Resource, ResourceType } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { parsePairs } from '../../../../src/search/parse.ts';
import { openStore } from '../../../../src/store/openStore.ts';
import type { Store } from '../../../../src/store/store.ts';
import { runsOf } from '../../../runs.ts';
import { evaluate } from '../../../search/evaluate.ts';

type Kept = Resource & { id: string };

const dates = ['2019', '2020-02', '2020-02-03', '2020-02-03T23:30:00-05:00', '2020-02-04', '2021-06-30'];
const codes = ['x', 'y', 'z'];
const families = ['Ash', 'ASHE', 'Ashton', 'Bell', 'Xu'];
const ids = fc.integer({ min: 0, max: 7 });

const when = fc.oneof(
  fc.constant({}),
  fc.constantFrom(...dates).map((effectiveDateTime) => ({ effectiveDateTime })),
  fc
    .subarray(['2019-12-31', '2020-02-03', '2021-01-01'], { minLength: 1 })
    .map((event) => ({ effectiveTiming: { event } })),
  fc.constantFrom(...dates).map((start) => ({ effectivePeriod: { start } })),
  fc.constant({ effectivePeriod: { start: '2020-02-01', end: '2020-02-20' } }),
);
const who = fc.oneof(
  ids.map((i) => `Patient/p${i}`),
  ids.map((i) => `Patient/p${i}`),
  fc.constantFrom('Group/g', 'Patient/absent', 'http://elsewhere.example/Patient/p1', '#inside'),
);
const doneBy = fc.array(fc.constantFrom('Organization/o', 'Practitioner/r', 'Patient/p1', 'Patient/p2'), {
  maxLength: 2,
});

const patient = fc
  .record({
    i: ids,
    name: fc.array(
      fc.constantFrom(...families).map((family) => ({ family })),
      { maxLength: 2 },
    ),
    gender: fc.constantFrom('male', 'female'),
    birthDate: fc.constantFrom('1980', '1980-05', '1980-05-06', '1991-01-01'),
    link: fc.array(ids, { maxLength: 1 }),
  })
  .map(({ i, link, ...rest }) => ({
    resourceType: 'Patient',
    id: `p${i}`,
    ...rest,
    link: link.map((other) => ({ other: { reference: `Patient/p${other}` }, type: 'seealso' })),
  }));
const observation = fc
  .record({
    i: fc.integer({ min: 0, max: 15 }),
    status: fc.constantFrom('final', 'amended'),
    code: fc.subarray(codes).map((some) => ({ coding: some.map((code) => ({ system: 'http://c', code })) })),
    subject: who.map((reference) => ({ reference })),
    performer: doneBy.map((list) => list.map((reference) => ({ reference }))),
    when,
    value: fc.integer({ min: 0, max: 9 }),
  })
  .map(({ i, value, when: then, ...rest }) => ({
    resourceType: 'Observation',
    id: `b${i}`,
    ...rest,
    ...then,
    valueQuantity: { value, unit: '%', code: '%', system: 'http://unitsofmeasure.org' },
    contained: [{ resourceType: 'Patient', id: 'inside' }],
  }));
type Step = { readonly put: Kept } | { readonly gone: readonly [ResourceType, string] };
const step = fc.oneof(
  { weight: 3, arbitrary: patient.map((put): Step => ({ put: put as Kept })) },
  { weight: 8, arbitrary: observation.map((put): Step => ({ put: put as unknown as Kept })) },
  { weight: 1, arbitrary: ids.map((i): Step => ({ gone: ['Patient', `p${i}`] })) },
  { weight: 1, arbitrary: ids.map((i): Step => ({ gone: ['Observation', `b${i}`] })) },
);

const prefixes = ['', 'ne', 'gt', 'ge', 'lt', 'le', 'sa', 'eb'];
const date = fc.tuple(fc.constantFrom(...prefixes), fc.constantFrom(...dates)).map(([how, day]) => how + day);
const pair = (name: string, value: fc.Arbitrary<string>): fc.Arbitrary<[string, string]> =>
  value.map((text) => [name, text]);
const ofObservation = fc.oneof(
  pair('code', fc.constantFrom('x', 'http://c|y', 'x,z')),
  pair('code:not', fc.constantFrom('x', 'z')),
  pair('date', date),
  pair('date', date),
  pair('status', fc.constantFrom('final', 'amended')),
  pair('performer', fc.constantFrom('Organization/o', 'Practitioner/r', 'Patient/p1')),
  pair('patient', fc.constantFrom('p1', 'p2,p3')),
  pair('patient.birthdate', fc.constantFrom('1980', 'ge1980-05-02', 'lt1991')),
  pair('performer:Patient.family', fc.constantFrom('ash', 'bell')),
  pair('subject:Patient.link:Patient.gender', fc.constantFrom('male', 'female')),
  pair('value-quantity', fc.constantFrom('gt5', 'lt4||%', '7|http://unitsofmeasure.org|%')),
  pair(
    '_filter',
    fc.constantFrom('code eq x or patient.birthdate eq 1980', 'not (code eq y and date ge 2020)'),
  ),
);
const ofPatient = fc.oneof(
  pair('family', fc.constantFrom('ash', 'ashe', 'xu', 'ash,xu')),
  pair('gender', fc.constantFrom('male', 'female')),
  pair('birthdate', fc.constantFrom('1980', 'ge1980-05', 'ne1980-05-06')),
  pair('link.birthdate', fc.constantFrom('1980', 'lt1981')),
  pair('_has:Observation:patient:code', fc.constantFrom('x', 'y,z')),
  pair('_has:Observation:performer:date', fc.constantFrom('ge2020-02-03', '2020')),
  pair('_has:Observation:subject:performer:Patient.family', fc.constantFrom('ash', 'bell')),
);
const asked = fc.oneof(
  fc.tuple(fc.constant('Observation' as const), fc.array(ofObservation, { minLength: 1, maxLength: 3 })),
  fc.tuple(fc.constant('Patient' as const), fc.array(ofPatient, { minLength: 1, maxLength: 3 })),
);
const order = fc.constantFrom('', '-date', 'date', 'code');

type Search = readonly [readonly [ResourceType, readonly (readonly [string, string])[]], string];

/** Asks a search page by page, and its total; compares with what a naive reading finds. */
async function compare(
  store: Store,
  all: ReadonlyMap<string, Kept>,
  [[type, pairs], sorted]: Search,
): Promise<void> {
  const sort = sorted === '' || type === 'Patient' ? [] : [['_sort', sorted] as const];
  const query = parsePairs(type, [...pairs, ...sort, ['_count', '3'], ['_total', 'accurate']]);
  const known = [...all.values()];
  const expected = known
    .filter((r) => r.resourceType === type && query.filters.every((one) => evaluate(one, r, known)))
    .map(({ id }) => id);
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.search({ ...query, ...(cursor === undefined ? {} : { cursor }) });
    expect({ type, pairs, total: page.total }).toEqual({ type, pairs, total: expected.length });
    found.push(...page.matches.map(({ id }) => id));
    cursor = page.next;
  } while (cursor !== undefined);
  const inOrder = sort.length === 0 ? found : [...found].sort();
  expect({ type, pairs, found: inOrder }).toEqual({
    type,
    pairs,
    found: sort.length === 0 ? expected : [...expected].sort(),
  });
}

async function take(
  store: Store,
  all: Map<string, Kept>,
  order: Map<string, number>,
  steps: readonly Step[],
) {
  await store.transaction(async (tx) => {
    for (const one of steps) {
      if ('put' in one) {
        const name = `${one.put.resourceType}/${one.put.id}`;
        order.set(name, order.get(name) ?? order.size);
        all.set(name, one.put);
        await tx.put(structuredClone(one.put));
      } else {
        all.delete(one.gone.join('/'));
        await tx.delete(...one.gone);
      }
    }
  });
  const sorted = [...all].sort(([a], [b]) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
  all.clear();
  for (const [name, one] of sorted) all.set(name, one);
}

const tables = ['token', 'reference', 'date', 'string', 'quantity'];

/** Rows that carry something else than other rows of their resource, or nothing. */
function odd(file: string): unknown[] {
  const database = new DatabaseSync(file);
  const rows = tables.map((table) => `SELECT rid, about, mark, day FROM ${table}`).join(' UNION ALL ');
  const found = database
    .prepare(
      `SELECT rid FROM (${rows}) GROUP BY rid HAVING count(DISTINCT ifnull(about, 'null') || ' ' || mark || ' ' || ` +
        "ifnull(day, 'null')) > 1 OR max(mark IS NULL) = 1",
    )
    .all();
  database.close();
  return found;
}

/** Makes every other row one of a version that carried nothing. */
function takeBack(file: string): void {
  const database = new DatabaseSync(file);
  for (const table of tables)
    database.exec(`UPDATE ${table} SET about = NULL, mark = NULL, day = NULL WHERE rid % 2 = 0`);
  database.exec('UPDATE type SET carried = 0 WHERE EXISTS (SELECT 1 FROM resource WHERE type = type.no)');
  database.close();
}

test.each([1, 3, 2000])(
  'what rows carry rules out nothing that is to be found, written anew or by an earlier version (few: %i)',
  async (few) => {
    const folder = mkdtempSync(join(tmpdir(), 'claimwright-'));
    let runs = 0;
    const parts = fc.array(step, { minLength: 25, maxLength: 40 });
    const searches = fc.array(fc.tuple(asked, order), { minLength: 25, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(parts, parts, searches, async (first, second, questions) => {
        const file = join(folder, `${++runs}.db`);
        const open = () => openStore(`sqlite:${file}`, { now: () => new Date().toISOString(), few });
        const [all, created] = [new Map<string, Kept>(), new Map<string, number>()];
        let store = await open();
        await take(store, all, created, first);
        for (const question of questions) await compare(store, all, question);
        await take(store, all, created, second);
        for (const question of questions) await compare(store, all, question);
        await store.close();
        expect(odd(file)).toEqual([]);
        takeBack(file);
        store = await open();
        for (const question of questions) await compare(store, all, question);
        await take(store, all, created, first);
        for (const question of questions) await compare(store, all, question);
        await store.buildIndex();
        for (const question of questions) await compare(store, all, question);
        await store.close();
        expect(odd(file)).toEqual([]);
      }),
      { numRuns: runsOf({ usual: 2, long: 40 }), endOnFailure: true },
    );
    rmSync(folder, { recursive: true });
  },
  runsOf({ usual: 180_000, long: 1_800_000 }),
);

test('what rows carry is asked where they stand: codes beside dates, patients of a chain, who has what', async () => {
  const store = await openStore('sqlite::memory:', { now: () => new Date().toISOString(), few: 10 });
  await store.transaction(async (tx) => {
    for (let i = 0; i < 60; i += 1) {
      const name = [{ family: 'Xu' }];
      await tx.put({ resourceType: 'Patient', id: `p${i}`, name, birthDate: `${1990 + (i % 8)}-01-01` });
      const code = { coding: [{ system: 'http://c', code: i % 2 === 0 ? 'x' : 'y' }] };
      const effectiveDateTime = `2020-01-${String(1 + (i % 30)).padStart(2, '0')}`;
      const subject = { reference: `Patient/p${i}` };
      const observation = {
        resourceType: 'Observation',
        id: `b${i}`,
        status: 'final',
        code,
        subject,
      } as const;
      await tx.put({ ...observation, effectiveDateTime });
    }
  });
  const asked = async (type: ResourceType, ...pairs: [string, string][]): Promise<string> =>
    (await store.explain(parsePairs(type, pairs))).steps.map(({ what }) => what).join('\n');
  expect(
    await asked('Observation', ['code', 'x'], ['date', 'ge2020-01-03'], ['date', 'lt2020-01-06']),
  ).toContain('d.mark & ? = ?');
  expect(await asked('Observation', ['code', 'x'], ['date', 'ge2020-01-03'])).toContain('d.day >= ?');
  expect(await asked('Observation', ['code', 'x'], ['patient.birthdate', '1991'])).toContain('d.about IN (');
  expect(await asked('Patient', ['family', 'xu'], ['_has:Observation:patient:code', 'x'])).toContain(
    '= d.about',
  );
  await store.close();
});

test('a reference that no search asks by changes the row that holds it, and no other row of its resource', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'claimwright-'));
  const file = join(folder, 'a.db');
  const store = await openStore(`sqlite:${file}`, { now: () => new Date().toISOString() });
  const patient = { resourceType: 'Patient', id: 'p', gender: 'female', name: [{ family: 'Ash' }] } as const;
  const reader = new DatabaseSync(file, { readOnly: true });
  const marks = (): number[] => [
    ...new Set(
      reader
        .prepare("SELECT mark FROM string WHERE folded = 'ash'")
        .all()
        .map((r) => Number(r['mark'])),
    ),
  ];
  await store.transaction((tx) => tx.put({ ...patient, name: [...patient.name] }));
  const before = marks();
  const assigner = { reference: 'Organization/o' };
  await store.transaction((tx) =>
    tx.put({ ...patient, name: [...patient.name], identifier: [{ value: '1', assigner }] }),
  );
  expect(marks()).toEqual(before);
  expect((await store.referrers('Organization', 'o', 5)).references).toEqual(['Patient/p']);
  await store.transaction((tx) =>
    tx.put({ ...patient, name: [...patient.name], managingOrganization: assigner }),
  );
  expect(marks()).not.toEqual(before);
  reader.close();
  await store.close();
  rmSync(folder, { recursive: true });
});
