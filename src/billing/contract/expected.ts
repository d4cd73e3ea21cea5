import type { Claim, ClaimItem } from '@medplum/fhirtypes';
import {
  cents,
  centsOf,
  least,
  rateOf,
  sum,
  times,
  toDecimal,
  zero,
  type Cents,
} from '../../datatypes/cents.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { daysBetween } from '../../datatypes/date.ts';
import { system } from '../../terminology/system.ts';
import type { Rate } from './rates.ts';

/** A schedule in force: which contract has it, and its rows. */
export interface Schedule {
  readonly contract: string; // Contract/1
  readonly rates: readonly Rate[];
}

/** The place of what is expected of a claim as a whole. */
export const wholeClaim = 0;

/** What a payer is expected to allow for one line, or for the claim as a whole, and by which rule of which contract. */
export interface ExpectedLine {
  readonly item: number; // Claim.item.sequence, or wholeClaim
  readonly amount: Cents;
  readonly rule: string;
}

interface Priced {
  readonly item: number;
  readonly day: string;
  readonly charge: Cents;
  readonly price: Cents; // before the rule of several procedures
  readonly rate: Rate;
  readonly rule: string;
}

/** The day a line is of. */
export const dayOf = (claim: Claim, item: ClaimItem): string =>
  (item.servicedDate ?? item.servicedPeriod?.start ?? claim.billablePeriod?.start ?? '').slice(0, 10);

/**
 * What each line of a claim is expected to be allowed: the price of its code, never above the charge (billing rule 50).
 * `scheduleOn` gives the schedule in force on a day. A line that no row is for has no expectation. Where a rate for the
 * case holds, it is for the claim as a whole and no line has one of its own.
 */
export function expectedLines(
  claim: Claim,
  scheduleOn: (day: string) => Schedule | undefined,
): ExpectedLine[] {
  const whole = caseRate(claim, scheduleOn);
  if (whole) return [whole];
  const priced = (claim.item ?? []).flatMap((item) => {
    const schedule = scheduleOn(dayOf(claim, item));
    const of = schedule && price(claim, item, schedule);
    return of ? [of] : [];
  });
  const first = firstOfDay(priced);
  return priced.map((line) => {
    const { multiple } = line.rate;
    const isFurther = multiple !== undefined && first.get(line.day) !== line.item;
    const agreed = isFurther ? rateOf(multiple, line.price) : line.price;
    return {
      item: line.item,
      amount: least(agreed, line.charge),
      rule: [
        line.rule,
        ...(isFurther ? [`${percentText(multiple)} as a further procedure of the day`] : []),
        ...(agreed > line.charge ? ['at most the charge'] : []),
      ].join(', '),
    };
  });
}

/**
 * The rate for a case or its days: of a stay by its DRG, else of every stay; of a visit by the first of its services that
 * has one. It may be above the charge. Billing rule 50.
 */
function caseRate(claim: Claim, scheduleOn: (day: string) => Schedule | undefined): ExpectedLine | undefined {
  const items = claim.item ?? [];
  const { start = '', end = start } = claim.billablePeriod ?? {};
  const day = start.slice(0, 10) || (items[0] ? dayOf(claim, items[0]) : '');
  const schedule = scheduleOn(day);
  const rates = schedule?.rates.filter(({ per }) => per !== undefined) ?? [];
  if (!schedule || rates.length === 0) return undefined;
  const isStay = claim.subType?.coding?.some(({ code }) => code === 'inpatient') === true;
  const drg = (claim.supportingInfo ?? []).flatMap(({ category, code }) =>
    category.coding?.some((c) => c.code === 'drg') === true ? (codeOf(code, system.msDrg) ?? []) : [],
  )[0];
  const codes = isStay
    ? [...(drg === undefined ? [] : [`DRG${drg}`]), '*']
    : items.map(({ productOrService }) => productOrService.coding?.[0]?.code ?? '');
  const rate = codes.flatMap((code) => rates.find((one) => one.code === code) ?? [])[0];
  if (!rate) return undefined;
  const days = isStay
    ? Math.max(1, daysBetween(day, end.slice(0, 10)))
    : new Set(
        items.filter((i) => i.productOrService.coding?.[0]?.code === rate.code).map((i) => dayOf(claim, i)),
      ).size;
  const charge = sum(items.map(({ net }) => centsOf(net) ?? zero));
  const price = rate.price ?? rateOf(rate.percent ?? 0, charge);
  const of =
    rate.price === undefined ? `${percentText(rate.percent ?? 0)} of the charge` : 'the price agreed';
  const what = rate.code === '*' ? 'every stay' : rate.code;
  return {
    item: wholeClaim,
    amount: rate.per === 'day' ? times(days, price) : price,
    rule: `${schedule.contract}: ${of} for ${what}, ${rate.per === 'day' ? `${days.toString()} days` : 'the case as a whole'}`,
  };
}

const percentText = (basisPoints: number): string => `${toDecimal(cents(basisPoints))} %`;

function price(claim: Claim, item: ClaimItem, { contract, rates }: Schedule): Priced | undefined {
  const code = item.productOrService.coding?.[0]?.code ?? '';
  const charge = centsOf(item.net);
  const modifiers = (item.modifier ?? []).flatMap((m) => m.coding?.[0]?.code ?? []);
  const rate = rateFor(rates, code, modifiers);
  if (charge === undefined || charge <= 0 || rate === undefined) return undefined;
  const whole =
    rate.price === undefined
      ? rateOf(rate.percent ?? 0, charge)
      : times(item.quantity?.value ?? 1, rate.price);
  const isBoth = rate.bilateral !== undefined && modifiers.includes('50');
  const of =
    rate.price === undefined ? `${percentText(rate.percent ?? 0)} of the charge` : 'the price agreed';
  return {
    item: item.sequence,
    day: dayOf(claim, item),
    charge,
    price: isBoth ? rateOf(rate.bilateral, whole) : whole,
    rate,
    rule: [
      `${contract}: ${of} for ${rate.code === '*' ? 'every other code' : [rate.code, rate.modifier].join(' ').trim()}`,
      ...(isBoth ? [`${percentText(rate.bilateral)} on both sides`] : []),
    ].join(', '),
  };
}

/** The row of a code and one of its modifiers, else of the code, else of every other code. */
export const rateFor = (
  rates: readonly Rate[],
  code: string,
  modifiers: readonly string[],
): Rate | undefined => {
  const single = rates.filter(({ per }) => per === undefined);
  const own = single.filter((rate) => rate.code === code);
  return (
    own.find((rate) => rate.modifier !== '' && modifiers.includes(rate.modifier)) ??
    own.find((rate) => rate.modifier === '') ??
    single.find((rate) => rate.code === '*' && rate.modifier === '')
  );
};

/** Of each day the line with the highest price among those with a rule for several procedures: it is paid in full. */
function firstOfDay(lines: readonly Priced[]): Map<string, number> {
  const first = new Map<string, Priced>();
  for (const line of lines) {
    if (line.rate.multiple === undefined) continue;
    const known = first.get(line.day);
    if (!known || line.price > known.price) first.set(line.day, line);
  }
  return new Map([...first].map(([day, { item }]) => [day, item]));
}
