import type { TypedValue } from '@medplum/core';
import type { CodeableConcept, Resource } from '@medplum/fhirtypes';
import { casesOf } from './cases.ts';
import { definitions, elementsOf, type Definition } from './definitions.ts';
import type { Link } from './linkCases.ts';
import { isValue, type Oracle, type Pair } from './oracle.ts';
import { namedBy, referenceMeets } from './reference.ts';
import { bare, prefixed, textsOf } from './text.ts';
import { impliedSystems } from './impliedSystem.ts';
import { tokenMeets } from './token.ts';

/** A value of _filter, and what it means. See https://hl7.org/fhir/R4/search_filter.html */
export interface FilterCase {
  readonly text: string;
  readonly holds: (resource: Resource) => boolean;
}

const quoted = (text: string): string => `"${text}"`;
/** Escapes of a search value have no place in the tests: `\`, `"`, and what a list of alternatives is made of. */
const isPlain = (text: string): boolean => text !== '' && !/[\\",$]/.test(text);

/** Tests of one parameter, made from plain searches by it. */
export function filterCases(parameter: Definition, oracle: Oracle, values: number): FilterCase[] {
  const { code, kind, type } = parameter;
  const pairs = casesOf(parameter, oracle.of(type), { base: oracle.base, values });
  const plain = pairs.filter(([name, value]) => name === code && isPlain(value));
  const present: FilterCase[] = [true, false].map((is) => ({
    text: `${code} pr ${is}`,
    holds: (r) => oracle.hasValue(r, parameter) === is,
  }));
  const tests = plain.flatMap(([, value]) => testsOf(parameter, value, oracle));
  return kind === 'composite' || kind === 'special' ? tests : [...present, ...tests];
}

function testsOf(parameter: Definition, value: string, oracle: Oracle): FilterCase[] {
  const { code, kind } = parameter;
  const test = (operator: string, text: string, holds: FilterCase['holds']): FilterCase => ({
    text: `${code} ${operator} ${quoted(text)}`,
    holds,
  });
  const meets: FilterCase['holds'] = (r) => oracle.meets(r, code, value);
  const some = (holds: (element: ReturnType<typeof elementsOf>[number]) => boolean): FilterCase['holds'] => {
    return (r) => elementsOf(r, parameter).some(holds);
  };
  switch (kind) {
    case 'date':
    case 'number':
    case 'quantity': {
      const [operator, rest] = prefixed(value);
      return [test(operator, rest, meets)];
    }
    case 'string': {
      const said = (is: (own: string, asked: string) => boolean): FilterCase['holds'] =>
        some((e) => textsOf(e.type, e.value).some((own) => is(bare(own), bare(value))));
      return [
        test(
          'eq',
          value,
          said((own, asked) => own === asked),
        ),
        test(
          'ne',
          value,
          said((own, asked) => own !== asked),
        ),
        test(
          'co',
          value,
          said((own, asked) => own.includes(asked)),
        ),
        test(
          'sw',
          value,
          said((own, asked) => own.startsWith(asked)),
        ),
        test(
          'ew',
          value,
          said((own, asked) => own.endsWith(asked)),
        ),
      ];
    }
    case 'token': {
      const other = some((e) =>
        codings(e).some(
          (one) => isValue(one, parameter, oracle.base) && !tokenMeets(one, value, impliedSystems(parameter)),
        ),
      );
      return [test('eq', value, meets), test('ne', value, other)];
    }
    case 'reference': {
      const options = { base: oracle.base, types: parameter.targets };
      const other: FilterCase['holds'] = some(
        (e) => namedBy(e, oracle.base).length > 0 && !referenceMeets(e, value, options),
      );
      return [test('eq', value, meets), test('ne', value, other)];
    }
    default:
      return [test('eq', value, meets)];
  }
}

/** A concept has as many values as it has codings. */
const codings = (element: TypedValue): readonly TypedValue[] =>
  element.type === 'CodeableConcept'
    ? ((element.value as CodeableConcept).coding ?? []).map((value) => ({ type: 'Coding', value }))
    : [element];

/** Tests put together: not, and, or, from left to right. */
export function joined(cases: readonly FilterCase[]): FilterCase[] {
  return cases.flatMap((one, i) => {
    const other = cases[(i * 7 + 3) % cases.length] ?? one;
    const third = cases[(i * 5 + 1) % cases.length] ?? one;
    return [
      { text: `not (${one.text})`, holds: (r: Resource) => !one.holds(r) },
      {
        text: `${one.text} and not (${other.text})`,
        holds: (r: Resource) => one.holds(r) && !other.holds(r),
      },
      {
        text: `${one.text} or ${other.text} and ${third.text}`,
        holds: (r: Resource) => (one.holds(r) || other.holds(r)) && third.holds(r),
      },
    ];
  });
}

/** Tests of what a reference leads to, made from chains: `subject.name sw "x"`, `subject[active eq "true"].name …`. */
export function chainedCases(link: Link, pairs: readonly Pair[], oracle: Oracle): FilterCase[] {
  const { parameter, type } = link;
  return pairs.flatMap(([name, value]): FilterCase[] => {
    const [, code = '', inner = ''] = /^([\w-]+)\.([\w-]+)$/.exec(name) ?? [];
    const kinds = new Set(
      parameter.targets.map((t) => definitions().get(t)?.get(inner)?.kind).filter(Boolean),
    );
    const kind = definitions().get(type)?.get(inner)?.kind;
    if (code !== parameter.code || kinds.size !== 1 || !isPlain(value)) return [];
    if (kind !== 'string' && kind !== 'token' && kind !== 'date') return [];
    const [operator, rest] = kind === 'date' ? prefixed(value) : [kind === 'string' ? 'sw' : 'eq', value];
    return [
      {
        text: `${code}.${inner} ${operator} ${quoted(rest)}`,
        holds: (r: Resource) => oracle.meets(r, name, value),
      },
      {
        text: `${code}[not (${inner} ${operator} ${quoted(rest)})]._id pr true`,
        holds: (r: Resource) =>
          oracle
            .included(r, code)
            .map((one) => oracle.named(one))
            .some(
              (target) =>
                target !== undefined &&
                parameter.targets.includes(target.resourceType) &&
                definitions().get(target.resourceType)?.get(inner) !== undefined &&
                !oracle.meets(target, inner, value),
            ),
      },
    ];
  });
}
