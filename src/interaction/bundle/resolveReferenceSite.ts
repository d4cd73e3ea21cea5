import { FhirError } from '../../outcome/fhirError.ts';
import { codeOfIssue, unresolved, type Issue } from '../../outcome/issue.ts';
import type { Transaction } from '../../store/store.ts';
import { conditionOf, matchesWithPending, matchesOfReference } from '../rest/conditionalReference.ts';
import type { Context } from '../context.ts';
import type { PendingWrites } from './pendingWrites.ts';
import type { ReferenceSite } from './referenceSites.ts';

interface Resolving {
  readonly remember: boolean; // as in matchesOfReference
  readonly urnText: string;
  readonly own?: PendingWrites;
}

/**
 * Puts the literal reference in the place of a conditional one; the faults of one that matches nothing or several, and
 * of a urn, which nothing here is known by. See https://hl7.org/fhir/R4/http.html#trules
 */
export async function resolveReferenceSite(
  context: Context,
  tx: Transaction,
  site: ReferenceSite,
  { remember, urnText, own }: Resolving,
): Promise<Issue[]> {
  const { text, place } = site;
  if (/^urn:(?:uuid|oid):/.test(text)) return [unresolved('unresolved-reference', place, urnText)];
  const found = conditionOf(text);
  if (!found) return [];
  const { type, condition } = found;
  const matching = own?.has(type)
    ? matchesWithPending(context, tx, found, own)
    : matchesOfReference(context, tx, type, condition, remember);
  const [match, second] = await matching.catch((error: unknown) => {
    throw error instanceof FhirError ? atPlace(error, place) : error;
  });
  if (match === undefined) return [unresolved('unresolved-reference', place, `matches no ${type}`)];
  if (second !== undefined) {
    return [
      { ...unresolved('multiple-matches', place, `matches several ${type}`), code: 'multiple-matches' },
    ];
  }
  site.replace(`${type}/${match}`);
  return [];
}

/** A malformed condition is reported with the expression of its reference. */
const atPlace = ({ status, issue, headers }: FhirError, place: string): FhirError =>
  new FhirError(
    status,
    issue.map((i) => ({ ...i, expression: [place] })),
    headers,
  );

/** Refuses references that do not resolve: 412 when all of them match several, else 422. */
export function refuseUnresolved(faults: readonly Issue[]): void {
  if (faults.length === 0) return;
  const onlySeveral = faults.every((issue) => codeOfIssue(issue) === 'multiple-matches');
  throw new FhirError(onlySeveral ? 412 : 422, faults);
}
