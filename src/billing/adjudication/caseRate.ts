import { subtract, type Cents } from '../../datatypes/cents.ts';
import type { Adjustment, BenefitRules, Decision, Prior, Used } from './benefit.ts';
import { afterShare, inpatientShare, shareAdjustments, shareTotal } from './costShare.ts';
import { afterPaid, withinMaximum } from './maximum.ts';
import { secondary } from './secondary.ts';

/** A stay that is paid as a whole. */
export interface Stay {
  readonly charge: Cents; // of all lines
  readonly rate: Cents;
  readonly prior?: Prior;
}

/**
 * One allowed amount for the whole claim; the adjustments stand at claim level. A rate above the charge is a negative
 * CO-94: the lower of charge and fee applies to fee schedules only. Billing rule 50.
 */
export function caseRate(stay: Stay, rules: BenefitRules, used: Used): { decision: Decision; used: Used } {
  const { charge, rate, prior } = stay;
  const inpatient = rules.inpatientDeductible !== undefined;
  const share = inpatientShare(rate, rules, used);
  if (prior !== undefined) {
    const later = secondary({ charge, allowed: rate, share, prior }, rules.coordination);
    const decision = withinMaximum(later.decision, { rules, used });
    return { decision, used: afterPaid(afterShare(used, later.owed, inpatient), decision.paid, rules) };
  }
  const writtenOff = subtract(charge, rate);
  const contractual: Adjustment[] =
    writtenOff === 0 ? [] : [{ group: 'CO', reason: writtenOff > 0 ? '45' : '94', amount: writtenOff }];
  const first: Decision = {
    charge,
    allowed: rate,
    paid: subtract(rate, shareTotal(share)),
    adjustments: [...contractual, ...shareAdjustments(share)],
    remarks: share.cut ? ['N549'] : [],
  };
  const decision = withinMaximum(first, { rules, used });
  return { decision, used: afterPaid(afterShare(used, share, inpatient), decision.paid, rules) };
}
