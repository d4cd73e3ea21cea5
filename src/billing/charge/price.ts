import { evalFhirPathTyped, toJsBoolean, toTypedValue } from '@medplum/core';
import type { ChargeItem, Quantity } from '@medplum/fhirtypes';
import { add, subtract, times, zero, type Cents } from '../../datatypes/cents.ts';
import { isUnitCount, portionOf, unitsOf } from '../../datatypes/quantity.ts';
import { isMileage } from '../../terminology/hcpcs.ts';
import { system } from '../../terminology/system.ts';
import { drugQuantity } from './drug.ts';
import { bilateralModifier, chargeModifiers, withoutModifier } from './chargeModifier.ts';
import type { PriceGroup, PriceLine, PriceList } from './priceList.ts';

/** The price of a service and where it comes from. */
export interface Priced {
  readonly line: PriceLine;
  readonly units: number;
  readonly unitPrice: Cents;
  readonly charge: Cents; // rounded half up, once
}

/** Why there is no price. */
export interface Unpriced {
  readonly why: 'no-price' | 'no-units';
  readonly text: string;
}

/** Why a line prices nothing although it has amounts; undefined where its price is clear. */
export const whyUnclear = ({ unclear, definition }: PriceLine): string | undefined => {
  const [first] = unclear;
  return first && `${definition}, ${first.expression?.[0] ?? ''}: ${first.details?.text ?? ''}`;
};

/** The lines of the charge master for a code that hold on a day. */
export const linesFor = (list: PriceList, code: { system: string; code: string }, on: string): PriceLine[] =>
  (list.lines.get(`${code.system}|${code.code}`) ?? []).filter(
    ({ from, until }) => (from === undefined || from <= on) && (until === undefined || until >= on),
  );

/**
 * How many units are billed: a dose by the billing unit of the line, rounded up to whole units; a distance as it is;
 * else the count. Undefined when the amount cannot be turned into units.
 */
export function billedUnits(
  line: PriceLine,
  count: number,
  amount: Quantity | undefined,
): number | undefined {
  if (amount === undefined) return count;
  if (line.system === system.ndc) return dispensedUnits(line, amount);
  if (line.unit) return unitsOf(amount, line.unit);
  const { value = 0, code, unit } = amount;
  if (!isUnitCount(value)) return undefined;
  if (isMileage(line.code)) return (code ?? unit ?? 'mi').includes('mi') ? value : undefined;
  return Number.isInteger(value) ? value : undefined;
}

/** A dispensed drug is billed by what was handed over, parts of a unit too: tablets, millilitres, grams. */
function dispensedUnits({ unit }: PriceLine, amount: Quantity): number | undefined {
  if (amount.value === undefined || amount.value <= 0) return undefined;
  const [of, by] = [drugQuantity(amount), unit && drugQuantity(unit)];
  if (unit && of && by) return portionOf(of, by);
  return unit === undefined && isUnitCount(amount.value) ? amount.value : undefined;
}

/**
 * Prices what was done by one line of the charge master. `subject` is what the conditions of the line look at: the
 * ChargeItem, with `%payer` the reference of the payer. The last group that holds and has a base gives the base;
 * surcharges and discounts of every group that holds are added; factorOverride of the ChargeItem multiplies the whole.
 * See https://hl7.org/fhir/R4/chargeitemdefinition-definitions.html#ChargeItemDefinition.propertyGroup
 */
export function price(
  line: PriceLine,
  units: number,
  about: () => ChargeItem,
  payer?: string,
): Priced | Unpriced {
  const groups = line.groups.filter((g) => holds(g.conditions, about, payer));
  const parts = groups.flatMap((g) => g.parts);
  const base = basePrice(line, groups, about, payer);
  if (base === undefined) return { why: 'no-price', text: `${line.definition} gives no price here` };
  const { factorOverride } = about();
  if (factorOverride !== undefined && factorOverride < 0)
    return { why: 'no-price', text: 'ChargeItem.factorOverride is below zero' };
  const whole = times(units, base);
  const priced = parts.reduce((sum, { kind, amount, factor }) => {
    if (kind === 'base') return sum;
    const part = amount === undefined ? times(factor ?? 0, whole) : times(units, amount);
    return kind === 'discount' ? subtract(sum, part) : add(sum, part);
  }, whole);
  const charge = add(priced, line.dispensingFee ?? zero);
  return {
    line,
    units,
    unitPrice: base,
    charge: factorOverride === undefined ? charge : times(factorOverride, charge),
  };
}

const baseIn = (group: PriceGroup): Cents | undefined =>
  group.parts.findLast((p) => p.kind === 'base' && p.amount !== undefined)?.amount;

/**
 * The price of a unit. With modifier 50 it is that of both sides: what the line says, else twice the base; a base that
 * holds only because of the modifier is the price of both sides already.
 */
function basePrice(
  line: PriceLine,
  groups: readonly PriceGroup[],
  about: () => ChargeItem,
  payer: string | undefined,
): Cents | undefined {
  const from = groups.findLast((g) => baseIn(g) !== undefined);
  const base = from && baseIn(from);
  if (from === undefined || base === undefined) return undefined;
  if (!chargeModifiers(about()).includes(bilateralModifier)) return base;
  const oneSided = (): ChargeItem => withoutModifier(about(), bilateralModifier);
  if (!holds(from.conditions, oneSided, payer)) return base;
  const { amount, factor = 2 } = line.bilateral;
  return amount ?? times(factor, base);
}

function holds(conditions: readonly string[], about: () => ChargeItem, payer: string | undefined): boolean {
  if (conditions.length === 0) return true;
  const item = toTypedValue(about());
  const variables = { '%resource': item, '%context': item, '%payer': toTypedValue(payer ?? '') };
  return conditions.every((c) => toJsBoolean(evalFhirPathTyped(c, [item], variables)));
}
