import { describe, expect, test } from '@jest/globals';
import type { ResourceType } from '@medplum/fhirtypes';
import { parsePairs } from '../../src/search/parse.ts';
import { openStore } from '../../src/store/openStore.ts';
import type { Store, Stored } from '../../src/store/store.ts';
import { isLong } from '../runs.ts';
import { minimal, type Subject } from './caseTable.ts';
import { drawn, principals, random, settle, World, type Principal } from './accessWorld.ts';
import { accessWriteContract } from './accessWriteContract.ts';

const runs = isLong ? 20 : 2;
const seeds = Array.from({ length: runs }, (_, i) => 4711 + i * 97);
const name = (one: { type: string; id: string; version: number }): string =>
  `${one.type}/${one.id}/${one.version}`;
const bare = ({ type, id }: { type: string; id: string }): string => `${type}/${id}`;

/** What a principal sees who does not see all: every method of the port, held against a reading of its own. */
export function accessContract(store: Subject, later: (ms: number) => void): void {
  describe.each(seeds)('seed %d', (seed) => {
    let of: World;
    store.keep(async (kept) => {
      const known = await settle(kept, seed, () => {
        later(1000);
      });
      of = new World(known);
    });
    describe.each(principals.map((principal) => [principal.name, principal] as const))(
      '%s',
      (_, principal) => {
        readings(store, { seed, principal, world: () => of });
      },
    );
  });

  accessWriteContract(store);
}

interface Reading {
  readonly seed: number;
  readonly principal: Principal;
  readonly world: () => World;
}

function readings(store: Subject, { seed, principal, world }: Reading): void {
  test('reads versions and histories that are theirs, and nothing else is there', async () => {
    const of = world();
    const confined = store().as(principal.access);
    for (const one of of.known) {
      const isCurrent = of.current(one.type, one.id) === one;
      const isSeen = of.sees(principal, one);
      const read = await confined.read(one.type, one.id);
      if (isCurrent)
        expect([name(one), read && name(read)]).toEqual([name(one), isSeen ? name(one) : undefined]);
      const version = await confined.vread(one.type, one.id, one.version);
      expect([name(one), version && name(version)]).toEqual([name(one), isSeen ? name(one) : undefined]);
    }
    for (const { type, id } of of.currents) {
      const versions = of.known.filter(
        (one) => one.type === type && one.id === id && of.sees(principal, one),
      );
      const expected = versions.map(name).reverse();
      expect((await confined.history(type, id, { count: 100 })).map(name)).toEqual(expected);
      const first = await confined.history(type, id, { count: 1 });
      const before = first[0]?.version;
      const rest = before === undefined ? [] : await confined.history(type, id, { count: 100, before });
      expect([...first, ...rest].map(name)).toEqual(expected);
    }
  });

  test('pages through the history of a type and of all', async () => {
    const of = world();
    const seen = new Set(of.known.filter((one) => of.sees(principal, one)).map(name));
    expect(seen.size).toBeGreaterThan(0);
    for (const type of [undefined, 'Observation', 'Task', 'Patient'] as const) {
      const asked = type ? { type } : {};
      const all = await store().changes({ ...asked, count: 1000 });
      const expected = all.versions.map(name).filter((one) => seen.has(one));
      const pages: string[][] = [];
      for (let cursor: string | undefined; ;) {
        const page = await store()
          .as(principal.access)
          .changes({ ...asked, count: 3, ...(cursor === undefined ? {} : { cursor }) });
        pages.push(page.versions.map(name));
        cursor = page.next;
        if (cursor === undefined) break;
      }
      expect(pages.flat()).toEqual(expected);
      expect(pages.length).toBe(Math.max(1, Math.ceil(expected.length / 3))); // no empty page tells of hidden ones
    }
  });

  test('searches as in a store that holds nothing but what is theirs', async () => {
    const of = world();
    const shadow = await shadowOf(of, principal);
    try {
      const confined = store().as(principal.access);
      const next = random(seed);
      for (const query of queries) {
        const [type, ...pairs] = query;
        const paged = [...pairs, ['_count', next() < 0.5 ? '2' : '50']] as const;
        const found = await pagesOf(confined, type, paged);
        expect([query, found]).toEqual([query, await pagesOf(shadow, type, paged)]);
      }
    } finally {
      await shadow.close();
    }
  });

  test('counts all that refer to a resource and names those that are theirs', async () => {
    const of = world();
    const confined = store().as(principal.access);
    const seen = new Set(of.currents.filter((one) => of.sees(principal, one)).map(bare));
    for (const { type, id } of of.currents) {
      const all = await store().referrers(type, id, 1000);
      const { references, total } = await confined.referrers(type, id, 3);
      expect(total).toBe(all.total);
      expect(references).toEqual(all.references.filter((one) => seen.has(one)).slice(0, 3));
    }
  });
}

