import { isApart, isDiagnostic, staysAround } from '../admissions.ts';
import { fault, type ScrubRule } from '../rule.ts';
import { supporting } from '../view.ts';

/**
 * Outpatient services of the days before an admission by the same hospital go on the claim of the stay, where Medicare
 * is billed. Condition code 51 says that services that are not diagnostic have nothing to do with the stay.
 */
export const paymentWindow: ScrubRule = {
  id: 'payment-window',
  source: '837I HI BG; 42 CFR 412.2(c)(5), Medicare Claims Processing Manual chapter 3, 40.3',
  carc: '60',
  cure: 'Put the services on the claim of the stay; where they are unrelated and not diagnostic, say so by condition code 51.',
  severity: 'error',
  check: (claim) => {
    if (claim.form !== 'institutional' || claim.inpatient || !claim.admissions) return [];
    const isUnrelated = supporting(claim.claim, 'condition-code').some(
      ({ element }) => element.code?.coding?.[0]?.code === '51',
    );
    return claim.lines.flatMap((line) =>
      isApart(line) || (isUnrelated && !isDiagnostic(line)) || staysAround(claim, line).length === 0
        ? []
        : [fault(line.at, 'this service falls in the days before an admission that are paid with the stay')],
    );
  },
};
