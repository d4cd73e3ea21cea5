import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseExact } from '../../../src/datatypes/json.ts';
import { jsonPatch } from '../../../src/interaction/patch/jsonPatch.ts';
import { FhirError } from '../../../src/outcome/fhirError.ts';

const patched = (document: unknown, patch: unknown): string =>
  JSON.stringify(jsonPatch(parseExact(JSON.stringify(document)), parseExact(JSON.stringify(patch))));
const refused = (document: unknown, patch: unknown): unknown => {
  try {
    return patched(document, patch);
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    return [error.status, error.issue[0]?.details?.coding?.[0]?.code];
  }
};

/** The examples of RFC 6902, appendix A, and what its text says besides. */
describe('a JSON Patch', () => {
  test.each<[name: string, before: unknown, patch: object[], after: unknown]>([
    [
      'adds a member',
      { foo: 'bar' },
      [{ op: 'add', path: '/baz', value: 'qux' }],
      { foo: 'bar', baz: 'qux' },
    ],
    ['adds an element', { a: ['x', 'z'] }, [{ op: 'add', path: '/a/1', value: 'y' }], { a: ['x', 'y', 'z'] }],
    ['adds at the end', { a: ['x'] }, [{ op: 'add', path: '/a/-', value: ['y'] }], { a: ['x', ['y']] }],
    ['adds at the length', { a: ['x'] }, [{ op: 'add', path: '/a/1', value: 'y' }], { a: ['x', 'y'] }],
    ['adds over what is there', { a: 1 }, [{ op: 'add', path: '/a', value: 2 }], { a: 2 }],
    ['removes a member', { a: 1, b: 2 }, [{ op: 'remove', path: '/a' }], { b: 2 }],
    ['removes an element', { a: [1, 2, 3] }, [{ op: 'remove', path: '/a/1' }], { a: [1, 3] }],
    ['replaces a value', { a: [1, 2] }, [{ op: 'replace', path: '/a/1', value: null }], { a: [1, null] }],
    ['replaces the whole', { a: 1 }, [{ op: 'replace', path: '', value: { b: 2 } }], { b: 2 }],
    [
      'moves a value',
      { a: { b: 1 }, c: {} },
      [{ op: 'move', from: '/a/b', path: '/c/d' }],
      { a: {}, c: { d: 1 } },
    ],
    ['moves an element', { a: [1, 2, 3] }, [{ op: 'move', from: '/a/0', path: '/a/2' }], { a: [2, 3, 1] }],
    ['moves to itself', { a: 1 }, [{ op: 'move', from: '/a', path: '/a' }], { a: 1 }],
    ['copies a value', { a: [1] }, [{ op: 'copy', from: '/a', path: '/b' }], { a: [1], b: [1] }],
    [
      'tests alike',
      { a: { x: 1, y: [2] } },
      [{ op: 'test', path: '/a', value: { y: [2], x: 1 } }],
      { a: { x: 1, y: [2] } },
    ],
    [
      'reads escapes',
      { '~1': 0, 'a/b': 1 },
      [
        { op: 'remove', path: '/~01' },
        { op: 'remove', path: '/a~1b' },
      ],
      {},
    ],
    ['ignores other members', { a: 1 }, [{ op: 'remove', path: '/a', why: 'x' }], {}],
    ['takes an empty name', { '': 1 }, [{ op: 'replace', path: '/', value: 2 }], { '': 2 }],
  ])('%s', (_name, before, patch, after) => {
    expect(JSON.parse(patched(before, patch))).toEqual(after);
  });

  test('keeps every decimal as it is written, also what it puts in', () => {
    const before = parseExact('{"a":1.00,"b":{"c":1e2}}');
    const patch = parseExact(
      '[{"op":"move","from":"/b/c","path":"/d"},{"op":"add","path":"/e","value":[0.10]},{"op":"test","path":"/a","value":1}]',
    );
    expect(JSON.stringify(jsonPatch(before, patch))).toBe('{"a":1.00,"b":{},"d":1e2,"e":[0.10]}');
  });

  test('puts a copy in, which a later operation changes alone', () => {
    const patch = [
      { op: 'add', path: '/a', value: { x: 1 } },
      { op: 'copy', from: '/a', path: '/b' },
      { op: 'add', path: '/b/x', value: 2 },
    ];
    expect(JSON.parse(patched({}, patch))).toEqual({ a: { x: 1 }, b: { x: 2 } });
  });

  test.each<[name: string, patch: unknown, status: number]>([
    ['that is no list', {}, 400],
    ['of something else', ['a'], 400],
    ['of another operation', [{ op: 'merge', path: '/a' }], 400],
    ['without path', [{ op: 'remove' }], 400],
    ['whose path is no pointer', [{ op: 'remove', path: 'a' }], 400],
    ['whose path has a bad escape', [{ op: 'remove', path: '/a~2' }], 400],
    ['without value', [{ op: 'add', path: '/a' }], 400],
    ['without from', [{ op: 'move', path: '/a' }], 400],
    ['that removes nothing', [{ op: 'remove', path: '/z' }], 422],
    ['that replaces nothing', [{ op: 'replace', path: '/z', value: 1 }], 422],
    ['that adds into nothing', [{ op: 'add', path: '/z/y', value: 1 }], 422],
    ['that adds into a value', [{ op: 'add', path: '/a/y', value: 1 }], 422],
    ['behind the end', [{ op: 'add', path: '/l/3', value: 1 }], 422],
    ['at a place with a zero in front', [{ op: 'add', path: '/l/01', value: 1 }], 422],
    ['that replaces the end', [{ op: 'replace', path: '/l/-', value: 1 }], 422],
    ['that moves into itself', [{ op: 'move', from: '/o', path: '/o/p' }], 422],
    ['whose test fails', [{ op: 'test', path: '/a', value: '1' }], 422],
    ['whose test finds nothing', [{ op: 'test', path: '/z', value: null }], 422],
    ['of what objects inherit', [{ op: 'test', path: '/__proto__', value: {} }], 422],
    [
      'that copies without end',
      Array.from({ length: 60 }, (_, i) => ({ op: 'copy', from: '', path: `/c${i}` })),
      422,
    ],
  ])('%s is refused', (_name, patch, status) => {
    const document = { a: 1, l: [1, 2], o: { p: 1 } };
    expect(refused(document, patch)).toEqual([status, status === 400 ? 'malformed-patch' : 'patch-failed']);
  });

  test('cannot reach what all objects share', () => {
    patched({ a: {} }, [{ op: 'add', path: '/__proto__', value: { polluted: true } }]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
const key = fc.constantFrom('a', 'b', '0', '~', '/');
const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json>(null, true, 1, 'x'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 3 }) as fc.Arbitrary<Json>,
  ),
})).value;
const path = fc.array(fc.oneof(key, fc.constantFrom('1', '-')), { maxLength: 3 });
const operation = fc.record({
  op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
  path,
  from: path,
  value: json,
});
type Generated = { op: string; path: string[]; from: string[]; value: Json };

