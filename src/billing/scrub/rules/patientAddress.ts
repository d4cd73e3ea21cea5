import { streetOf, zipDigits } from '../party.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** The patient has a street, city, state and ZIP code (2010BA N3, N4). */
export const patientAddress: ScrubRule = {
  id: 'patient-address',
  source: 'billing rule 6; 837 loop 2010BA N3, N4',
  carc: '16',
  cure: 'Complete Patient.address.',
  severity: 'warning',
  check: ({ patient }) => {
    if (!patient) return [];
    const address = streetOf(patient.address);
    const whole =
      (address?.line ?? []).length > 0 &&
      address?.city !== undefined &&
      address.state !== undefined &&
      /^(\d{5}|\d{9})$/.test(zipDigits(address));
    return unless(whole, 'Claim.patient', 'the address of the patient lacks street, city, state or ZIP code');
  },
};
