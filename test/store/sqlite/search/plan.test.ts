import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Resource, ResourceType } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { parsePairs } from '../../../../src/search/parse.ts';
import { openStore } from '../../../../src/store/openStore.ts';
import type { Store } from '../../../../src/store/store.ts';

type Kept = Resource & { id: string };
type Read = Readonly<Record<string, unknown>>;

/** A small world of practices, patients, visits and observations, some of them deleted, some never there. */
const genders = ['male', 'female', 'other'];
const organization = (i: number): Kept => ({
  resourceType: 'Organization',
  id: `o${i}`,
  name: ['Alder', 'Birch', 'Cedar'][i % 3] ?? '',
  ...(i > 1 ? { partOf: { reference: `Organization/o${i - 2}` } } : {}),
});
const patient = (i: number): Kept => ({
  resourceType: 'Patient',
  id: `p${i}`,
  gender: genders[i % 3] as 'male',
  name: [{ family: ['Ash', 'Bell'][i % 2] ?? '' }],
  ...(i % 4 === 3 ? {} : { managingOrganization: { reference: `Organization/o${i % 7}` } }),
});
const encounter = (i: number): Kept => ({
  resourceType: 'Encounter',
  id: `e${i}`,
  status: i % 2 === 0 ? 'finished' : 'planned',
  class: { code: 'AMB' },
  subject: { reference: i % 5 === 4 ? `Group/p${i % 9}` : `Patient/p${i % 11}/_history/1` },
  serviceProvider: { reference: `Organization/o${i % 5}` },
});
const observation = (i: number): Kept => ({
  resourceType: 'Observation',
  id: `b${i}`,
  status: 'final',
  code: {
    coding: [{ system: 'http://c', code: ['x', 'y', 'z'][i % 3] ?? '' }],
    text: i % 4 === 0 ? 'Heart rate' : 'Other',
  },
  subject: { reference: `Patient/p${(i * 3) % 13}` },
  ...(i % 3 === 0 ? {} : { encounter: { reference: `Encounter/e${i % 17}` } }),
  valueQuantity: { value: i % 10, system: 'http://unitsofmeasure.org', code: 'mg', unit: 'mg' },
});

const world = [
  ...Array.from({ length: 6 }, (_, i) => organization(i)),
  ...Array.from({ length: 12 }, (_, i) => patient(i)),
  ...Array.from({ length: 20 }, (_, i) => encounter(i)),
  ...Array.from({ length: 60 }, (_, i) => observation(i)),
];
const gone = new Set(['Organization/o2', 'Patient/p5', 'Encounter/e3', 'Observation/b7']);
const current = new Map(
  world.filter((r) => !gone.has(`${r.resourceType}/${r.id}`)).map((r) => [`${r.resourceType}/${r.id}`, r]),
);

/** What a reference leads to, read naively. */
const follow = (resource: Read | undefined, element: string, type: ResourceType): Read | undefined => {
  const { reference = '' } = (resource?.[element] ?? {}) as { reference?: string };
  const [named = '', id = ''] = reference.split('/');
  return named === type ? (current.get(`${named}/${id}`) as Read | undefined) : undefined;
};
const referring = (to: Read, type: ResourceType, element: string): Read[] =>
  [...current.values()]
    .filter((r) => r.resourceType === type)
    .map((r) => r as unknown as Read)
    .filter((r) => follow(r, element, to['resourceType'] as ResourceType) === to);
const nameOf = (o: Read | undefined, start: string): boolean =>
  typeof o?.['name'] === 'string' && o['name'].toLowerCase().startsWith(start);
const codeOf = (o: Read): string => (o['code'] as { coding?: { code?: string }[] }).coding?.[0]?.code ?? '';

