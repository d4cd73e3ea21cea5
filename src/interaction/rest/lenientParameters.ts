import type { ResourceType } from '@medplum/fhirtypes';
import { details, type Issue } from '../../outcome/issue.ts';
import type { Context } from '../context.ts';
import type { FhirRequest } from './request.ts';
import type { Asked } from '../search/searchAsked.ts';

/**
 * Prefer: handling=lenient asks to leave out parameters that the types do not have; each is named in the answer, and
 * the self link shows what was used. See https://hl7.org/fhir/R4/search.html#errors
 */
export function lenientParameters(
  { store }: Context,
  { lenient }: FhirRequest,
  asked: Asked,
  types: readonly ResourceType[],
): { asked: Asked; notes: Issue[] } {
  if (!lenient) return { asked, notes: [] };
  const isKnown = (name: string): boolean =>
    name.startsWith('_') ||
    types.every((type) => store.registry.parametersOf(type).has(name.split(/[:.]/)[0] ?? ''));
  const unknown = asked.criteria.map(([name]) => name).filter((name) => !isKnown(name));
  if (unknown.length === 0) return { asked, notes: [] };
  const left = new Set(unknown);
  const notes = [...left].map((name): Issue => ({
    severity: 'warning',
    code: 'not-supported',
    details: details('ignored-parameter', `the parameter ${name.slice(0, 64)} is not known and was ignored`),
  }));
  const without = (pairs: Asked['pairs']) => pairs.filter(([name]) => !left.has(name));
  return { asked: { ...asked, pairs: without(asked.pairs), criteria: without(asked.criteria) }, notes };
}
