import type { ClaimResponseItemAdjudication } from '@medplum/fhirtypes';
import { centsOf, sum, toMoney, zero, type Cents } from '../../../datatypes/cents.ts';
import { codeOf, concept } from '../../../datatypes/coding.ts';
import { extensionOf } from '../../../datatypes/extension.ts';
import { extension, system } from '../../../terminology/system.ts';
import { element, segment, type Segment } from '../../../x12/segment.ts';
import { amountOf, amountText, decimalText, numberOf } from './value.ts';

/** CAS, as the payer sent it (billing rules 45, 59), each way. */

export interface Adjustment {
  readonly group: string;
  readonly reason: string;
  readonly amount: Cents;
  readonly quantity?: number;
}

type Entry = ClaimResponseItemAdjudication;

const isDivided = (entry: Entry): boolean =>
  extensionOf(entry, extension.allocatedAdjustment)?.valueBoolean === true;

/** The adjustments of a decision in their order, as the payer gave them: without parts of the claim's own. */
export const adjustmentsOf = (entries: readonly Entry[] | undefined): Adjustment[] =>
  readEntries((entries ?? []).filter((entry) => !isDivided(entry)));

/** What of an adjustment of the whole claim was divided to a line: the payer's payment of the line is before it. */
export const dividedOf = (entries: readonly Entry[] | undefined): Cents =>
  totalOf(readEntries((entries ?? []).filter(isDivided)));

const readEntries = (entries: readonly Entry[]): Adjustment[] =>
  entries.flatMap((entry) => {
    const group = codeOf(entry.category, system.adjustmentGroup);
    if (group === undefined) return [];
    return [
      {
        group,
        reason: codeOf(entry.reason, system.carc) ?? '',
        amount: centsOf(entry.amount) ?? zero,
        ...(entry.value === undefined ? {} : { quantity: entry.value }),
      },
    ];
  });

export const totalOf = (adjustments: readonly Adjustment[]): Cents =>
  sum(adjustments.map(({ amount }) => amount));

/** One CAS a group, six triplets each. */
export function adjustmentSegments(adjustments: readonly Adjustment[]): Segment[] {
  const groups = [...new Set(adjustments.map(({ group }) => group))];
  return groups.flatMap((group) => {
    const own = adjustments.filter((a) => a.group === group);
    const segments: Segment[] = [];
    for (let at = 0; at < own.length; at += 6) {
      const triplets = own
        .slice(at, at + 6)
        .flatMap(({ reason, amount, quantity }) => [
          reason,
          amountText(amount),
          quantity === undefined ? '' : decimalText(quantity),
        ]);
      segments.push(segment('CAS', [group, ...triplets]));
    }
    return segments;
  });
}

const amountEntry = (code: string, amount: Cents): Entry => ({
  category: concept(system.adjudication, code),
  amount: toMoney(amount),
});

/** What was submitted, allowed and paid of a line or claim. */
export const decisionEntries = (submitted: Cents, allowed: Cents, paid: Cents): Entry[] => [
  amountEntry('submitted', submitted),
  amountEntry('eligible', allowed),
  amountEntry('benefit', paid),
];

export function readAdjustments(segments: readonly Segment[]): Adjustment[] {
  return segments.flatMap((cas) =>
    [2, 5, 8, 11, 14, 17].flatMap((n): Adjustment[] => {
      const amount = amountOf(element(cas, n + 1));
      if (element(cas, n) === '' || amount === undefined) return [];
      const quantity = numberOf(element(cas, n + 2));
      return [
        {
          group: element(cas, 1),
          reason: element(cas, n),
          amount,
          ...(quantity === undefined ? {} : { quantity }),
        },
      ];
    }),
  );
}

export const adjustmentEntries = (adjustments: readonly Adjustment[]): Entry[] =>
  adjustments.map(({ group, reason, amount, quantity }) => ({
    category: concept(system.adjustmentGroup, group),
    reason: concept(system.carc, reason),
    amount: toMoney(amount),
    ...(quantity === undefined ? {} : { value: quantity }),
  }));
