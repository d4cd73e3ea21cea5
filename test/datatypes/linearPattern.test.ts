import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { linearPattern } from '../../src/datatypes/linearPattern.ts';

const sign = fc.constantFrom(
  'a',
  '.',
  '[ab]',
  '[^a]',
  String.raw`\w`,
  String.raw`[\]a]`,
  String.raw`\x61`,
  'b',
);
const count = fc
  .tuple(fc.nat(40), fc.nat(40), fc.constantFrom('', '?'), fc.nat(2))
  .map(([from, more, lazy, kind]) =>
    kind === 0 ? `{${from}}${lazy}` : kind === 1 ? `{${from},}${lazy}` : `{${from},${from + more}}${lazy}`,
  );
const part = fc
  .tuple(sign, fc.oneof(fc.constant(''), fc.constant('+'), count))
  .map((parts) => parts.join(''));
const pattern = fc
  .tuple(fc.array(part, { minLength: 1, maxLength: 4 }), fc.boolean(), fc.boolean())
  .map(([parts, from, to]) => `${from ? '^' : ''}(${parts.join('')})${to ? '$' : ''}`);

test('a linear pattern finds what the usual engine finds, also with long counts', () => {
  const text = fc.array(fc.constantFrom('a', 'b', ']', '!'), { maxLength: 90 }).map((all) => all.join(''));
  fc.assert(
    fc.property(pattern, text, (one, given) => {
      expect(linearPattern(one).exec(given)?.slice()).toEqual(new RegExp(one).exec(given)?.slice());
    }),
    { numRuns: 1000 },
  );
});

test.each([
  ['^[A-Z]{1,20}$', 'ABCDEFGHIJKLMNOPQRST', true],
  ['^[A-Z]{1,20}$', 'ABCDEFGHIJKLMNOPQRSTU', false],
  [String.raw`^\d{18,}$`, '1'.repeat(18), true],
  [String.raw`^\x41{17}$`, 'A'.repeat(17), true],
  ['^(a+)+$', `${'a'.repeat(60)}!`, false],
])('%s on %s: %s', (one, text, expected) => {
  expect(linearPattern(one).test(text)).toBe(expected);
});

test.each(['(?=a)b', String.raw`(a)\1`, '(', 'a{2000}', '(ab){20}'])(
  'what cannot be matched in linear time, or is no pattern, is refused: %s',
  (one) => {
    expect(() => linearPattern(one)).toThrow(SyntaxError);
  },
);
