import type { PractitionerRole } from '@medplum/fhirtypes';

const own = 'https://claimwright.example/fhir';

/** Extensions and codes of enrolment, of cases and of patients that were merged. */
export const caseTerms = {
  /** PractitionerRole.code of an enrolment with a payer. */
  practitionerRole: `${own}/CodeSystem/practitioner-role`,
  enrolledWith: `${own}/StructureDefinition/enrolled-with`, // PractitionerRole: the payer
  enrolmentNeeded: `${own}/StructureDefinition/enrolment-needed`, // Organization: a payer that asks for it
  caseType: `${own}/CodeSystem/case-type`, // EpisodeOfCare.type
  episodeCase: `${own}/StructureDefinition/case`, // EpisodeOfCare: who answers for an injury
  merge: `${own}/StructureDefinition/patient-merge`, // Basic: what a merge did
} as const;

/** PractitionerRole.code of an enrolment with a payer. */
export const enrolmentCode = 'payer-enrolment';

/** Whether a role says whom a payer has enrolled; such a role opens no chart. */
export const isEnrolment = ({ code = [] }: PractitionerRole): boolean =>
  code.some(({ coding = [] }) =>
    coding.some((one) => one.system === caseTerms.practitionerRole && one.code === enrolmentCode),
  );
