import { isAdmissionType, isPointOfOrigin } from '../../../terminology/admission.ts';
import { needsAdmissionDate } from '../../../terminology/typeOfBill.ts';
import { dayOf } from '../line.ts';
import { supporting } from '../view.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** A stay says when it began, how urgent it was and where the patient came from (DTP 435, CL101, CL102). */
export const admission: ScrubRule = {
  id: 'admission',
  source: 'billing rule 38; 837I DTP 435, CL101 and CL102',
  carc: '16',
  cure: 'Chart Encounter.period, priority and hospitalization.admitSource.',
  severity: 'error',
  check: ({ claim, bill, end }) => {
    if (!bill || !needsAdmissionDate(bill.kind)) return [];
    const [period] = supporting(claim, 'admissionperiod');
    const day = dayOf(period?.element.timingDate ?? period?.element.timingPeriod?.start);
    const [type] = supporting(claim, 'admtype');
    const [origin] = supporting(claim, 'pointoforigin');
    const code = (info: typeof type): string => info?.element.code?.coding?.[0]?.code ?? '';
    return [
      ...unless(
        day !== undefined && (end === undefined || day <= end),
        period ? `${period.at}.timing` : 'Claim.supportingInfo',
        'the date of admission is missing, no full date, or after the stay',
      ),
      ...unless(
        isAdmissionType(code(type)),
        type ? `${type.at}.code` : 'Claim.supportingInfo',
        'the type of admission is missing or unknown',
      ),
      ...unless(
        isPointOfOrigin(code(origin), code(type)),
        origin ? `${origin.at}.code` : 'Claim.supportingInfo',
        'the point of origin is missing or unknown',
      ),
    ];
  },
};
