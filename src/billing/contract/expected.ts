import type { Claim, ClaimItem } from '@medplum/fhirtypes';
import { cents, centsOf, least, rateOf, times, toDecimal, type Cents } from '../../datatypes/cents.ts';
import type { Rate } from './rates.ts';

/** A schedule in force: which contract has it, and its rows. */
export interface Schedule {
  readonly contract: string; // Contract/1
  readonly rates: readonly Rate[];
}

/** What a payer is expected to allow for one line, and by which rule of which contract. */
export interface ExpectedLine {
  readonly item: number; // Claim.item.sequence
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
 * `scheduleOn` gives the schedule in force on a day. A line that no row is for has no expectation.
 */
export function expectedLines(
  claim: Claim,
  scheduleOn: (day: string) => Schedule | undefined,
): ExpectedLine[] {
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
  const own = rates.filter((rate) => rate.code === code);
  return (
    own.find((rate) => rate.modifier !== '' && modifiers.includes(rate.modifier)) ??
    own.find((rate) => rate.modifier === '') ??
    rates.find((rate) => rate.code === '*' && rate.modifier === '')
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
