import { evalFhirPathTyped, toTypedValue, type FhirPathAtom, type TypedValue } from '@medplum/core';
import type { Resource } from '@medplum/fhirtypes';
import type { Condition } from './dataRule.ts';
import { readExpression } from './expression.ts';
import type { Subject } from './subject.ts';

/** A condition, read once. */
export interface ReadCondition {
  readonly each: FhirPathAtom;
  readonly when: FhirPathAtom;
  readonly place: string | undefined;
  readonly isWhole: boolean;
}

export const readCondition = ({ each, when, place }: Condition): ReadCondition => ({
  each: readExpression(each),
  when: readExpression(when),
  place,
  isWhole: each === 'Claim',
});

/** At most so many faults of one rule are told of a claim. */
const faultsMax = 50;

/** What is not known is empty: %patient.exists() is false then. */
const known = (resource: Resource | undefined): TypedValue => toTypedValue(resource ?? {});

export const variablesOf = (subject: Subject): Record<string, TypedValue> => ({
  '%claim': toTypedValue(subject.claim),
  '%patient': known(subject.patient),
  '%encounter': known(subject.encounter),
  '%coverage': known(subject.coverage),
  '%payer': known(subject.payer),
  '%biller': known(subject.biller),
  '%all': { type: 'BackboneElement', value: { insurance: subject.insurance } },
  '%on': { type: 'date', value: subject.on },
});

/**
 * The places of a claim that are at fault by a condition: FHIRPath, as in Claim.item[0].quantity. Throws where the
 * condition cannot be judged. It may not end: its caller stops it.
 */
export function placesAtFault(
  { each, when, place, isWhole }: ReadCondition,
  subject: Subject,
  variables: Record<string, TypedValue> = variablesOf(subject),
): string[] {
  const claim: TypedValue = toTypedValue(subject.claim);
  const elements = isWhole ? [claim] : evalFhirPathTyped(each, [claim], variables);
  const places: string[] = [];
  for (const element of elements) {
    const result = evalFhirPathTyped(when, [element], { ...variables, '%row': element });
    if (!isTrue(result)) continue;
    const at = isWhole
      ? 'Claim'
      : 'path' in element && typeof element.path === 'string'
        ? element.path
        : 'Claim';
    places.push(place === undefined ? at : `${at}.${place}`);
    if (places.length >= faultsMax) break;
  }
  return places;
}

/** True for one true; empty and false are not. Anything else is no condition. */
function isTrue(result: readonly TypedValue[]): boolean {
  if (result.length === 0) return false;
  const [only] = result;
  if (result.length > 1 || typeof only?.value !== 'boolean') throw new Error('not a condition');
  return only.value;
}
