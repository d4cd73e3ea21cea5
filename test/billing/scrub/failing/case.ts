import type {
  ChargeItem,
  Claim,
  ClaimItem,
  CodeableConcept,
  Coverage,
  Location,
  Organization,
  Patient,
  Practitioner,
} from '@medplum/fhirtypes';
import type { ScrubInput } from '../../../../src/billing/scrub/rule.ts';
import type { ClaimName } from '../fixture.ts';

/** The parties of a fixture claim by their id. */
export interface Parties {
  readonly organization: (id: string) => Organization;
  readonly patient: (id: string) => Patient;
  readonly coverage: (id: string) => Coverage;
  readonly practitioner: (id: string) => Practitioner;
  readonly location: (id: string) => Location;
  readonly charge: (id: string) => ChargeItem;
}

/** A sound claim, what is done to it, and the faults one rule must then find. */
export interface Failing {
  readonly rule: string;
  readonly what: string;
  readonly claim: ClaimName;
  readonly change: (input: ScrubInput, parties: Parties) => ScrubInput | undefined;
  readonly faults: readonly (string | [severity: string, expression: string])[];
}

export const fails = (
  rule: string,
  what: string,
  claim: ClaimName,
  change: (claim: Claim, parties: Parties, input: ScrubInput) => unknown,
  faults: Failing['faults'],
): Failing => ({
  rule,
  what,
  claim,
  change: (input, parties) => {
    const answer = change(input.claim, parties, input);
    return typeof answer === 'object' && answer !== null && 'known' in answer
      ? (answer as ScrubInput)
      : undefined;
  },
  faults,
});

export const concept = (code: string): CodeableConcept => ({ coding: [{ code }] });
export const lineOf = (claim: Claim, index = 0): ClaimItem => there(claim.item?.[index]);

/** The canonical of an extension of ours. */
export const own = (name: string): string => `https://claimwright.example/fhir/StructureDefinition/${name}`;

/** A fault that is only a warning. */
export const warned = (expression: string): [severity: string, expression: string] => ['warning', expression];

/** Something of the fixture that must be there. */
export function there<T>(thing: T | undefined): T {
  if (thing === undefined) throw new Error('the fixture has no such thing');
  return thing;
}

/** Changes the first code of a concept. */
export const recode = (target: CodeableConcept | undefined, value: string): string =>
  (there(target?.coding?.[0]).code = value);

/** Moves the service, the period and the claim to a day. */
export function moved(claim: Claim, day: string): Claim {
  lineOf(claim).servicedDate = day;
  claim.billablePeriod = { start: day, end: day };
  claim.created = day;
  return claim;
}
