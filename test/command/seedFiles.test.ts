import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Bundle, Resource } from '@medplum/fhirtypes';
import { readClock } from '../../src/command/seed/clock.ts';
import { seedFolder } from '../../src/command/seed/practice.ts';
import { seedFiles } from '../../src/command/seed.ts';
import { dateOf, daysBetween } from '../../src/datatypes/date.ts';
import { isNpi } from '../../src/datatypes/identifier.ts';
import { parseReference } from '../../src/datatypes/reference.ts';
import { system } from '../../src/terminology/system.ts';
import { validateResource } from '../../src/validation/validate.ts';
import { c4bbFaults } from '../conformance/c4bb.ts';

const bundles = seedFiles().map((name) => ({
  name,
  bundle: JSON.parse(readFileSync(new URL(name, seedFolder), 'utf8')) as Bundle,
}));
const resources = bundles.flatMap(({ bundle }) =>
  (bundle.entry ?? []).flatMap(({ resource }) => resource ?? []),
);
const text = JSON.stringify(resources);
const of = <T extends Resource>(type: T['resourceType']): T[] =>
  resources.filter((r): r is Resource & T => r.resourceType === type);

describe('the demo practice', () => {
  test.each(bundles)('$name is sound FHIR and puts every resource under its own id', ({ bundle }) => {
    expect(validateResource(bundle)).toEqual([]);
    expect(bundle.type).toBe('transaction');
    for (const { resource, request } of bundle.entry ?? []) {
      expect(request).toEqual({
        method: 'PUT',
        url: `${resource?.resourceType ?? ''}/${resource?.id ?? ''}`,
      });
    }
  });

  test('every reference names a resource of the practice', () => {
    const known = new Set(resources.map(({ resourceType, id }) => `${resourceType}/${id ?? ''}`));
    const mentioned = [...text.matchAll(/"reference":"([^"]+)"/g)].map(([, reference]) => reference ?? '');
    expect(mentioned.length).toBeGreaterThan(200);
    expect(
      mentioned.filter((reference) => parseReference(reference) === undefined || !known.has(reference)),
    ).toEqual([]);
  });

  test('every NPI passes its check digit and names one party', () => {
    const numbers = [...text.matchAll(/"http:\/\/hl7\.org\/fhir\/sid\/us-npi","value":"(\d+)"/g)].map(
      ([, n]) => n ?? '',
    );
    expect(numbers.length).toBe(7);
    expect(numbers.filter((number) => !isNpi(number))).toEqual([]);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  test('every address has a ZIP code of nine digits, every provider its tax number', () => {
    const codes = [...text.matchAll(/"postalCode":"([^"]+)"/g)].map(([, code]) => code ?? '');
    expect(codes.filter((code) => !/^\d{5}-\d{4}$/.test(code))).toEqual([]);
    const providers = of('Organization').filter(({ id }) => /alder|bellwater/.test(id ?? ''));
    expect(providers).toHaveLength(3);
    expect(providers.every((o) => JSON.stringify(o).includes(`"${system.taxId}"`))).toBe(true);
  });

  test('who says that a resource conforms to CARIN Blue Button 2.0.0 is right', () => {
    const claiming = resources.filter(
      ({ resourceType, meta }) =>
        resourceType !== 'RelatedPerson' && meta?.profile?.some((p) => p.includes('carin-bb')),
    );
    expect(claiming).toHaveLength(29);
    const faults = claiming.flatMap((resource) =>
      c4bbFaults({ ...resource, meta: { ...resource.meta, lastUpdated: '2026-01-01T00:00:00Z' } }),
    );
    expect(faults).toEqual([]);
  });

  test('the calendar has each story once, and its steps lie in the order of the road', () => {
    const clock = readClock();
    expect(clock.map(({ story }) => story)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    for (const { encounter, captured, claimed, answered, invoiced } of clock) {
      const visit = resources.find((r) => `${r.resourceType}/${r.id ?? ''}` === encounter);
      if (visit?.resourceType !== 'Encounter') throw new Error(`${encounter} is not charted`);
      const end = dateOf(visit.period?.end ?? '');
      expect([daysBetween(end, captured), daysBetween(end, claimed)]).toEqual([0, 1]);
      expect(answered.map((day, i) => daysBetween(answered[i - 1] ?? claimed, day))).toEqual(
        answered.map(() => 14),
      );
      expect(invoiced).toBe(answered.at(-1) ?? claimed);
    }
  });
});
