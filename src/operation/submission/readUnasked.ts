import type { Claim, Coverage, QuestionnaireResponse, Resource } from '@medplum/fhirtypes';
import { payerQuestionnaire } from '../../billing/eligibility/payerOrder.ts';
import { knownAs } from '../../billing/scrub/input.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { find } from '../../interaction/repository.ts';
import { isMedicare } from '../../terminology/coverageType.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';

/** The admissions of an inpatient claim at which a patient with Medicare was not asked who else pays. */
export async function readUnasked(
  { tx }: Call,
  claim: Claim,
  known: ReadonlyMap<string, Resource>,
): Promise<{ readonly unasked?: readonly string[] }> {
  const isMember = claim.insurance.some(({ coverage }) => {
    const one = knownAs<Coverage>(known, 'Coverage', coverage);
    return one !== undefined && isMedicare(one);
  });
  if (!isMember || codeOf(claim.subType, system.c4bbInstitutionalSubType) !== 'inpatient') return {};
  const visits = new Set(
    (claim.item ?? []).flatMap(({ encounter = [] }) => encounter.flatMap(({ reference }) => reference ?? [])),
  );
  const unasked: string[] = [];
  for (const visit of visits) {
    if (parseReference(visit)?.type !== 'Encounter') continue;
    const answers = await find<QuestionnaireResponse>(tx, 'QuestionnaireResponse', { encounter: visit });
    if (!answers.some(isAnswered)) unasked.push(visit);
  }
  return unasked.length === 0 ? {} : { unasked };
}

const isAnswered = ({ questionnaire, status }: QuestionnaireResponse): boolean =>
  questionnaire?.split('|')[0] === payerQuestionnaire && (status === 'completed' || status === 'amended');
