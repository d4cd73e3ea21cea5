import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Resource } from '@medplum/fhirtypes';
import { profileFaults } from '../profile/check.ts';
import { c4bb, c4bbUrl, usCore } from '../profile/guide.ts';
import { usCoreProfileOf } from '../profile/usCoreProfile.ts';
import { openShipped, type Asked } from './conformancePractice.ts';
import { chartTypes } from './usCoreGroups.ts';

/** Every resource of the demo, after its road, against C4BB 2.0.0 and US Core 3.1.1 as they are published. */
let asked: Asked;
beforeAll(async () => {
  asked = await openShipped('demo');
});
afterAll(() => asked.server.close());

const all = (type: string): Promise<Resource[]> => asked.search(`${type}?_count=500`);
const claimed = (r: Resource): string[] =>
  (r.meta?.profile ?? []).filter((p) => p.startsWith(c4bbUrl(''))).map((p) => p.split('|')[0] ?? '');

test.each(['ExplanationOfBenefit', 'Coverage', 'Patient', 'Organization', 'Practitioner', 'RelatedPerson'])(
  'Done 3: every %s of the demo keeps to the C4BB profile it claims',
  async (type) => {
    const found = (await all(type)).filter((r) => claimed(r).length > 0);
    expect(found.length).toBeGreaterThan(0);
    for (const r of found)
      for (const url of claimed(r)) expect([r.id, profileFaults(c4bb(), url, r)]).toEqual([r.id, []]);
  },
);

test('Done 3: every explanation, and all it names, claims a C4BB profile', async () => {
  const explanations = await all('ExplanationOfBenefit');
  expect(explanations.filter((r) => claimed(r).length === 0)).toEqual([]);
  const text = JSON.stringify(explanations);
  for (const type of ['Coverage', 'Patient', 'Organization', 'Practitioner', 'RelatedPerson']) {
    const named = (await all(type)).filter((r) => text.includes(`"${type}/${r.id ?? ''}"`));
    expect(named.filter((r) => claimed(r).length === 0).map(({ id }) => id)).toEqual([]);
  }
});

test('Done 3: every resource of the demo keeps to its US Core 3.1.1 profile', async () => {
  const guide = usCore('3.1.1');
  let seen = 0;
  for (const type of chartTypes)
    for (const r of await all(type)) {
      const url = usCoreProfileOf(guide, r);
      if (url === undefined) continue;
      seen += 1;
      expect([type, r.id, profileFaults(guide, url, r)]).toEqual([type, r.id, []]);
    }
  expect(seen).toBeGreaterThan(50);
});
