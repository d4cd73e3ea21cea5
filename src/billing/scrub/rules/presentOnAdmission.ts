import { isPresentOnAdmission } from '../../../terminology/presentOnAdmission.ts';
import { diagnosisOn } from '../codes.ts';
import { fault, unless, type ScrubRule } from '../rule.ts';

/** On an inpatient claim each diagnosis says whether it was present on admission, unless it is exempt (HI). */
export const presentOnAdmission: ScrubRule = {
  id: 'present-on-admission',
  source: 'billing rule 22; Deficit Reduction Act of 2005 section 5001(c), CMS POA list',
  carc: '16',
  cure: 'Chart the present-on-admission indicator of the Condition.',
  severity: 'error',
  check: (claim) => {
    const { diagnoses, inpatient, form, end, created } = claim;
    if (form !== 'institutional') return [];
    return diagnoses.flatMap((d) => {
      const given = d.element.onAdmission?.coding?.[0]?.code;
      const at = `${d.at}.onAdmission`;
      if (given !== undefined)
        return unless(isPresentOnAdmission(given), at, 'this is no present-on-admission indicator');
      const reason =
        !d.types.has('principal') && (d.types.has('admitting') || d.types.has('patientreasonforvisit'));
      const exempt =
        d.code !== undefined && diagnosisOn(claim, d.code, end ?? created).code?.poaExempt === true;
      return inpatient && !reason && !exempt
        ? [fault(at, 'this diagnosis needs a present-on-admission indicator')]
        : [];
    });
  },
};
