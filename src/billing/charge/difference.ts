import type { ChargeItem } from '@medplum/fhirtypes';
import { contentText } from '../../datatypes/content.ts';
import { changed, without } from '../../datatypes/json.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { system } from '../../terminology/system.ts';

/** What capturing again changes. */
export interface ChargeDifference {
  readonly keep: readonly ChargeItem[]; // as they are
  readonly amend: readonly ChargeItem[]; // for another diagnosis now, at the same price
  readonly add: readonly ChargeItem[]; // charted since
  readonly withdraw: readonly ChargeItem[]; // their source is gone or has changed
}

/** The source of a captured charge: 'Procedure/1#A0425'; undefined for a charge that someone else entered. */
export const sourceOf = (charge: ChargeItem): string | undefined => identifierOf(charge, system.chargeSource);

/** A charge that counts: not one that was taken back. */
export const stands = ({ status }: ChargeItem): boolean => status === 'billable' || status === 'billed';

/** The part of a charge that comes from the chart and the charge master, what it is for apart. */
const content = (charge: ChargeItem): string =>
  contentText(without(charge, 'id', 'meta', 'status', 'enteredDate', 'account', 'reason'));

const sameReason = (a: ChargeItem, b: ChargeItem): boolean => contentText(a.reason) === contentText(b.reason);

const withReason = (old: ChargeItem, { reason }: ChargeItem): ChargeItem =>
  changed(without(old, 'reason'), { ...(reason ? { reason } : {}) });

/**
 * Compares the charges that were captured with those the chart gives now. A charge that changed is withdrawn and added
 * again; once billed it stays, and is `withdraw` alone: people decide what becomes of it.
 */
export function difference(before: readonly ChargeItem[], now: readonly ChargeItem[]): ChargeDifference {
  const known = new Map(before.filter(stands).map((c) => [sourceOf(c), c]));
  const keep: ChargeItem[] = [];
  const amend: ChargeItem[] = [];
  const add: ChargeItem[] = [];
  const withdraw: ChargeItem[] = [];
  for (const charge of now) {
    const old = known.get(sourceOf(charge));
    known.delete(sourceOf(charge));
    if (old && content(old) === content(charge)) {
      if (old.status === 'billed' || sameReason(old, charge)) keep.push(old);
      else amend.push(withReason(old, charge));
    } else {
      if (old) withdraw.push(old);
      if (old?.status !== 'billed') add.push(charge);
    }
  }
  known.delete(undefined);
  return { keep, amend, add, withdraw: [...withdraw, ...known.values()] };
}
