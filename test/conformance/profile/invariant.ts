import { evalFhirPathTyped, parseFhirPath, toTypedValue, type TypedValue } from '@medplum/core';
import type { Expansion } from './guide.ts';

const literal = (text: string): string => `'${text}'`;

/** An expression as the engine can take it: memberOf('URL'), which it does not have, as the codes of the set. */
function writtenOut(expression: string, valueSets: ReadonlyMap<string, Expansion>): string {
  // The engine takes no element for a truth: telecom or endpoint.
  const bare = /^\w+( or \w+)+$/.test(expression);
  const told = bare ? expression.replaceAll(/\b(?!or\b)\w+\b/g, '$&.exists()') : expression;
  return told.replaceAll(/\.memberOf\('([^']+)'\)/g, (_, url: string) => {
    const codes = Object.entries(valueSets.get(url) ?? {}).map(
      ([system, list]) =>
        `(system = ${literal(system)}${list === true ? '' : ` and (code in (${list.map(literal).join(' | ')}))`})`,
    );
    if (codes.length === 0) throw new Error(`no codes of ${url}`);
    return `.coding.where(${codes.join(' or ')}).exists()`;
  });
}

/** Parsed once for each guide: the codes of a set may differ. */
const parsed = new WeakMap<object, Map<string, ReturnType<typeof parseFhirPath>>>();

interface Around {
  readonly value: unknown;
  readonly type?: string | undefined; // of a choice: DateTime
  readonly resource: unknown;
  readonly valueSets: ReadonlyMap<string, Expansion>;
}

/** True when an invariant holds: its answer is true or anything that is there; nothing is no answer. */
export function holds(expression: string, { value, type, resource, valueSets }: Around): boolean {
  const known = parsed.get(valueSets) ?? new Map<string, ReturnType<typeof parseFhirPath>>();
  parsed.set(valueSets, known);
  const path = known.get(expression) ?? parseFhirPath(writtenOut(expression, valueSets));
  known.set(expression, path);
  const typed = (of: unknown): TypedValue => toTypedValue(of);
  const primitive = type !== undefined && typeof value !== 'object';
  const at = primitive ? { type: type.charAt(0).toLowerCase() + type.slice(1), value } : typed(value);
  const answer = evalFhirPathTyped(path, [at], {
    '%resource': typed(resource),
    '%rootResource': typed(resource),
    '%context': at,
    '%ucum': { type: 'string', value: 'http://unitsofmeasure.org' },
  });
  return answer.length > 0 && answer[0]?.value !== false;
}
