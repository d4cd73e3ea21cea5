import type { ResourceType } from '@medplum/fhirtypes';
import { FhirError } from '../outcome/fhirError.ts';
import { parsePairs } from '../search/parse.ts';
import type { Criterion } from '../search/query.ts';
import type { Registry } from '../search/registry.ts';
import { confinement } from '../store/access/access.ts';

/** Criteria in FHIR search syntax, as name and value pairs. */
export type Pairs = readonly (readonly [string, string])[];

/** Reads what follows a question mark; undefined where an escape is malformed or nothing is asked. */
export function pairsOf(query: string): Pairs | undefined {
  const pairs = [...new URLSearchParams(query)];
  const isSound = pairs.every(([name, value]) => value !== '' && !`${name}${value}`.includes('\uFFFD'));
  return pairs.length > 0 && isSound ? pairs : undefined;
}

/**
 * The criteria of a type that a rule of access may have; undefined where the type has no such parameter, or where they
 * ask for more than the resource itself says.
 */
export function criteriaOf(
  type: ResourceType,
  pairs: Pairs,
  registry: Registry,
): readonly Criterion[] | undefined {
  try {
    const { filters, include, revinclude, sort } = parsePairs(type, pairs, { registry });
    const isPlain = include.length + revinclude.length + sort.length === 0 && filters.length === pairs.length;
    if (!isPlain) return undefined;
    confinement({ types: { [type]: { see: { criteria: filters } } } });
    return filters;
  } catch (error) {
    if (error instanceof FhirError) return undefined;
    throw error;
  }
}
