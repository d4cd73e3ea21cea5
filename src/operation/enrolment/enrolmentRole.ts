import type { Organization, PractitionerRole } from '@medplum/fhirtypes';
import type { Enrolment } from '../../billing/scrub/input.ts';
import { concept } from '../../datatypes/coding.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { caseTerms, enrolmentCode, isEnrolment } from '../../terminology/caseSystem.ts';

export const enrolmentConcept = concept(caseTerms.practitionerRole, enrolmentCode);

/** Whether a payer pays only whom it has enrolled. */
export const needsEnrolment = (payer: Organization | undefined): boolean =>
  extensionOf(payer, caseTerms.enrolmentNeeded)?.valueBoolean === true;

/** Type/id of a reference, whatever version. */
const nameOf = (pointer: { readonly reference?: string } | undefined): string | undefined => {
  const target = parseReference(pointer?.reference);
  return target && `${target.type}/${target.id}`;
};

/** The payer of an enrolment: Organization/1. */
export const payerOfEnrolment = (role: PractitionerRole): string | undefined =>
  nameOf(extensionOf(role, caseTerms.enrolledWith)?.valueReference);

/** An enrolment as the rules read it, once for each of its places; none where it is no longer active. */
export function enrolmentsIn(role: PractitionerRole): readonly Enrolment[] {
  const group = nameOf(role.organization);
  if (role.active === false || group === undefined || !isEnrolment(role)) return [];
  const practitioner = nameOf(role.practitioner);
  const { start, end } = role.period ?? {};
  const one = {
    group,
    ...(practitioner === undefined ? {} : { practitioner }),
    ...(start === undefined ? {} : { from: start.slice(0, 10) }),
    ...(end === undefined ? {} : { through: end.slice(0, 10) }),
  };
  const places = (role.location ?? []).flatMap((place) => nameOf(place) ?? []);
  return places.length === 0 ? [one] : places.map((place) => ({ ...one, place }));
}
