import type { ResourceType } from '@medplum/fhirtypes';
import { badRequest, unsupported } from '../../outcome/fhirError.ts';
import { nearest } from '../nearest.ts';
import { leftOut } from '../parameter.ts';
import type { SearchParameter } from '../query.ts';
import type { Registry } from '../registry.ts';

/** Where a criterion is read: of which type, how deep inside chains, and what is known around it. */
export interface Scope {
  readonly type: ResourceType;
  readonly registry: Registry;
  readonly base: string | undefined; // our own URL, taken off references
  readonly now: number | undefined; // epoch milliseconds
  readonly depth: number;
  readonly spent: { criteria: number; values: number };
}

/** Chains, _has and parentheses inside each other. */
export const deepest = 50;
/** A chain that names no type counts once for each type that it may lead to. */
export const mostCriteria = 2000;
export const mostValues = 10_000;

/** The scope one step further in, of another type. Throws 400 where it is too deep. */
export function inner(scope: Scope, type: ResourceType = scope.type): Scope {
  if (scope.depth >= deepest)
    throw badRequest('too-deep', `Chains, _has and parentheses go at most ${deepest} deep`);
  return { ...scope, type, depth: scope.depth + 1 };
}

/** Counts what a search asks for. Throws 400 where it is too much to be answered. */
export function spend({ spent }: Scope, kind: 'criteria' | 'values', count: number): void {
  spent[kind] += count;
  if (spent.criteria > mostCriteria)
    throw badRequest(
      'too-costly',
      `A search has at most ${mostCriteria} criteria; a chain without a type counts once for each type it may lead to`,
    );
  if (spent.values > mostValues) throw badRequest('too-costly', `A search has at most ${mostValues} values`);
}

/** The parameter of a code; 400 that names the nearest where there is none. */
export function parameterOf({ registry, type }: Scope, code: string): SearchParameter {
  const all = registry.parametersOf(type);
  const found = all.get(code);
  if (found) return found;
  const left = leftOut(type, code);
  if (left !== undefined) throw notServed(`${type} search by ${code} (${left})`);
  const near = nearest(code, all.keys());
  throw badRequest(
    'unknown-parameter',
    `${type} has no search parameter ${code.slice(0, 64)}${near === undefined ? '' : `; the nearest is ${near}`}`,
  );
}

export const notServed = (what: string): Error => unsupported(400, 'not-supported', `${what} is not served`);
