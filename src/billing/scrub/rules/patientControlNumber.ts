import { identifierOf } from '../../../datatypes/identifier.ts';
import { system } from '../../../terminology/system.ts';
import { fault, unless, type ScrubRule } from '../rule.ts';

/** The claim has a patient control number of at most 20 basic characters (CLM01). */
export const patientControlNumber: ScrubRule = {
  id: 'patient-control-number',
  source: 'billing rules 10 and 11; 837 CLM01',
  carc: '16',
  cure: 'Shorten the number to 20 characters: letters, digits, hyphen.',
  severity: 'error',
  check: ({ claim }) => {
    const number = identifierOf(claim, system.patientControlNumber);
    if (number === undefined)
      return [fault('Claim.identifier', 'the claim has no patient control number', 'warning')];
    return unless(
      /^[A-Za-z0-9 !"&'()+,\-./;?=]{1,20}$/.test(number),
      'Claim.identifier',
      'the patient control number is longer than 20 characters or has one that X12 does not know',
    );
  },
};
