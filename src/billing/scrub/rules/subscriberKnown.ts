import type { Coverage, Patient, RelatedPerson } from '@medplum/fhirtypes';
import { same } from '../../../datatypes/reference.ts';
import { dayOf } from '../line.ts';
import { fault, knownAs, type Fault, type ScrubRule } from '../rule.ts';

/** A patient covered through another person needs that person: subscriber, relationship, date of birth (2000C, 2010BA). */
export const subscriberKnown: ScrubRule = {
  id: 'subscriber-known',
  source: 'billing rules 5 and 6; 837 loops 2000B, 2010BA, 2000C',
  carc: '16',
  cure: 'Name Coverage.subscriber with date of birth, or make the relationship self.',
  severity: 'error',
  check: ({ insurances, known }) =>
    insurances.flatMap(({ at, coverage }) => (coverage ? faultsOf(`${at}.coverage`, coverage, known) : [])),
};

function faultsOf(at: string, coverage: Coverage, known: Parameters<typeof knownAs>[0]): Fault[] {
  const { subscriber, beneficiary } = coverage;
  const relationship = coverage.relationship?.coding?.[0]?.code;
  const own = subscriber === undefined || same(subscriber, beneficiary);
  if (relationship === undefined) {
    return own
      ? [fault(at, 'the coverage does not say how the patient is related to the subscriber', 'warning')]
      : [fault(at, 'the coverage has another subscriber and no relationship')];
  }
  if (relationship === 'self')
    return own ? [] : [fault(at, 'the relationship is self, but the subscriber is another person')];
  if (own) return [fault(at, 'the patient is covered through another person who is not named')];
  const person =
    knownAs<Patient>(known, 'Patient', subscriber) ??
    knownAs<RelatedPerson>(known, 'RelatedPerson', subscriber);
  return dayOf(person?.birthDate) === undefined
    ? [fault(at, 'the date of birth of the subscriber is not known', 'warning')]
    : [];
}