const text = (parts: string[]): string =>
  parts.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** RFC 6902 once more, each operation making a new document; undefined where it fails. */
function naive(document: Json, { op, path: to, from, value }: Generated): Json | undefined {
  const at = (whole: Json, parts: string[]): Json | undefined =>
    parts.reduce<Json | undefined>((holder, part) => {
      if (Array.isArray(holder)) return /^(0|[1-9]\d*)$/.test(part) ? holder[Number(part)] : undefined;
      return typeof holder === 'object' && holder !== null && Object.keys(holder).includes(part)
        ? holder[part]
        : undefined;
    }, whole);
  const without = (whole: Json, parts: string[]): Json | undefined => {
    const [first = '', ...rest] = parts;
    if (at(whole, parts) === undefined || parts.length === 0) return undefined;
    if (Array.isArray(whole)) {
      const below = rest.length === 0 ? [] : [without(whole[Number(first)] as Json, rest) as Json];
      return [...whole.slice(0, Number(first)), ...below, ...whole.slice(Number(first) + 1)];
    }
    const { [first]: below, ...others } = whole as { [key: string]: Json };
    return rest.length === 0 ? others : { ...others, [first]: without(below as Json, rest) as Json };
  };
  const having = (whole: Json, parts: string[], item: Json): Json | undefined => {
    const [first = '', ...rest] = parts;
    if (parts.length === 0) return item;
    const below = rest.length === 0 ? item : undefined;
    if (Array.isArray(whole)) {
      if (rest.length === 0) {
        const index = first === '-' ? whole.length : /^(0|[1-9]\d*)$/.test(first) ? Number(first) : Infinity;
        return index <= whole.length ? [...whole.slice(0, index), item, ...whole.slice(index)] : undefined;
      }
      const next = at(whole, [first]);
      const made = next === undefined ? undefined : having(next, rest, item);
      return made === undefined ? undefined : whole.map((w, i) => (i === Number(first) ? made : w));
    }
    if (typeof whole !== 'object' || whole === null) return undefined;
    const next = at(whole, [first]);
    const made =
      below ?? (rest.length === 0 ? item : next === undefined ? undefined : having(next, rest, item));
    return made === undefined ? undefined : { ...whole, [first]: made };
  };
  const ordered = (item: unknown): string =>
    JSON.stringify(item, (_k, v: unknown) =>
      typeof v === 'object' && v !== null && !Array.isArray(v)
        ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
        : v,
    );
  const [source, target] = [at(document, from), at(document, to)];
  switch (op) {
    case 'add':
      return having(document, to, value);
    case 'remove':
      return without(document, to);
    case 'replace': {
      if (target === undefined) return undefined;
      const left = to.length === 0 ? null : without(document, to);
      return left === undefined ? undefined : having(left, to, value);
    }
    case 'move': {
      if (source === undefined || (to.length > from.length && from.every((p, i) => p === to[i])))
        return undefined;
      const left = from.length === 0 ? null : without(document, from);
      return left === undefined ? undefined : having(left, to, source);
    }
    case 'copy':
      return source === undefined ? undefined : having(document, to, source);
    default:
      return target !== undefined && ordered(target) === ordered(value) ? document : undefined;
  }
}

test('a JSON Patch does what a plain reading of RFC 6902 does', () => {
  fc.assert(
    fc.property(json, operation, (document, one) => {
      const expected = naive(document, one);
      const patch = [{ ...one, path: text(one.path), from: text(one.from) }];
      const got = refused(document, patch);
      if (expected === undefined) expect(got).toEqual([422, 'patch-failed']);
      else expect(JSON.parse(got as string)).toEqual(expected);
    }),
    { numRuns: 2000 },
  );
});
