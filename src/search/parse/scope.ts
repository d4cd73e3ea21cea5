import type { ResourceType } from '@medplum/fhirtypes';
import { badRequest, unsupported, type FhirError } from '../../outcome/fhirError.ts';
import { nearest } from '../nearest.ts';
import { leftOut } from '../parameter.ts';
import type { SearchParameter } from '../query.ts';
import type { Registry } from '../registry.ts';

/** The context in which a criterion is read: the type, the depth inside chains, and what the request gives. */
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
/** Inside of chains; a chain that names no type counts once for each type that it may lead to. */
export const criteriaMax = 1000;
/** Weight of criteria outside of chains, which take a store longest to plan. */
const weightOutside = 4;
/** Simple values; an ordered one counts several times, as it takes several comparisons. */
export const valuesMax = 10_000;

/** The scope one step further in, of another type. Throws 400 where it is too deep. */
export function inner(scope: Scope, type: ResourceType = scope.type): Scope {
  if (scope.depth >= deepest)
    throw badRequest('too-deep', `Chains, _has and parentheses go at most ${deepest} deep`);
  return { ...scope, type, depth: scope.depth + 1 };
}

/** Counts what a search asks for. Throws 400 where it is too much to be answered. */
export function spend({ spent, depth }: Scope, kind: 'criteria' | 'values', count: number): void {
  spent[kind] += kind === 'criteria' && depth === 0 ? count * weightOutside : count;
  if (spent.criteria > criteriaMax)
    throw badRequest(
      'too-costly',
      `A search has at most ${criteriaMax / weightOutside} criteria, or ${criteriaMax} inside of chains; ` +
        'a chain that names no type counts once for each type it may lead to',
    );
  if (spent.values > valuesMax)
    throw badRequest(
      'too-costly',
      `A search has at most ${valuesMax} values; a date, number or quantity counts several times`,
    );
}

/**
 * Thrown when the rest of a criterion does not exist for a type: a chain that may lead to several types leaves it out.
 * The sentence is made only when needed, as finding the nearest name takes time.
 */
export class Unfit extends Error {
  readonly code: string;
  readonly sentence: () => string;
  constructor(code: string, sentence: () => string) {
    super(code);
    this.code = code;
    this.sentence = sentence;
  }

  /** The refusal where no type that a reference may lead to has it, with the sentence of this type. */
  after(code: string): Unfit {
    return new Unfit(
      this.code,
      () => `No type that ${code} refers to has what follows it: ${this.sentence()}`,
    );
  }

  refusal(): FhirError {
    return badRequest(this.code, this.sentence());
  }
}

function unknownParameter({ type, registry }: Scope, code: string): Unfit {
  return new Unfit('unknown-parameter', () => {
    const near = nearest(code, registry.parametersOf(type).keys());
    const text = `${type} has no search parameter ${code.slice(0, 64)}`;
    return near === undefined ? text : `${text}; the nearest is ${near}`;
  });
}

/** The parameter of a code; throws Unfit where there is none. */
export function parameterOf(scope: Scope, code: string): SearchParameter {
  const { registry, type } = scope;
  const found = registry.parametersOf(type).get(code);
  if (found) return found;
  const left = leftOut(type, code);
  throw left === undefined ? unknownParameter(scope, code) : notServed(`${type} search by ${code} (${left})`);
}

/** Why a reference parameter leads no further. */
export const notFollowed = (type: ResourceType, code: string): string =>
  `${type} ${code} is searched by its value only: what it holds are no references that could be followed`;

export const notServed = (what: string): Error => unsupported(400, 'not-supported', `${what} is not served`);
