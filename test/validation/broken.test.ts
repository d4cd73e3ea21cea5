import { expect, test } from '@jest/globals';
import { codeOfIssue } from '../../src/outcome/issue.ts';
import { validateResource } from '../../src/validation/validate.ts';
import { sampleOf, type Sample, type Site } from './sample.ts';

/** Values that each primitive type must refuse; the code of the refusal follows from the JSON type. */
const broken: Readonly<Record<string, readonly unknown[]>> = {
  base64Binary: ['abc', 'a=bc', '????', 1],
  boolean: ['true', 1, 0],
  canonical: ['a b', '', 1],
  code: [' a', 'a  b', 'a ', '', 1],
  date: [
    '31/12/1980',
    '2026-02-29',
    '2026-13-01',
    '2026-1-1',
    '0000-01-01',
    '2026-04-31',
    '2026-01-01T00:00:00Z',
    20260101,
  ],
  dateTime: [
    '2026-02-30',
    '2026-01-01T10:00Z',
    '2026-01-01T10:00:00',
    '2026-01-01T24:00:00Z',
    '2026-01-01 10:00:00Z',
    true,
  ],
  decimal: ['1.5', '1', true],
  id: ['a b', 'a_b', 'x'.repeat(65), '', 1],
  instant: ['2026-01-01', '2026-02-29T00:00:00Z', '2026-01-01T00:00:00', 1],
  integer: [1.5, 2_147_483_648, -2_147_483_649, '1'],
  markdown: ['', 1],
  oid: ['1.2.3', 'urn:oid:3.1', 'urn:oid:1.02'],
  positiveInt: [0, -1, 1.5, 2_147_483_648, '1'],
  string: ['', 1, false],
  time: ['10:00', '24:00:00', '10:00:00Z', 10],
  unsignedInt: [-1, 0.5, '0'],
  uri: ['a b', '', 1],
  url: ['http://example.org/a b', '', 1],
  uuid: ['c757873d-ec9a-4326-a141-556f43239520', 'urn:uuid:C757873D-EC9A-4326-A141-556F43239520'],
  xhtml: ['a', '<p>a</p>', '', 1],
};

const types = [
  'Patient',
  'Coverage',
  'Encounter',
  'Claim',
  'ClaimResponse',
  'ExplanationOfBenefit',
  'Invoice',
];

function holderOf(resource: Sample, steps: Site['steps']): Record<string, unknown> {
  let at: unknown = resource;
  for (const step of steps) at = (at as Record<string | number, unknown>)[step];
  return at as Record<string, unknown>;
}

/** What is said of the sample while one thing is changed: code and expression of each issue. */
function told(resource: Sample, site: Site, change: (holder: Record<string, unknown>) => void): string[] {
  const holder = holderOf(resource, site.steps);
  const before = { ...holder };
  change(holder);
  const issues = validateResource(resource);
  for (const key of Object.keys(holder)) if (!(key in before)) Reflect.deleteProperty(holder, key);
  Object.assign(holder, before);
  return issues.map((i) => `${codeOfIssue(i) ?? '?'} ${i.expression?.join() ?? ''}`);
}

test.each(types)('a %s with every element of its official definition is accepted', (type) => {
  const { resource, sites } = sampleOf(type);
  expect(validateResource(resource)).toEqual([]);
  expect(sites.length).toBeGreaterThan(80);
});

test.each(types)('%s: each required element that is missing is named, and nothing else', (type) => {
  const { resource, sites } = sampleOf(type);
  const required = sites.filter((s) => s.required);
  for (const site of required)
    expect(told(resource, site, (holder) => Reflect.deleteProperty(holder, site.key))).toEqual(
      expected(site, resource, `missing-element ${site.missing}`),
    );
  expect(required.length).toBeGreaterThanOrEqual(type === 'Patient' ? 3 : 1);
});

/** A holder that had only this element is then empty as well. */
function expected(site: Site, resource: Sample, fault: string): string[] {
  const left = Object.keys(holderOf(resource, site.steps)).length - 1;
  return left > 0 ? [fault] : [`empty-element ${fault.split(' ')[1]?.replace(/\.[^.]+$/, '') ?? ''}`, fault];
}

test.each(types)('%s: each broken primitive is refused where it stands', (type) => {
  const { resource, sites } = sampleOf(type);
  let count = 0;
  for (const [i, site] of sites.entries()) {
    const values = broken[site.type] ?? [];
    const first = sites.findIndex((s) => s.type === site.type) === i; // every value there, one in turn elsewhere
    for (const value of first ? values : values.slice(i % values.length).slice(0, 1)) {
      const sort = site.bound && typeof value === 'string' ? 'unknown-code' : codeOf(site.type, value);
      const change = (holder: Record<string, unknown>): void =>
        void (holder[site.key] = site.list ? [value] : value);
      expect(told(resource, site, change)).toEqual([`${sort} ${site.expression}`]);
      count += 1;
    }
  }
  expect(count).toBeGreaterThan(90);
});

function codeOf(type: string, value: unknown): string {
  const numeric = ['decimal', 'integer', 'positiveInt', 'unsignedInt'].includes(type);
  const json = type === 'boolean' ? 'boolean' : numeric ? 'number' : 'string';
  if (typeof value !== json) return 'wrong-type';
  return value === '' ? 'empty-element' : 'wrong-format';
}

test.each(types)('%s: a code outside a required binding is refused', (type) => {
  const { resource, sites } = sampleOf(type);
  const bound = sites.filter((s) => s.bound);
  for (const site of bound) {
    const change = (holder: Record<string, unknown>): void =>
      void (holder[site.key] = site.list ? ['nope'] : 'nope');
    expect(told(resource, site, change)).toEqual([`unknown-code ${site.expression}`]);
  }
  expect(bound.map((s) => s.expression)).toContain(type === 'Patient' ? 'Patient.gender' : `${type}.status`);
});

test.each(types)('%s: one element is no list, and a list is no single element', (type) => {
  const { resource, sites } = sampleOf(type);
  const each = new Map(sites.map((s) => [s.defined, s])).values(); // an element of a data type once
  for (const site of each) {
    const flip = (holder: Record<string, unknown>): void => {
      const value = holder[site.key];
      holder[site.key] = site.list ? (value as unknown[])[0] : [value];
    };
    expect(told(resource, site, flip)).toEqual([
      `wrong-cardinality ${site.expression.replace(/\[0\]$/, '')}`,
    ]);
  }
});

test.each(types)('%s: an element that R4 does not have is refused at every level', (type) => {
  const { resource, sites } = sampleOf(type);
  const levels = new Map(sites.map((s) => [s.missing.replace(/\.[^.]+$/, ''), s]));
  for (const [path, site] of levels)
    expect(told(resource, site, (holder) => (holder['shoeSize'] = 1))).toEqual([
      `unknown-element ${path}.shoeSize`,
    ]);
  expect(levels.size).toBeGreaterThan(10);
});
