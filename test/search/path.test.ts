import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { evalFhirPath } from '@medplum/core';
import type { Resource, ResourceType } from '@medplum/fhirtypes';
import { resourceTypes } from '../../src/datatypes/resourceType.ts';
import { choices } from '../../src/search/parameter.ts';
import { shipped } from '../../src/search/registry.ts';
import { compilePath } from '../../src/search/path.ts';

const folder = new URL('../../node_modules/hl7.fhir.r4.examples/', import.meta.url);
const all = resourceTypes.flatMap((type) => [...shipped.parametersOf(type).values()]);

/** What an expression selects, by our own compiler. */
function selected(expression: string, resource: Resource): unknown[] {
  const found: unknown[] = [];
  compilePath(expression, choices, (value) => found.push(value))(resource);
  return found;
}

/** Official examples of a type, small ones first, at most `count`. */
function examples(type: ResourceType, count: number): Resource[] {
  const texts = names.filter((name) => name.startsWith(`${type}-`)).slice(0, count * 2);
  const read = texts.map((name) => readFileSync(new URL(name, folder), 'utf8'));
  return read
    .sort((a, b) => a.length - b.length)
    .slice(0, count)
    .map((text) => JSON.parse(text) as Resource);
}
const names = readdirSync(folder).filter((name) => /^[A-Z].*\.json$/.test(name));

test('every search parameter of R4 and every one of ours compiles', () => {
  expect(all.length).toBeGreaterThan(2400);
  for (const { expression } of all)
    expect(() => compilePath(expression, choices, () => undefined)).not.toThrow();
});

test('an expression outside of what search uses is refused, not misread', () => {
  for (const expression of [
    'Patient.name.first()',
    'Patient.name +',
    'Patient.name.given as string',
    "Patient.name.where(use='x'",
  ])
    expect(() => compilePath(expression, choices, () => undefined)).toThrow(
      /search expression|no type of a choice/,
    );
});

test('what is compared with nothing is neither kept nor left out for it', () => {
  const patient: Resource = {
    resourceType: 'Patient',
    name: [{ given: ['None'] }, { use: 'old', given: ['Old'] }, { use: 'usual', given: ['Usual'] }],
  };
  for (const [test, kept] of [
    ["use != 'old'", ['Usual']],
    ["use = 'old'", ['Old']],
    ["use != 'old' and given != 'Usual'", []],
    ['given != family', []],
    ["given = 'None' and use.exists() = false", ['None']],
  ] as const) {
    const expression = `Patient.name.where(${test}).given`;
    expect(evalFhirPath(expression, patient)).toEqual(kept);
    expect(selected(expression, patient)).toEqual(kept);
  }
  expect(selected('Patient.active != false', patient)).toEqual([]);
});

/**
 * What the other engine selects. In FHIRPath proper `as` takes one value only, where search expressions mean ofType;
 * and its union drops quantities that differ in their comparator only, so the parts are asked one by one.
 */
const theEngines = (expression: string, resource: Resource): unknown[] =>
  expression
    .replaceAll('Resource.', `${resource.resourceType}.`)
    .replaceAll(/\(([A-Za-z.]+) as ([A-Za-z]+)\)/g, '$1.ofType($2)')
    .replaceAll('.as(', '.ofType(')
    .split(' | ')
    .flatMap((part) => evalFhirPath(part, resource));

/** Its resolve() knows the type of relative references only; ours reads it from the URL. */
const isAbsolute = (expression: string, value: unknown): boolean =>
  expression.includes('resolve()') && /^https?:/.test((value as { reference?: string }).reference ?? '');

const sorted = (values: unknown[]): string =>
  [...new Set(values.map((v) => JSON.stringify(v)))].sort().join();

describe('against an independent FHIRPath engine', () => {
  let compared = 0;
  test('every expression selects the same in the official examples', () => {
    const differences: string[] = [];
    for (const type of resourceTypes) {
      for (const resource of examples(type, 60)) {
        for (const { code, expression } of shipped.parametersOf(type).values()) {
          const theirs = theEngines(expression, resource);
          const ours = selected(expression, resource).filter((value) => !isAbsolute(expression, value));
          if (sorted(ours) !== sorted(theirs))
            differences.push(`${type}/${resource.id ?? ''} ${code}: ${expression}`);
          if (ours.length > 0) compared++;
        }
      }
    }
    expect(differences).toEqual([]);
    expect(compared).toBeGreaterThan(5000);
  });
});
