import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { OperationOutcome, Resource } from '@medplum/fhirtypes';
import { casesOf, spread } from '../conformance/oracle/cases.ts';
import { definitions } from '../conformance/oracle/definitions.ts';
import { examples, fill, found } from '../conformance/oracle/exampleStore.ts';
import { Oracle } from '../conformance/oracle/oracle.ts';
import { runsOn } from '../runs.ts';
import { eachStore } from './eachStore.ts';
import { listen, type Listening } from './listening.ts';

/**
 * Resources with something broken in them, sent every way there is: refused with a reason, or stored and read back
 * equal; and what was stored is found as the oracle finds it.
 */
const types = [
  ...['Patient', 'Observation', 'Encounter', 'Organization', 'Claim', 'ExplanationOfBenefit', 'Coverage'],
  ...['Procedure', 'MedicationRequest', 'Account', 'Invoice', 'Immunization', 'Group', 'Questionnaire'],
];

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type Example = { [name: string]: Json } & { resourceType: string; id: string };

const all = examples(0).map((text) => JSON.parse(text) as Example);
const pool = types.flatMap((type) =>
  spread(
    all.filter(({ resourceType }) => resourceType === type),
    4,
  ),
);

let server: Listening;

/** Every place in a value, as the steps that lead there. */
function placesIn(value: Json, at: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return at.length > 0 ? [at] : [];
  const inner = Object.entries(value).flatMap(([key, item]) => placesIn(item, [...at, key]));
  return at.length > 0 ? [at, ...inner] : inner;
}

const values: readonly Json[] = [
  ...[
    null,
    '',
    ' ',
    'x',
    0,
    -1,
    1.5,
    1e21,
    true,
    [],
    {},
    [null],
    [[]],
    [{}],
    { id: 'a' },
    '2020-13-01',
    'é\u0000',
  ],
  ...['x'.repeat(70), 'Patient/p1', '#nobody', 'urn:uuid:x', 'http://', '|', '$', '\uD800'],
];
/** Another value of the same kind, which is often sound too. */
function alike(old: Json): Json {
  if (typeof old === 'string') return `${old}a`;
  if (typeof old === 'number') return old + 1;
  if (typeof old === 'boolean') return !old;
  return Array.isArray(old) ? old.toReversed() : old;
}
const change = fc.oneof(
  { weight: 5, arbitrary: fc.constant(alike) },
  fc.constantFrom(...values).map((value) => (): Json => value),
  fc.constant((): undefined => undefined),
  fc.constant((old: Json): Json => [old]),
  fc.constant((old: Json): Json => (Array.isArray(old) ? [...old, ...old] : { value: old })),
  fc.constant((old: Json): Json => (typeof old === 'string' ? old.toUpperCase() : JSON.stringify(old))),
);

/** A copy with one place changed, or taken out. */
function changed(
  example: Example,
  at: readonly (string | number)[],
  by: (old: Json) => Json | undefined,
): Example {
  const copy = structuredClone(example);
  let holder: Json = copy;
  for (const key of at.slice(0, -1)) holder = (holder as Record<string, Json>)[key] ?? null;
  const last = String(at.at(-1));
  const parent = holder as Record<string, Json>;
  const value = by(parent[last] ?? null);
  if (value === undefined) Reflect.deleteProperty(parent, last);
  else parent[last] = value;
  return copy;
}

const brokenResource = fc
  .record({ which: fc.nat(), where: fc.array(fc.tuple(fc.nat(), change), { minLength: 1, maxLength: 2 }) })
  .map(({ which, where }) => {
    const example = pool[which % pool.length] as Example;
    const resource = where.reduce((one, [place, by]) => {
      const places = placesIn(one);
      return changed(one, places[place % places.length] ?? ['id'], by);
    }, example);
    return { example, text: JSON.stringify(resource) };
  });

