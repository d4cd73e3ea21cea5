import type { ClaimResponse, ClaimResponseItemAdjudication } from '@medplum/fhirtypes';
import { centsOf, zero, type Cents } from './cents.ts';

/** One adjustment of a payer's answer: group code, CARC, amount. */
export interface Adjusted {
  readonly group: 'CO' | 'OA' | 'PI' | 'PR';
  readonly reason: string;
  readonly amount: Cents;
}

/** What a payer decided on one line; without `sequence` on the claim as a whole (a case rate). */
export interface Adjudicated {
  readonly sequence?: number; // Claim.item.sequence
  readonly submitted: Cents;
  readonly allowed: Cents;
  readonly paid: Cents;
  readonly adjustments: readonly Adjusted[];
}

/** The groups of https://x12.org/codes/claim-adjustment-group-codes that a payer may use. */
const isGroup = (code: string | undefined): code is Adjusted['group'] =>
  code === 'CO' || code === 'OA' || code === 'PI' || code === 'PR';

/** Reads the decisions of a ClaimResponse: its items, or its header where it has none. See docs/model.md */
export function adjudicated(response: ClaimResponse): Adjudicated[] {
  if (response.item?.length) {
    return response.item.map((i) => ({ sequence: i.itemSequence, ...decision(i.adjudication) }));
  }
  return response.adjudication?.length ? [decision(response.adjudication)] : [];
}

function decision(entries: readonly ClaimResponseItemAdjudication[]): Omit<Adjudicated, 'sequence'> {
  const code = (e: ClaimResponseItemAdjudication): string | undefined => e.category.coding?.[0]?.code;
  const amount = (category: string): Cents =>
    centsOf(entries.find((e) => code(e) === category)?.amount) ?? zero;
  return {
    submitted: amount('submitted'),
    allowed: amount('eligible'),
    paid: amount('benefit'),
    adjustments: entries.flatMap((e) => {
      const group = code(e);
      const reason = e.reason?.coding?.[0]?.code ?? '';
      return isGroup(group) ? [{ group, reason, amount: centsOf(e.amount) ?? zero }] : [];
    }),
  };
}
