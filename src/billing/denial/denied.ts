import type { Claim, ClaimResponse } from '@medplum/fhirtypes';
import { adjudicated, type Adjusted } from '../../datatypes/adjudication.ts';
import { add, subtract, sum, zero, type Cents } from '../../datatypes/cents.ts';
import { contractualReasons } from '../../terminology/claimAdjustmentReason.ts';

/** What a payer refuses: neither agreed, nor the patient's share, nor what payers before have done. */
export const isDenial = ({ group, reason }: Adjusted): boolean =>
  group !== 'PR' && !contractualReasons.has(reason) && !(group === 'OA' && reason === '23');

/** What an answer refuses for one reason. */
export interface Denied {
  readonly carc: string;
  readonly amount: Cents;
  readonly sequences: readonly number[]; // of Claim.item; 0: the claim as a whole
}

/** The amounts that an answer refuses, by reason; `which` says what counts as refused. */
export function deniedBy(
  response: ClaimResponse,
  which: (a: Adjusted) => boolean = isDenial,
): Map<string, Denied> {
  const found = new Map<string, Denied>();
  for (const { sequence = 0, adjustments } of adjudicated(response)) {
    for (const a of adjustments.filter((x) => x.amount !== 0 && which(x))) {
      const known = found.get(a.reason);
      found.set(a.reason, {
        carc: a.reason,
        amount: add(known?.amount ?? zero, a.amount),
        sequences: [...(known?.sequences ?? []), sequence],
      });
    }
  }
  return found;
}

/** All that an answer refuses. */
export const deniedIn = (response: ClaimResponse): Cents =>
  sum([...deniedBy(response).values()].map((d) => d.amount));

/** The remarks (RARC) that a payer gives with an answer, each once. */
export const remarksOf = (response: ClaimResponse): string[] => [
  ...new Set(
    (response.processNote ?? []).flatMap((n) => /^(?:M|MA|N)\d{1,3}(?=$|[^0-9A-Z])/.exec(n.text)?.[0] ?? []),
  ),
];

/** The services of some lines of a claim, by code; all of them for the claim as a whole. */
export function servicesOf(claim: Claim, sequences: readonly number[]): string[] {
  const lines = (claim.item ?? []).filter((i) => sequences.includes(0) || sequences.includes(i.sequence));
  return [...new Set(lines.flatMap((i) => i.productOrService.coding?.[0]?.code ?? []))];
}

const paidIn = (response: ClaimResponse): Cents => sum(adjudicated(response).map((l) => l.paid));

/**
 * What a later answer decides of an appeal: how much less it denies than the answer that was appealed, held against the
 * amount in dispute; where that one denied nothing, how much more it pays.
 */
export function appealDecisionOf(
  disputed: Cents,
  { before, after }: { readonly before: ClaimResponse | undefined; readonly after: ClaimResponse },
): 'overturned' | 'partly-overturned' | 'upheld' {
  const denied = before ? deniedIn(before) : disputed;
  const left = deniedIn(after);
  const won = before && denied === 0 ? subtract(paidIn(after), paidIn(before)) : subtract(denied, left);
  if (won >= disputed || (denied > 0 && left === 0)) return 'overturned';
  return won > 0 ? 'partly-overturned' : 'upheld';
}

/** What came of a denial; the codes of CodeSystem/denial-outcome. */
export type DenialOutcome = 'recovered' | 'partly-recovered' | 'not-recovered' | 'written-off';

/**
 * What a later answer makes of what was denied before. Undefined where it says the same again of the same claim: then
 * the denial is still to be worked.
 */
export function outcomeOf(
  before: { readonly carc: string; readonly amount: Cents },
  { response, isOther }: { readonly response: ClaimResponse; readonly isOther: boolean },
): DenialOutcome | undefined {
  const denied = deniedBy(response);
  const all = sum([...denied.values()].map((d) => d.amount));
  const same = denied.get(before.carc)?.amount ?? zero;
  const paid = paidIn(response);
  const settled = sum(adjudicated(response).map((l) => l.allowed));
  if (same === 0 && all === 0 && paid + settled > 0) return 'recovered';
  if (same < before.amount && paid + settled > 0) return 'partly-recovered';
  return isOther ? 'not-recovered' : undefined;
}