/** A store with the current versions that a principal sees, in the order in which they were first made. */
async function shadowOf(of: World, principal: Principal): Promise<Store> {
  const shadow = await openStore('sqlite::memory:', {
    now: () => '2025-03-01T10:00:00.000Z',
    base: 'https://here/fhir',
  });
  for (const one of of.currents) {
    if (one.content === undefined || !of.sees(principal, one)) continue;
    const resource = minimal({ resourceType: one.type, id: one.id, ...one.content });
    await shadow.transaction((tx) => tx.put(resource));
  }
  return shadow;
}

/** The pages of a search: matches in order, what is included in any, and the total. */
async function pagesOf(
  store: Store,
  type: ResourceType,
  pairs: readonly (readonly [string, string])[],
): Promise<unknown[]> {
  const pages: unknown[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await store.search({
      ...parsePairs(type, pairs),
      ...(cursor === undefined ? {} : { cursor }),
    });
    const ids = (list: readonly Stored[]): string[] => list.map(bare);
    pages.push([ids(page.matches), ids(page.included).sort(), page.total]);
    cursor = page.next;
    if (cursor === undefined) return pages;
  }
}

type Query = readonly [ResourceType, ...(readonly (readonly [string, string])[])];
const queries: readonly Query[] = [
  ...drawn.map((type): Query => [type, ['_total', 'accurate']]),
  ['Patient', ['_total', 'accurate']],
  ['Organization', ['_total', 'accurate']],
  ['Observation', ['patient', 'p1'], ['_total', 'accurate']],
  ['Observation', ['subject', 'Patient/p0,Patient/p1,Group/Group0']],
  ['Observation', ['code', 'a,c'], ['_sort', '-code,_id']],
  ['Observation', ['code:not', 'a'], ['_total', 'accurate']],
  ['Observation', ['patient.family', 'Ames'], ['_total', 'accurate']],
  ['Observation', ['patient.link.gender', 'male']],
  ['Observation', ['encounter.account.status', 'active']],
  ['Observation', ['encounter.service-provider.name', 'Elm']],
  ['Observation', ['encounter:missing', 'true']],
  ['Observation', ['has-member.code', 'a'], ['_total', 'accurate']],
  ['Observation', ['_filter', 'patient.family eq "Ames" or code eq "http://x|a"']],
  ['Observation', ['_filter', 'not (encounter[status eq "finished"].subject re Patient/p1)']],
  ['Observation', ['_filter', 'not (patient.gender eq "male")']],
  ['Observation', ['_filter', 'not (encounter.status eq "finished")']],
  ['Observation', ['_filter', 'encounter.status eq "finished" or code eq "http://x|none"']],
  ['Claim', ['_filter', 'patient.gender eq "male" or status eq "none"']],
  ['Claim', ['_filter', 'not (patient.gender eq "male" or provider.name eq "Elm")']],
  ['Observation', ['_has:Observation:has-member:code', 'a']],
  ['Observation', ['_has:List:item:_id', 'List1']],
  ['Observation', ['_include', '*'], ['_revinclude', '*']],
  [
    'Observation',
    ['_include', 'Observation:subject'],
    ['_include:iterate', 'Patient:link'],
    ['_include:iterate', 'Patient:organization'],
  ],
  [
    'Observation',
    ['_include', 'Observation:encounter'],
    ['_include:iterate', 'Encounter:account'],
    ['_include:iterate', 'Account:owner'],
  ],
  ['Patient', ['_has:Observation:patient:code', 'a'], ['_total', 'accurate']],
  ['Patient', ['_has:Encounter:patient:service-provider', 'Organization/o1']],
  ['Patient', ['_has:Encounter:patient:_has:Observation:encounter:code', 'b']],
  ['Patient', ['_revinclude', 'Claim:patient'], ['_revinclude:iterate', 'PaymentNotice:request']],
  [
    'Patient',
    ['_revinclude', 'Account:patient'],
    ['_revinclude:iterate', 'PaymentNotice:request'],
    ['_revinclude:iterate', 'Encounter:account'],
  ],
  ['Patient', ['_id', 'p0,p1,p2,p3,p9']],
  ['Organization', ['_revinclude', '*'], ['_revinclude:iterate', '*'], ['_include:iterate', '*']],
  ['Organization', ['partof.name', 'Elm'], ['_total', 'accurate']],
  ['Organization', ['_has:Claim:provider:status', 'active']],
  ['Claim', ['patient.organization.name', 'Elm']],
  ['Claim', ['payee:missing', 'false'], ['_sort', 'status']],
  ['Claim', ['provider', 'Organization/o1'], ['_total', 'accurate']],
  ['PaymentNotice', ['request:Account.patient.family', 'Bell'], ['_total', 'accurate']],
  ['Task', ['patient', 'p1'], ['owner:Organization.name', 'Elm,Harbor']],
  ['Invoice', ['account:missing', 'true'], ['_total', 'estimate']],
  ['List', ['item:Patient.gender', 'male'], ['_include', 'List:item']],
  ['Group', ['member:Patient.family', 'Ames']],
  ['ConceptMap', ['name', 'M1']],
];
