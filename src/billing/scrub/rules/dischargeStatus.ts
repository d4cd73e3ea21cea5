import { isDischargeStatus, stillPatient } from '../../../terminology/admission.ts';
import { needsAdmissionDate } from '../../../terminology/typeOfBill.ts';
import { supporting } from '../view.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** A stay says how it ended, in keeping with the frequency of the bill (CL103). */
export const dischargeStatus: ScrubRule = {
  id: 'discharge-status',
  source: 'billing rule 38; 837I CL103 and CLM05-3',
  carc: '16',
  cure: 'Chart hospitalization.dischargeDisposition, or bill an interim claim.',
  severity: 'error',
  check: ({ claim, bill }) => {
    if (!bill) return [];
    const [given] = supporting(claim, 'discharge-status');
    const code = given?.element.code?.coding?.[0]?.code;
    const at = given ? `${given.at}.code` : 'Claim.supportingInfo';
    if (code === undefined)
      return unless(!needsAdmissionDate(bill.kind), at, 'the discharge status is missing');
    if (!isDischargeStatus(code)) return unless(false, at, 'the discharge status is unknown');
    return [
      ...unless(
        !/^[14]$/.test(bill.frequency) || code !== stillPatient,
        at,
        'a bill through discharge says that the patient is still there',
      ),
      ...unless(
        !/^[23]$/.test(bill.frequency) || code === stillPatient,
        at,
        'an interim bill says that the patient has left',
      ),
    ];
  },
};
