import type { ChargeItem } from '@medplum/fhirtypes';
import { decided, type Issue } from '../../outcome/issue.ts';
import type { BillingCode } from '../../datatypes/chart.ts';
import { toText } from '../../datatypes/cents.ts';
import { pricedCharge, unpricedCharge, type Belonging } from './chargeItem.ts';
import { billedUnits, linesFor, price, whyUnclear } from './price.ts';
import type { PriceList } from './priceList.ts';
import type { Service, Uncoded } from './service.ts';

/** The charges that services make, and what has no price. */
export interface Charges {
  readonly charges: readonly { readonly charge: ChargeItem; readonly service: Service }[];
  readonly uncoded: readonly Uncoded[];
  readonly issues: readonly Issue[];
  readonly faults: readonly Issue[]; // a price that is no price: nothing may be charged by it
}

/** The payer (Organization/1) that a price may depend on, by the code that is priced. */
export type PayerOf = (code: BillingCode) => string | undefined;

/** Prices every service by the charge master, one by one. */
export function chargesOf(
  services: readonly Service[],
  by: { readonly list: PriceList; readonly belonging: Belonging; readonly payer?: PayerOf },
): Charges {
  const found: { charge: ChargeItem; service: Service }[] = [];
  const uncoded: Uncoded[] = [];
  const issues: Issue[] = [];
  const faults: Issue[] = [];
  for (const service of services) {
    const made = chargeOf(service, by);
    if ('why' in made) {
      const { why, text } = made;
      uncoded.push({ resource: service.resource, expression: placeOf(service), code: why, text });
    } else {
      faults.push(...made.faults);
      issues.push(...made.issues);
      found.push({ charge: made.charge, service });
    }
  }
  return { charges: found, uncoded, issues, faults: unique(faults) };
}

const placeOf = ({ resource }: Service): string => resource.split('/')[0] ?? '';

const unique = (faults: readonly Issue[]): Issue[] => [
  ...new Map(faults.map((f) => [JSON.stringify(f), f])).values(),
];

interface Made {
  readonly charge: ChargeItem;
  readonly faults: readonly Issue[];
  readonly issues: readonly Issue[];
}

function chargeOf(
  service: Service,
  {
    list,
    belonging,
    payer,
  }: { readonly list: PriceList; readonly belonging: Belonging; readonly payer?: PayerOf },
): Made | { why: 'no-price' | 'no-units'; text: string } {
  const { code, resource } = service;
  let why: 'no-price' | 'no-units' = 'no-price';
  for (const line of linesFor(list, code, service.start)) {
    if (line.faults.length > 0) {
      return { charge: unpricedCharge(service, line, belonging), faults: line.faults, issues: [] };
    }
    const unclear = whyUnclear(line);
    if (unclear !== undefined) return { why, text: `${resource}: ${code.code} is not priced by ${unclear}` };
    const units = billedUnits(line, service.count, service.amount);
    if (units === undefined) {
      why = 'no-units';
      continue;
    }
    const unpriced = unpricedCharge(service, line, belonging);
    const priced = price(line, units, () => unpriced, payer?.(code));
    if ('why' in priced) continue;
    const text = `${resource}: ${units.toString()} × ${code.code} at ${toText(priced.unitPrice)}, ${line.definition}`;
    const issues = [decided('price', placeOf(service), text)];
    return { charge: pricedCharge(unpriced, priced), faults: [], issues };
  }
  const text =
    why === 'no-units'
      ? `${resource}: the amount cannot be turned into billing units of ${code.code}`
      : `${resource}: the charge master has no price for ${code.code} on ${service.start}`;
  return { why, text };
}