/** The text of a body, now and then broken itself. */
const textOf = (text: string): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constant(text) },
    { weight: 1, arbitrary: fc.nat(text.length).map((at) => text.slice(0, at)) },
    { weight: 1, arbitrary: fc.nat(text.length).map((at) => `${text.slice(0, at)}"${text.slice(at)}`) },
    { weight: 1, arbitrary: fc.constant(text.replace(/:"/, ':"\\ud800')) },
    { weight: 1, arbitrary: fc.constant(text.replace(/\d+\.\d+/, '1e999')) },
    { weight: 1, arbitrary: fc.constant(text.replace(/^\{/, '{"id":"twice",')) },
  );

const asSent = (text: string): unknown => {
  const { meta = {}, ...resource } = JSON.parse(text) as Resource;
  const rest = { ...meta };
  delete rest.versionId;
  delete rest.lastUpdated;
  return { ...resource, ...(Object.keys(rest).length > 0 ? { meta: rest } : {}) };
};

/** R4 has no empty elements: a patch takes out what it leaves empty. */
function withoutEmpty(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const inner = Object.entries(value)
    .map(([key, item]) => [key, withoutEmpty(item)] as const)
    .filter(([, item]) => item !== undefined);
  const list = inner.map(([, item]) => item);
  if (list.every((item) => item === null)) return undefined;
  return Array.isArray(value) ? list : Object.fromEntries(inner);
}

const headers = { 'content-type': 'application/fhir+json' };
type Way = (type: string, id: string, text: string) => ReturnType<Listening['send']>;
const ways: Readonly<Record<string, Way>> = {
  put: (type, id, text) => server.send('PUT', `/fhir/${type}/${id}`, text, headers),
  post: (type, _id, text) => server.send('POST', `/fhir/${type}`, text, headers),
  transaction: (type, id, text) => {
    const request = `"request":{"method":"PUT","url":"${type}/${id}"}`;
    const body = `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":${text},${request}}]}`;
    return server.send('POST', '/fhir', body, headers);
  },
  batch: (type, _id, text) => {
    const request = `"request":{"method":"POST","url":"${type}"}`;
    const body = `{"resourceType":"Bundle","type":"batch","entry":[{"resource":${text},${request}}]}`;
    return server.send('POST', '/fhir', body, headers);
  },
  patch: (type, id, text) => {
    const body = `[{"op":"replace","path":"","value":${text}}]`;
    return server.send('PATCH', `/fhir/${type}/${id}`, body, {
      'content-type': 'application/json-patch+json',
    });
  },
};

describe.each(eachStore('fuzz_body'))('on %s', (name, open) => {
  beforeAll(async () => {
    server = await listen({ store: await open() });
    await fill(
      server.context.store,
      pool.map((example) => JSON.stringify(example)),
    );
  });
  afterAll(() => server.close());
  const runs = runsOn(name, { usual: 2000, long: 20_000 });

  test('broken resources are refused, or stored and read back equal', async () => {
    let taken = 0;
    const some = brokenResource.chain(({ example, text }) =>
      fc.record({
        example: fc.constant(example),
        text: textOf(text),
        way: fc.constantFrom(...Object.keys(ways)),
      }),
    );
    await fc.assert(
      fc.asyncProperty(some, async ({ example: { resourceType: type, id }, text, way }) => {
        const answer = await ways[way]?.(type, id, text);
        expect(answer?.status).toBeLessThan(500);
        if (answer && answer.status >= 400) {
          const { issue } = JSON.parse(answer.text) as OperationOutcome;
          expect(issue[0]?.details?.coding?.[0]?.code).toMatch(/^[a-z0-9-]+$/);
        } else if (way === 'put' || way === 'patch' || way === 'transaction') {
          taken += 1;
          const read = await server.send('GET', `/fhir/${type}/${id}`);
          const expected = asSent(text);
          expect(asSent(read.text)).toEqual(way === 'patch' ? withoutEmpty(expected) : expected);
        }
      }),
      { numRuns: runs, endOnFailure: true },
    );
    expect(taken).toBeGreaterThan(runs / 20);
  }, 1_800_000);

  test('what was stored is found as the oracle finds it', async () => {
    const { store } = server.context;
    const stored: Resource[] = [];
    for (const type of types)
      for (const id of await found(store, type, [], { base: server.base }))
        stored.push(JSON.parse((await server.send('GET', `/fhir/${type}/${id}`)).text) as Resource);
    const asked = { base: server.base, now: Date.now() };
    const oracle = new Oracle(stored, asked);
    for (const type of types) {
      for (const parameter of definitions().get(type)?.values() ?? []) {
        if (parameter.kind === 'special') continue;
        for (const pair of spread(casesOf(parameter, oracle.of(type), { base: server.base, values: 2 }), 6))
          expect([type, pair, await found(store, type, [pair], asked)]).toEqual([
            type,
            pair,
            oracle.search(type, [pair]),
          ]);
      }
    }
  }, 600_000);
});
