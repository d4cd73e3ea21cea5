import type { Claim } from '@medplum/fhirtypes';
import type { ClaimForm, ClaimLine, VisitForm } from '../../billing/claim/claimLine.ts';
import { diagnosisMissing } from '../../billing/coding/diagnosis.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { businessFault, decided, missing, type Issue } from '../../outcome/issue.ts';
import { system } from '../../terminology/system.ts';
import type { VisitLines } from './visitLines.ts';

const ownReason = {
  oral: 'lines with a CDT number',
  pharmacy: 'lines with the NDC of what was dispensed',
} as const;

const isOfVisit = ({ form }: ClaimLine): boolean => form !== 'oral' && form !== 'pharmacy';

/**
 * Why the lines of a visit cannot be claimed: claims of a visit or stay need a diagnosis, professional and oral ones
 * somebody who gave the care; an oral or pharmacy claim that was asked for needs a line.
 */
export function formFaults(
  { form, lines }: VisitLines,
  { asked, isDiagnosed }: { readonly asked: ClaimForm | undefined; readonly isDiagnosed: boolean },
): Issue[] {
  const needsDiagnosis = lines.length === 0 || lines.some(isOfVisit);
  const needsPerson = (l: ClaimLine): boolean =>
    l.form === 'oral' || (isOfVisit(l) && form === 'professional');
  const isOwn = asked === 'oral' || asked === 'pharmacy';
  return [
    ...(needsDiagnosis && !isDiagnosed ? [diagnosisMissing] : []),
    ...(lines.some((l) => needsPerson(l) && l.rendering === undefined)
      ? [missing('provider-missing', 'Encounter.participant', 'names nobody who gave the care')]
      : []),
    ...(isOwn && !lines.some((l) => l.form === asked)
      ? [businessFault('claim-form-empty', 'ChargeItem.code', `no charge is one of ${ownReason[asked]}`)]
      : []),
  ];
}

/** Which forms the claims of a visit have, and why. */
export function formIssues({ form, lines }: VisitLines, asked: ClaimForm | undefined): Issue[] {
  const why =
    asked === 'professional' || asked === 'institutional' ? 'as asked' : 'from class and place of the visit';
  return [
    decided('claim-form', 'Encounter.class', `${form}, ${why}`),
    ...(['oral', 'pharmacy'] as const)
      .filter((own) => lines.some((l) => l.form === own))
      .map((own) => decided('claim-form', 'ChargeItem.code', `${own}: ${ownReason[own]}`)),
  ];
}

/**
 * The form in which a visit is planned again, as its claims are there: that of the visit. Oral and pharmacy claims have
 * their own beside it, and say nothing of it.
 */
export const visitFormOf = (claims: readonly Claim[]): VisitForm | undefined =>
  claims.map(formOf).find((form) => form === 'institutional' || form === 'professional');

/** The form of a claim: its Claim.type. */
export function formOf({ type }: Claim): ClaimForm {
  const code = codeOf(type, system.claimType);
  return code === 'institutional' || code === 'oral' || code === 'pharmacy' ? code : 'professional';
}
