import { least, subtract, sum, zero, type Cents } from '../../datatypes/cents.ts';
import type { HeldBy, OwedLine } from './owed.ts';

/** Why a share that the last payer left is not asked of the patient, though it is PR. Billing rule 53. */
export interface Limits {
  /** A Qualified Medicare Beneficiary: his cost share is nobody's to pay but a payer's (42 USC 1396a(n)(3)). */
  readonly qmb: boolean;
  /** Medicaid paid: all it leaves but the copay of its plan is paid in full (42 CFR 447.15). */
  readonly medicaid?: { readonly copay: Cents } | undefined;
  /** The office still looks for other coverage. */
  readonly searching: boolean;
  /** Why nothing of the claim is asked for now. */
  readonly waits?: Extract<HeldBy, 'appeal-open' | 'compensation' | 'correction-open'> | undefined;
  /** Lines (Claim.item.sequence; undefined: all) of emergencies and the like: no more than the in-network share. */
  readonly noSurprises?: ((item: number | undefined) => boolean) | undefined;
  /** Lines of which the patient was told before that he would pay. */
  readonly noticed?: ((item: number | undefined) => boolean) | undefined;
}

/** CARC of what a charge is above what the plan allows: asked of a patient, it is balance billing. */
const aboveAllowed = '45';
/** CARCs of a denial that a patient pays only when he was told before: not necessary, not covered. Billing rule 54. */
const needsNotice: ReadonlySet<string> = new Set(['50', '96', '204']);

/** CARCs of a cost share: deductible, coinsurance, copay, blood deductible, subsidised copay, what a payer before left. */
const costShare: ReadonlySet<string> = new Set(['1', '2', '3', '66', '122', '241', '247', '248', '275']);

/** CARCs of a denial for want of coverage: before it began, after it ended, no such member. */
export const noCoverage: ReadonlySet<string> = new Set(['26', '27', '31']);
const copay = '3';

/** The lines with what of each is not asked of the patient. */
export function limited(lines: readonly OwedLine[], limits: Limits): OwedLine[] {
  const { qmb, medicaid, searching, waits } = limits;
  let copayLeft = medicaid?.copay ?? zero;
  return lines.map((line) => {
    const parts = line.shares.map(({ reason, amount }) => {
      if (searching && noCoverage.has(reason)) return { to: 'coverage-search-open', amount } as const;
      if (qmb && costShare.has(reason)) return { to: 'qmb', amount } as const;
      const heldBy = waits ?? heldOf(reason, line.item, limits);
      if (heldBy !== undefined) return { to: 'rule', amount, heldBy } as const;
      if (!medicaid) return { to: 'patient', amount } as const;
      const asked = reason === copay ? least(amount, copayLeft) : zero;
      copayLeft = subtract(copayLeft, asked);
      return { to: 'medicaid-balance', amount: subtract(amount, asked) } as const;
    });
    const total = (to: (typeof parts)[number]['to']): Cents =>
      sum(parts.filter((p) => p.to === to).map((p) => p.amount));
    return {
      ...line,
      costShare: total('qmb'),
      medicaidHeld: total('medicaid-balance'),
      searchHeld: total('coverage-search-open'),
      ruleHeld: total('rule'),
      heldBy: parts.find((p) => p.to === 'rule')?.heldBy,
    };
  });
}

function heldOf(
  reason: string,
  item: number | undefined,
  { noSurprises, noticed }: Limits,
): HeldBy | undefined {
  if (reason === aboveAllowed && noSurprises?.(item) === true) return 'no-surprises-act';
  return needsNotice.has(reason) && noticed?.(item) === false ? 'notice-missing' : undefined;
}
