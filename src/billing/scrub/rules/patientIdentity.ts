import { dayOf } from '../line.ts';
import { fault, unless, type ScrubRule } from '../rule.ts';

/** The patient is known, with family name and full date of birth (NM103, DMG02). */
export const patientIdentity: ScrubRule = {
  id: 'patient-identity',
  source: 'billing rule 6; 837 loops 2010BA and 2010CA, NM1 and DMG',
  carc: '16',
  cure: 'Complete the Patient: family name and date of birth.',
  severity: 'error',
  check: ({ patient }) => {
    if (!patient) return [fault('Claim.patient', 'the patient is not known here')];
    return [
      ...unless(
        patient.name?.some((n) => n.family !== undefined || n.text !== undefined) ?? false,
        'Claim.patient',
        'the patient has no family name',
      ),
      ...unless(
        dayOf(patient.birthDate) !== undefined,
        'Claim.patient',
        'the patient has no full date of birth',
      ),
    ];
  },
};
