import type { Diagnosis } from '../view.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** At most 12 diagnoses on a professional claim, 4 on an oral one (ADA form, 837D HI); on an institutional one 1 principal, 1 admitting, 3 reasons for the visit, 12 external causes, 24 others (HI). */
export const diagnosisLimit: ScrubRule = {
  id: 'diagnosis-limit',
  source: 'billing rule 19; 837 HI',
  carc: '16',
  cure: 'Leave out the diagnoses that no line needs, or split the claim.',
  severity: 'error',
  check: ({ diagnoses, form }) => {
    if (form === 'professional')
      return unless(
        diagnoses.length <= 12,
        'Claim.diagnosis',
        'a professional claim has at most 12 diagnoses',
      );
    if (form === 'oral')
      return unless(diagnoses.length <= 4, 'Claim.diagnosis', 'an oral claim has at most 4 diagnoses');
    if (form !== 'institutional') return [];
    const count = (kind: string): number => diagnoses.filter((d) => kindOf(d) === kind).length;
    return Object.entries(most).flatMap(([kind, limit]) =>
      unless(count(kind) <= limit, 'Claim.diagnosis', `more than ${limit} diagnoses of kind ${kind}`),
    );
  },
};

const most = { admitting: 1, patientreasonforvisit: 3, externalcauseofinjury: 12, other: 24 };

function kindOf({ types, external }: Diagnosis): string {
  if (types.has('principal')) return 'principal';
  if (types.has('admitting')) return 'admitting';
  if (types.has('patientreasonforvisit')) return 'patientreasonforvisit';
  return external ? 'externalcauseofinjury' : 'other';
}
