import type { ChargeItem } from '@medplum/fhirtypes';
import { centsOf, type Cents } from '../../datatypes/cents.ts';
import { changed } from '../../datatypes/json.ts';
import { wrongValue, type Issue } from '../../outcome/issue.ts';

/**
 * The price that whoever entered a charge gave it: priceOverride with the reason for it. A priceOverride without a
 * reason is the result of pricing. `faults` says why a price of its own cannot be billed.
 */
export function ownPrice({ overrideReason, priceOverride }: ChargeItem): {
  readonly amount?: Cents;
  readonly faults: readonly Issue[];
} {
  if (overrideReason === undefined || priceOverride === undefined) return { faults: [] };
  const amount = centsOf(priceOverride);
  if (amount !== undefined && amount >= 0) return { amount, faults: [] };
  const text = 'a price of its own is whole cents of USD and not below zero';
  return { faults: [wrongValue('price-not-usable', 'ChargeItem.priceOverride', text)] };
}

/** A charge that keeps its own price; it is the whole charge, so factorOverride does not change it again. */
export const withOwnPrice = (charge: ChargeItem): ChargeItem =>
  changed(charge, { quantity: charge.quantity ?? { value: 1 } });
