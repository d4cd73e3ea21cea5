import type { Claim, Organization, PractitionerRole, Resource } from '@medplum/fhirtypes';
import { knownAs, type Enrolment } from '../../billing/scrub/input.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { find } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';
import { caseTerms, enrolmentCode } from '../../terminology/caseSystem.ts';
import { enrolmentsIn, needsEnrolment, payerOfEnrolment } from './enrolmentRole.ts';

/** Who is enrolled with the payer of a claim for the group that bills; nothing where the payer does not ask for it. */
export async function readEnrolments(
  { tx }: { readonly tx: Reader },
  claim: Claim,
  known: ReadonlyMap<string, Resource>,
): Promise<{ readonly enrolments?: readonly Enrolment[] }> {
  const payer = knownAs<Organization>(known, 'Organization', claim.insurer);
  const group = parseReference(claim.provider.reference);
  if (!needsEnrolment(payer) || group?.type !== 'Organization') return {};
  const roles = await enrolmentRoles(tx, `Organization/${group.id}`, `Organization/${payer?.id ?? ''}`);
  return { enrolments: roles.flatMap(enrolmentsIn) };
}

/** The enrolments of a group (Organization/1) with a payer (Organization/2). */
export async function enrolmentRoles(
  reader: Reader,
  group: string,
  payer: string,
): Promise<readonly PractitionerRole[]> {
  const roles = await find<PractitionerRole>(reader, 'PractitionerRole', {
    organization: group,
    role: `${caseTerms.practitionerRole}|${enrolmentCode}`,
  });
  return roles.filter((role) => payerOfEnrolment(role) === payer);
}
