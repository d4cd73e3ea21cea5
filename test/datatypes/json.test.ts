import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keepPrecision, parseJson, toJson } from '../../src/datatypes/json.ts';

describe('JSON', () => {
  test.each([
    '{"value":1.00}',
    '{"value":0.0000001}',
    '{"value":1E-2,"code":"a"}',
    '{"value":-0}',
    '{"a":[1.0,2.50,3]}',
    '{"value":1.000000000000000000001}',
    '{"a":{"b":{"c":10.10}},"d":5}',
    '{"value":12345678901234567890}',
    '{"value": "1.00, 2.00"}'.replace(': ', ':'),
  ])('%s comes back as it came', (text) => {
    expect(toJson(parseJson(text))).toBe(text);
  });

  test('any decimal text comes back as it came, at any depth', () => {
    const decimal = fc
      .tuple(fc.integer(), fc.stringMatching(/^\d{1,12}$/), fc.constantFrom('', 'e5', 'E-3', 'e+2'))
      .map(([whole, part, power]) => `${whole}.${part}${power}`);
    const tree = fc.letrec((tie) => ({
      node: fc.oneof({ maxDepth: 4 }, decimal, fc.integer().map(String), tie('list'), tie('object')),
      list: fc.array(tie('node'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
      object: fc
        .array(tie('node'), { maxLength: 4 })
        .map((items) => `{${items.map((x, i) => `"k${i}":${String(x)}`).join(',')}}`),
    })).object;
    fc.assert(
      fc.property(tree, (text) => {
        expect(toJson(parseJson(text))).toBe(text);
      }),
      { numRuns: 1_000 },
    );
  });

  test('a changed number is written as it now is', () => {
    const resource = parseJson('{"value":1.00,"other":2.50}') as { value: number };
    resource.value = 3;
    expect(toJson(resource)).toBe('{"value":3,"other":2.50}');
  });

  test('a shallow copy can keep the decimals of the original', () => {
    const resource = parseJson('{"factorOverride":0.80,"q":{"value":2.0}}') as object;
    expect(toJson(keepPrecision(resource, { ...resource, id: '1' }))).toBe(
      '{"factorOverride":0.80,"q":{"value":2.0},"id":"1"}',
    );
  });
});
