import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Bundle, OperationOutcome } from '@medplum/fhirtypes';
import { isBeyondTable } from '../conformance/oracle/amount.ts';
import { parts } from '../conformance/oracle/text.ts';
import { casesOf } from '../conformance/oracle/cases.ts';
import { definitions } from '../conformance/oracle/definitions.ts';
import { examples, fill } from '../conformance/oracle/exampleStore.ts';
import { chainCases, hasCases, linksOf } from '../conformance/oracle/linkCases.ts';
import { Oracle, type Pair } from '../conformance/oracle/oracle.ts';
import { runsOn } from '../runs.ts';
import { eachStore } from './eachStore.ts';
import { listen, type Listening } from './listening.ts';

/**
 * Generated searches, sound ones and broken ones, on a small store of official examples: never a fault of ours, and
 * what is found is what the oracle finds. A criterion that was ignored would find more.
 */
const types = [
  ...[
    'Patient',
    'Observation',
    'Encounter',
    'Organization',
    'Practitioner',
    'Location',
    'Condition',
    'Claim',
  ],
  ...[
    'ExplanationOfBenefit',
    'Coverage',
    'Procedure',
    'MedicationRequest',
    'RiskAssessment',
    'Group',
    'List',
  ],
  ...['Account', 'ChargeItem', 'Invoice', 'Immunization', 'DocumentReference', 'CarePlan', 'Substance'],
];

/** `ap` on dates asks what time it is. */
const today = '2030-01-01T00:00:00.000Z';

let server: Listening;
let oracle: Oracle;
let sound: readonly (readonly [type: string, pair: Pair])[];

const typeOf = (text: string): string => (JSON.parse(text) as { resourceType: string }).resourceType;

interface Searched {
  readonly status: number;
  readonly ids: readonly string[];
  readonly total?: number | undefined;
  readonly outcome?: OperationOutcome;
}

/** The matches of a search over all its pages. */
async function search(type: string, pairs: readonly Pair[], way: 'GET' | 'POST'): Promise<Searched> {
  const text = pairs
    .map((pair) => pair.map((part) => encodeURIComponent(part.toWellFormed())).join('='))
    .join('&');
  const path = `/fhir/${type}`;
  let answer =
    way === 'GET'
      ? await server.send('GET', `${path}?${text}`)
      : await server.send('POST', `${path}/_search`, text, {
          'content-type': 'application/x-www-form-urlencoded',
        });
  const ids: string[] = [];
  for (;;) {
    if (answer.status !== 200)
      return { status: answer.status, ids, outcome: JSON.parse(answer.text) as OperationOutcome };
    const bundle = JSON.parse(answer.text) as Bundle;
    for (const { search: how, resource } of bundle.entry ?? [])
      if (how?.mode === 'match') ids.push(resource?.id ?? '');
    const next = bundle.link?.find(({ relation }) => relation === 'next')?.url;
    if (next === undefined) return { status: 200, ids: ids.sort(), total: bundle.total };
    answer = await server.send('GET', next.slice(server.base.length - '/fhir'.length));
  }
}

const controls = fc.record({
  way: fc.constantFrom('GET' as const, 'POST' as const),
  more: fc.uniqueArray(
    fc.constantFrom<Pair>(
      ['_count', '3'],
      ['_total', 'accurate'],
      ['_sort', '-_lastUpdated'],
      ['_sort', '_id'],
      ['_include', '*'],
      ['_elements', 'id'],
    ),
    { maxLength: 2, selector: ([name]) => name },
  ),
});

const signs = [
  '$',
  '|',
  ',',
  '\\',
  '\\,',
  '\\|',
  '%',
  '+',
  '&',
  '"',
  "'",
  ' ',
  '\u0000',
  'é',
  'İ',
  '𝛼',
  '\uD800',
  '​',
];
const words = [
  '',
  'ge',
  'xx',
  '-',
  '1e400',
  'null',
  'true',
  'Patient/',
  'urn:',
  '2020-02-30',
  '*',
  '(',
  ')',
  '|',
];
const odd = fc.oneof(fc.constantFrom(...signs, ...words), fc.string({ maxLength: 4, unit: 'binary' }));
const modifiers = [
  'exact',
  'contains',
  'not',
  'text',
  'missing',
  'identifier',
  'of-type',
  'Patient',
  'x',
  '',
  'Exact',
];

