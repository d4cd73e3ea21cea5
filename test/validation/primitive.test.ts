import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { primitives } from '../../src/validation/primitive.ts';
import { snapshotOf } from './official.ts';
import { sound } from './sample.ts';

const names = Object.keys(primitives);

/** The pattern that the official definition gives for the value of a primitive type. */
function officialPattern(name: string): string | undefined {
  const value = snapshotOf(name).find((e) => e.path === `${name}.value`);
  return value?.type?.[0]?.extension?.find((x) => x.url.endsWith('/regex'))?.valueString;
}

const numeric = (name: string): boolean => primitives[name]?.json === 'number';

test('every primitive type of R4 is known', () => {
  expect(names).toEqual(Object.keys(sound));
  expect(names).toHaveLength(20);
});

test.each(names)('a sound %s is accepted, and so is what the official pattern makes of it', (name) => {
  expect(primitives[name]?.is(sound[name])).toBe(true);
  const pattern = officialPattern(name);
  if (pattern !== undefined)
    expect(JSON.stringify(sound[name]).replaceAll('"', '')).toMatch(new RegExp(`^(?:${pattern})$`));
});

const patterned = names.filter(
  (name) => officialPattern(name) !== undefined && !numeric(name) && name !== 'boolean',
);

test.each(patterned)('%s: nothing is accepted that the official pattern refuses', (name) => {
  const pattern = new RegExp(`^(?:${officialPattern(name) ?? ''})$`);
  const near = fc.stringMatching(pattern);
  const text = fc.oneof(
    near,
    fc.string(),
    fc.tuple(near, fc.string({ maxLength: 2 })).map((t) => t.join('')),
  );
  fc.assert(fc.property(text, (value) => primitives[name]?.is(value) !== true || pattern.test(value)));
});

const exact = ['id', 'oid', 'uuid', 'time', 'code', 'string'];

test.each(exact)('%s: whatever the official pattern makes is accepted', (name) => {
  const pattern = new RegExp(`^(?:${officialPattern(name) ?? ''})$`);
  // the pattern of string lets control characters through, which R4's text refuses
  const made = fc
    .stringMatching(pattern)
    .filter((value) => value.length > 0 && !/[^\t\n\r\P{C}]/u.test(value));
  fc.assert(fc.property(made, (value) => primitives[name]?.is(value) === true));
});

test('a day is accepted exactly when the calendar has it', () => {
  const part = fc.integer({ min: 1, max: 31 });
  const year = fc.integer({ min: 1, max: 9999 });
  fc.assert(
    fc.property(year, fc.integer({ min: 1, max: 12 }), part, (y, m, d) => {
      const text = `${String(y).padStart(4, '0')}-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}`;
      const real = new Date(`${text}T00:00:00Z`);
      const exists = !Number.isNaN(real.getTime()) && real.toISOString().startsWith(text);
      return (
        primitives['date']?.is(text) === exists && primitives['instant']?.is(`${text}T00:00:00Z`) === exists
      );
    }),
  );
});

test.each([
  ['date', '2024-02-29', true],
  ['date', '1900-02-29', false],
  ['date', '2000-02-29', true],
  ['dateTime', '2026', true],
  ['dateTime', '2026-01-01T23:59:60Z', true],
  ['dateTime', '2026-01-01T10:00:00+14:00', true],
  ['dateTime', '2026-01-01T10:00:00+14:01', false],
  ['integer', -2_147_483_648, true],
  ['decimal', Number.POSITIVE_INFINITY, false],
  ['decimal', 1e300, true],
  ['string', 'x'.repeat(1024 * 1024), true],
  ['string', 'x'.repeat(1024 * 1024 + 1), false],
  ['string', 'a\tb\r\nc', true],
  ['string', 'a\u0000b', false],
  ['markdown', 'a\u001Bb', false],
  ['code', 'a\u0007', false],
  ['string', 'a\uD83D', false],
  ['string', '\u{1F600}', true],
  ['xhtml', '<div>\u0001</div>', false],
  ['base64Binary', 'aGVs\nbG8=', true],
  ['base64Binary', 'A'.repeat(4_000_000), true],
  ['base64Binary', '=AAA', false],
  ['xhtml', `<div>${'x'.repeat(2 * 1024 * 1024)}</div>`, true],
] as const)('%s: %s is accepted: %s', (name, value, accepted) => {
  expect(primitives[name]?.is(value)).toBe(accepted);
});
