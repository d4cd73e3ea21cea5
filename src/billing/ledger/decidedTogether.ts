import type { ClaimResponse } from '@medplum/fhirtypes';
import { adjudicated, type Adjudicated, type Adjusted } from '../../datatypes/adjudication.ts';
import { add, least, most, subtract, sum, zero, type Cents } from '../../datatypes/cents.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { contractualReasons } from '../../terminology/claimAdjustmentReason.ts';
import { extension } from '../../terminology/system.ts';

/** Whether an answer decides its claim: complete, not taken back, and not a reversal or a duplicate of another. */
export const decides = (response: ClaimResponse): boolean =>
  response.status === 'active' &&
  response.outcome === 'complete' &&
  extensionOf(response, extension.answerKind) === undefined;

/** By what answers to one claim are put in order, whichever came first: payment date, trace, place in the interchange. */
export function answerOrder({ payment, extension: own, created }: ClaimResponse): string {
  const place =
    own
      ?.find((e) => e.url === extension.x12Position)
      ?.valueString?.split('|')
      .at(-1) ?? '0';
  return [payment?.date ?? created, payment?.identifier?.value ?? '', place.padStart(9, '0')].join(' ');
}

export const inOrder = <T extends ClaimResponse>(responses: readonly T[]): T[] =>
  responses.toSorted((a, b) => (answerOrder(a) < answerOrder(b) ? -1 : 1));

/**
 * Several answers to one claim as one, as they are posted: on a line that an earlier answer settled, a later one counts
 * for what that left undecided or denied, and for its payment.
 */
export function decidedTogether(responses: readonly ClaimResponse[]): Adjudicated[] {
  const [only, ...more] = responses;
  if (only && more.length === 0) return adjudicated(only);
  const lines = new Map<number | undefined, Adjudicated>();
  const left = new Map<number | undefined, Cents>();
  for (const line of inOrder(responses).flatMap(adjudicated)) {
    const known = lines.get(line.sequence);
    if (!known) {
      lines.set(line.sequence, line);
      left.set(line.sequence, refusedOf(line));
      continue;
    }
    const before = left.get(line.sequence) ?? zero;
    const counted = within(line, before);
    lines.set(line.sequence, {
      ...known,
      allowed: add(known.allowed, line.allowed),
      paid: add(known.paid, line.paid),
      adjustments: [...known.adjustments.filter((a) => !isRefused(a)), ...counted.adjustments],
    });
    left.set(line.sequence, subtract(before, counted.taken));
  }
  return [...lines.values()];
}

const isRepeat = ({ group, reason }: Adjusted): boolean => group === 'OA' && reason === '23';
const isRefused = (a: Adjusted): boolean =>
  a.group !== 'PR' && !contractualReasons.has(a.reason) && !isRepeat(a);
const refusedOf = ({ adjustments }: Adjudicated): Cents =>
  sum(adjustments.filter(isRefused).map((a) => a.amount));

/** A later answer within what was left: its write-off gives way first, then what it refuses, its share, its payment. */
function within(line: Adjudicated, left: Cents): { readonly adjustments: Adjusted[]; readonly taken: Cents } {
  const counts = line.adjustments.filter((a) => !isRepeat(a));
  let over = subtract(sum([line.paid, ...counts.map((a) => a.amount)]), left);
  const cut = (amount: Cents): Cents => {
    const off = least(most(amount, zero), most(over, zero));
    over = subtract(over, off);
    return subtract(amount, off);
  };
  const rank = (a: Adjusted): number => (a.group === 'PR' ? 2 : isRefused(a) ? 1 : 0);
  const adjustments = counts
    .toSorted((a, b) => rank(a) - rank(b))
    .map((a) => ({ ...a, amount: cut(a.amount) }))
    .filter((a) => a.amount !== 0);
  const paid = cut(line.paid);
  const taken = sum([paid, ...adjustments.filter((a) => !isRefused(a)).map((a) => a.amount)]);
  return { adjustments, taken };
}
