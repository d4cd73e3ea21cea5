import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { resourceFaults } from '../../src/validation/fault.ts';
import { isSound } from '../../src/validation/structure.ts';
import { validateResource } from '../../src/validation/validate.ts';
import { runsOf } from '../runs.ts';
import { exampleNames, read } from './official.ts';

const started = [
  'Patient-',
  'Claim-',
  'ClaimResponse-',
  'ExplanationOfBenefit-',
  'Coverage-',
  'Questionnaire-',
  'Bundle-10',
];
const seeds = exampleNames()
  .filter((name) => started.some((start) => name.startsWith(start)))
  .map((name) => read<unknown>(name));

type Holder = Record<string, unknown>;

/** Walks down by random numbers to some object or list, and changes one of its members. */
function mutate(resource: unknown, way: readonly number[], value: unknown, key: string | undefined): unknown {
  const copy = structuredClone(resource);
  let at = copy as Holder;
  for (const turn of way) {
    const inner = Object.values(at).filter((v): v is Holder => typeof v === 'object' && v !== null);
    const next = inner[turn % Math.max(inner.length, 1)];
    if (!next) break;
    at = next;
  }
  const keys = Object.keys(at);
  const member = key ?? keys[(way[0] ?? 0) % Math.max(keys.length, 1)] ?? 'a';
  if (value === undefined) Reflect.deleteProperty(at, member);
  else Object.defineProperty(at, member, { value, enumerable: true, writable: true, configurable: true });
  return copy;
}

const oddKey = fc.constantFrom(
  'id',
  'extension',
  '_status',
  '_given',
  'resourceType',
  '__proto__',
  'valueString',
  '',
  'item',
  '0',
);
const value = fc.oneof(
  fc.constantFrom(undefined, null, '', [], {}, [null], 0, -1, 'a', true, '2026-02-30', {
    resourceType: 'Patient',
  }),
  fc.jsonValue({ maxDepth: 3 }),
);

test('whatever is done to an example, it is either accepted or refused with reasons; both halves always agree', () => {
  const counts = { accepted: 0, refused: 0 };
  fc.assert(
    fc.property(
      fc.nat(seeds.length - 1),
      fc.array(fc.nat(30), { maxLength: 6 }),
      value,
      fc.option(oddKey, { nil: undefined, freq: 3 }),
      (seed, way, put, key) => {
        const mutant = mutate(seeds[seed], way, put, key);
        const issues = validateResource(mutant); // throws when it refuses without a reason
        const told = resourceFaults(mutant, { path: 'Resource', depth: 0 }).toArray().length;
        counts[issues.length === 0 ? 'accepted' : 'refused'] += 1;
        return isSound(mutant) === (issues.length === 0) && (issues.length === 0) === (told === 0);
      },
    ),
    { numRuns: runsOf({ usual: 2_000, long: 50_000 }) },
  );
  expect(counts.accepted).toBeGreaterThan(20);
  expect(counts.refused).toBeGreaterThan(500);
});

test('no JSON value stops the validation', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (json) => validateResource(json).length > 0),
    { numRuns: 500 },
  );
});