/** A text with something put in, cut out or said twice. */
const broken = (text: string): fc.Arbitrary<string> =>
  fc.oneof(
    fc.tuple(fc.nat(text.length), odd).map(([at, sign]) => text.slice(0, at) + sign + text.slice(at)),
    fc.tuple(fc.nat(text.length), fc.nat(3)).map(([at, n]) => text.slice(0, at) + text.slice(at + n)),
    odd,
    fc.constant(`${text},${text}`),
  );

const brokenPair = ([name, value]: Pair): fc.Arbitrary<Pair> =>
  fc.oneof(
    broken(value).map((text): Pair => [name, text]),
    broken(name).map((text): Pair => [text, value]),
    fc.constantFrom(...modifiers).map((modifier): Pair => [`${name.split(':')[0] ?? ''}:${modifier}`, value]),
  );

/** A name that became one of those that are no criteria. */
const isControl = ([name]: Pair): boolean =>
  /^(_count|_sort|_total|_summary|_elements|_format|_pretty|_include|_revinclude|_explain|_type|_cursor)/.test(
    name,
  );

describe.each(eachStore('fuzz_search'))('on %s', (name, open) => {
  beforeAll(async () => {
    server = await listen({ store: await open(), now: () => today });
    const texts = examples(0).filter((text) => types.includes(typeOf(text)));
    const resources = await fill(server.context.store, texts);
    const { base } = server;
    oracle = new Oracle(resources, { base, now: Date.parse(today) });
    const single = types.flatMap((type) =>
      [...(definitions().get(type)?.values() ?? [])]
        .filter(({ kind }) => kind !== 'special')
        .flatMap((parameter) => casesOf(parameter, oracle.of(type), { base, values: 3 }))
        .map((pair) => [type, pair] as const),
    );
    const links = linksOf(oracle, types);
    const linked = links.flatMap((link) => [
      ...chainCases(link, links, base, 2).map((pair) => [link.source, pair] as const),
      ...hasCases(link, links, oracle, 2).map((pair) => [link.type, pair] as const),
    ]);
    sound = [...single, ...linked];
  }, 300_000);
  afterAll(() => server.close());
  const runs = runsOn(name, { usual: 1000, long: 10_000 });

  test('sound searches, alone and together, find what the oracle finds', async () => {
    const some = fc.nat().chain((n) => {
      const [type, pair] = sound[n % sound.length] ?? ['Patient', ['_id', 'x'] as const];
      const alike = sound.filter(([t]) => t === type).map(([, p]) => p);
      const further = fc.array(fc.constantFrom(...alike), { maxLength: 2 });
      return fc.record({ type: fc.constant(type), pairs: further.map((more) => [pair, ...more]), controls });
    });
    await fc.assert(
      fc.asyncProperty(some, async ({ type, pairs, controls: { way, more } }) => {
        const found = await search(type, [...pairs, ...more], way);
        const expected = oracle.search(type, pairs);
        expect([found.status, found.outcome?.issue[0]?.details?.text]).toEqual([200, undefined]);
        expect(found.ids).toEqual(expected);
        if (more.some(([name]) => name === '_total')) expect(found.total).toBe(expected.length);
      }),
      { numRuns: runs },
    );
  }, 1_800_000);

  test('broken searches are refused, or find what the oracle finds', async () => {
    const some = fc.nat().chain((n) => {
      const [type, pair] = sound[(n * 7919) % sound.length] ?? ['Patient', ['_id', 'x'] as const];
      return fc.record({ type: fc.constant(type), pair: brokenPair(pair), controls });
    });
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(some, async ({ type, pair, controls: { way } }) => {
        if (isControl(pair)) return;
        const found = await search(type, [pair], way);
        expect(found.status).toBeLessThan(500);
        if (found.status !== 200) {
          expect(found.outcome?.issue[0]?.details?.coding?.[0]?.code).toMatch(/^[a-z-]+$/);
          return;
        }
        if (parts(pair[1], ',').some(isBeyondTable)) return;
        answered += 1;
        expect(found.ids).toEqual(oracle.search(type, [[pair[0].toWellFormed(), pair[1].toWellFormed()]]));
      }),
      { numRuns: runs },
    );
    expect(answered).toBeGreaterThan(runs / 20);
  }, 1_800_000);
});
