import type { Claim, Money } from '@medplum/fhirtypes';
import { centsOf, times, type Cents } from '../../datatypes/cents.ts';

/** The most an X12 amount carries: 99,999,999.99. */
const amountMax = 9_999_999_999;

/** Whole cents of US dollars that a claim can carry; undefined for anything else. */
export function amountOf(money: Money | undefined): Cents | undefined {
  const amount = centsOf(money);
  return amount === undefined || Math.abs(amount) > amountMax ? undefined : amount;
}

/** Units times price, rounded to the cent; undefined where that is no amount. */
export const productOf = (units: number | undefined, price: Cents | undefined): Cents | undefined =>
  units === undefined || price === undefined || !(Math.abs(units) < 100_000)
    ? undefined
    : times(units, price);

/** Every Money of the claim's own elements, with its place. */
export function moneyOf(claim: Claim): { at: string; money: Money }[] {
  const found: { at: string; money: Money }[] = [];
  const take = (at: string, money: Money | undefined): void => {
    if (money) found.push({ at, money });
  };
  take('Claim.total', claim.total);
  (claim.item ?? []).forEach((item, i) => {
    take(`Claim.item[${i}].unitPrice`, item.unitPrice);
    take(`Claim.item[${i}].net`, item.net);
    (item.detail ?? []).forEach((detail, d) => {
      take(`Claim.item[${i}].detail[${d}].unitPrice`, detail.unitPrice);
      take(`Claim.item[${i}].detail[${d}].net`, detail.net);
      (detail.subDetail ?? []).forEach((sub, s) => {
        take(`Claim.item[${i}].detail[${d}].subDetail[${s}].unitPrice`, sub.unitPrice);
        take(`Claim.item[${i}].detail[${d}].subDetail[${s}].net`, sub.net);
      });
    });
  });
  return found;
}
