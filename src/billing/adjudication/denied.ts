import { subtract, zero } from '../../datatypes/cents.ts';
import type { Adjustment, Decision, Denial, Line } from './benefit.ts';

/** A plan has no price for the code: not covered under the member's plan (CARC 204), which 45 may never say. */
export const notCovered: Denial = { group: 'PR', reason: '204', remarks: ['N130'] };

/**
 * One adjustment for the whole charge, nothing allowed, no CO-45. What an earlier payer already settled is OA-23,
 * so that a later payer refuses only what was left. Billing rules 47, 50.
 */
export function denied({ charge, prior }: Pick<Line, 'charge' | 'prior'>, denial: Denial): Decision {
  const left = prior?.patient ?? charge;
  const settled = subtract(charge, left);
  const adjustments: Adjustment[] = [
    ...(settled === 0 ? [] : [{ group: 'OA', reason: '23', amount: settled } as const]),
    ...(left === 0 ? [] : [{ group: denial.group, reason: denial.reason, amount: left }]),
  ];
  return { charge, allowed: zero, paid: zero, adjustments, remarks: [...(denial.remarks ?? [])] };
}