type Case = readonly [string, string, (resource: Read) => boolean];
const ofPatient: Case[] = [
  ['gender', 'male', (r) => r['gender'] === 'male'],
  ['gender:not', 'male', (r) => r['gender'] !== 'male'],
  ['organization.name', 'al', (r) => nameOf(follow(r, 'managingOrganization', 'Organization'), 'al')],
  [
    'organization.partof.name',
    'bir',
    (r) => nameOf(follow(follow(r, 'managingOrganization', 'Organization'), 'partOf', 'Organization'), 'bir'),
  ],
  ['organization:missing', 'true', (r) => r['managingOrganization'] === undefined],
  [
    '_has:Observation:patient:code',
    'http://c|x',
    (r) => referring(r, 'Observation', 'subject').some((o) => codeOf(o) === 'x'),
  ],
  [
    '_has:Encounter:patient:_has:Observation:encounter:code',
    'y',
    (r) =>
      referring(r, 'Encounter', 'subject').some((e) =>
        referring(e, 'Observation', 'encounter').some((o) => codeOf(o) === 'y'),
      ),
  ],
  [
    '_has:Encounter:patient:service-provider.name',
    'cedar',
    (r) =>
      referring(r, 'Encounter', 'subject').some((e) =>
        nameOf(follow(e, 'serviceProvider', 'Organization'), 'cedar'),
      ),
  ],
  ['family', 'as', (r) => (r['name'] as { family: string }[])[0]?.family === 'Ash'],
];
const ofObservation: Case[] = [
  ['code', 'x,z', (r) => ['x', 'z'].includes(codeOf(r))],
  ['patient.gender', 'female', (r) => follow(r, 'subject', 'Patient')?.['gender'] === 'female'],
  [
    'subject:Patient.organization.name',
    'birch',
    (r) => nameOf(follow(follow(r, 'subject', 'Patient'), 'managingOrganization', 'Organization'), 'birch'),
  ],
  ['encounter.status', 'finished', (r) => follow(r, 'encounter', 'Encounter')?.['status'] === 'finished'],
  [
    'encounter.patient.gender',
    'other',
    (r) => follow(follow(r, 'encounter', 'Encounter'), 'subject', 'Patient')?.['gender'] === 'other',
  ],
  [
    'encounter.patient:Patient._has:Observation:patient:code',
    'z',
    (r) => {
      const p = follow(follow(r, 'encounter', 'Encounter'), 'subject', 'Patient');
      return p !== undefined && referring(p, 'Observation', 'subject').some((o) => codeOf(o) === 'z');
    },
  ],
  ['value-quantity', 'gt6', (r) => (r['valueQuantity'] as { value: number }).value > 6],
  [
    'code-value-quantity',
    'http://c|x$lt5,y$gt8',
    (r) => {
      const { value } = r['valueQuantity'] as { value: number };
      return (codeOf(r) === 'x' && value < 5) || (codeOf(r) === 'y' && value > 8);
    },
  ],
  ['code:text', 'heart', (r) => (r['code'] as { text: string }).text === 'Heart rate'],
  ['_content', 'heart', (r) => (r['code'] as { text: string }).text === 'Heart rate'],
  [
    'patient',
    'p3,p6,p9,p1,p2,p4,p7,p8,p10,p11',
    (r) =>
      !['p0', 'p5', 'p12'].includes((r['subject'] as { reference: string }).reference.split('/')[1] ?? ''),
  ],
  [
    '_filter',
    'code eq x or not (patient.gender eq male)',
    (r) => codeOf(r) === 'x' || follow(r, 'subject', 'Patient')?.['gender'] !== 'male',
  ],
];

const searches = fc.oneof(
  fc.tuple(fc.constant('Patient' as const), fc.subarray(ofPatient, { minLength: 1, maxLength: 3 })),
  fc.tuple(fc.constant('Observation' as const), fc.subarray(ofObservation, { minLength: 1, maxLength: 3 })),
);
const orders = [
  [],
  ['_sort', '-_lastUpdated'],
  ['_sort', '_id'],
  ['_sort', 'gender'],
  ['_sort', '-code'],
  ['_sort', 'value-quantity'],
];

describe.each([1, 4, 2000])('when %i rows are few', (few) => {
  let store: Store;
  beforeAll(async () => {
    store = await openStore('sqlite::memory:', { now: () => new Date().toISOString(), few });
    await store.transaction(async (tx) => {
      for (const one of world) await tx.put(structuredClone(one));
      for (const name of gone) {
        const [type, id] = name.split('/') as [ResourceType, string];
        await tx.delete(type, id);
      }
    });
  });
  afterAll(() => store.close());

  test('whatever the plan, a search finds what a naive reading finds, in pages, with its total', async () => {
    await fc.assert(
      fc.asyncProperty(
        searches,
        fc.constantFrom(...orders),
        fc.integer({ min: 1, max: 30 }),
        async ([type, cases], order, count) => {
          const expected = [...current.values()]
            .filter(
              (r) => r.resourceType === type && cases.every(([, , holds]) => holds(r as unknown as Read)),
            )
            .map(({ id }) => id);
          const [name = '', value = ''] = order;
          const known =
            name === '' ||
            value.startsWith('_') ||
            value.startsWith('-_') ||
            (type === 'Patient') === (value === 'gender');
          const pairs = [
            ...cases.map(([code, text]) => [code, text] as const),
            ...(known && name !== '' ? [[name, value] as const] : []),
            ['_count', String(count)] as const,
            ['_total', 'accurate'] as const,
          ];
          const ids: string[] = [];
          for (let cursor: string | undefined; ;) {
            const page = await store.search({
              ...parsePairs(type, pairs),
              ...(cursor === undefined ? {} : { cursor }),
            });
            expect({ pairs, total: page.total }).toEqual({ pairs, total: expected.length });
            ids.push(...page.matches.map(({ id }) => id));
            cursor = page.next;
            if (cursor === undefined) break;
          }
          expect({ pairs, ids: [...ids].sort() }).toEqual({ pairs, ids: [...expected].sort() });
          if (!pairs.some(([code]) => code === '_sort'))
            expect({ pairs, ids }).toEqual({ pairs, ids: expected });
        },
      ),
      { numRuns: 250 },
    );
  });

  test.each([1, 2, 7, 20, 49])('a chain of %i links is answered', async (links) => {
    const chain = `${Array.from({ length: links }, () => 'partof').join('.')}.name`;
    const page = await store.search(parsePairs('Organization', [[chain, 'a,b,c']]));
    const expected = ['o3', 'o4', 'o5'].filter((_, i) => (links === 1 ? i !== 1 : links === 2 && i === 2));
    expect(page.matches.map(({ id }) => id)).toEqual(expected);
  });
});
