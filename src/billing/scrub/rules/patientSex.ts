import { unless, type ScrubRule } from '../rule.ts';

/** The sex of the patient is stated, if only as unknown (DMG03). */
export const patientSex: ScrubRule = {
  id: 'patient-sex',
  source: 'billing rule 6; 837 loop 2010BA DMG03',
  carc: '16',
  cure: 'Fill Patient.gender.',
  severity: 'warning',
  check: ({ patient }) =>
    unless(
      patient === undefined || patient.gender !== undefined,
      'Claim.patient',
      'the sex of the patient is not stated',
    ),
};
