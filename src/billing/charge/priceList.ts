import type {
  ChargeItemDefinition,
  ChargeItemDefinitionPropertyGroup,
  Money,
  Quantity,
} from '@medplum/fhirtypes';
import { exactCents, type Cents } from '../../datatypes/cents.ts';
import { extensionOf, extensionsOf } from '../../datatypes/extension.ts';
import { wrongValue, type Issue } from '../../outcome/issue.ts';
import { plainCode } from '../../terminology/serviceCode.ts';
import { extension, modifierUrls } from '../../terminology/system.ts';
import { definitionFaults } from './definitionFaults.ts';

/** A part of a price. A base is an amount per unit; the others add an amount per unit or a factor of the base. */
export interface PricePart {
  readonly kind: 'base' | 'surcharge' | 'discount';
  readonly amount?: Cents;
  readonly factor?: number;
}

/** The parts that hold when every condition (FHIRPath) does; no condition: always. */
export interface PriceGroup {
  readonly conditions: readonly string[];
  readonly parts: readonly PricePart[];
}

/** One line of the charge master, read once. */
export interface PriceLine {
  readonly definition: string; // canonical
  readonly system: string;
  readonly code: string;
  readonly from?: string;
  readonly until?: string;
  readonly groups: readonly PriceGroup[];
  readonly revenue?: string;
  readonly unit?: Quantity;
  readonly modifiers: readonly string[];
  readonly dispensingFee?: Cents; // of a drug: once, whatever the units
  readonly faults: readonly Issue[]; // an amount that is no price: found when the line is used
  readonly unclear: readonly Issue[]; // components that leave the price open: nothing is priced by the line
  /** What both sides cost (modifier 50): an amount per unit, or a factor of the base; default twice. */
  readonly bilateral: { readonly amount?: Cents; readonly factor?: number };
}

/** The charge master by 'system|code', in the order the lines were made. */
export interface PriceList {
  readonly lines: ReadonlyMap<string, readonly PriceLine[]>;
  /** True when a price depends on the payer, so that the payer must be known before pricing. */
  readonly byPayer: boolean;
}

/** Reads the active lines of the charge master. See https://hl7.org/fhir/R4/chargeitemdefinition.html */
export function priceList(definitions: readonly ChargeItemDefinition[]): PriceList {
  const lines = new Map<string, PriceLine[]>();
  let byPayer = false;
  for (const definition of definitions.filter((d) => d.status === 'active')) {
    for (const { system: uri, code } of definition.code?.coding ?? []) {
      if (uri === undefined || code === undefined) continue;
      const line = priceLine(definition, uri, plainCode(uri, code));
      byPayer ||= line.groups.some((g) => g.conditions.some((c) => c.includes('%payer')));
      const key = `${line.system}|${line.code}`;
      lines.set(key, [...(lines.get(key) ?? []), line]);
    }
  }
  return { lines, byPayer };
}

/** Reads one line, whatever its status. */
export function priceLine(definition: ChargeItemDefinition, uri: string, code: string): PriceLine {
  const { url, version, effectivePeriod: { start, end } = {} } = definition;
  const faults: Issue[] = [];
  const shared = conditionsOf(definition.applicability);
  const groups = (definition.propertyGroup ?? []).map((group, i) => ({
    conditions: [...shared, ...conditionsOf(group.applicability)],
    parts: partsOf(group, `ChargeItemDefinition.propertyGroup[${i.toString()}]`, faults),
  }));
  const revenue = extensionOf(definition, extension.revenueCode)?.valueCodeableConcept?.coding?.[0]?.code;
  const unit = extensionOf(definition, extension.billingUnit)?.valueQuantity;
  return {
    definition: version === undefined ? url : `${url}|${version}`,
    system: uri,
    code,
    ...(start === undefined ? {} : { from: start.slice(0, 10) }),
    ...(end === undefined ? {} : { until: end.slice(0, 10) }),
    groups,
    ...(revenue === undefined ? {} : { revenue }),
    ...(unit === undefined ? {} : { unit }),
    modifiers: extensionsOf(definition, modifierUrls).flatMap(
      (e) => e.valueCodeableConcept?.coding?.[0]?.code ?? [],
    ),
    ...dispensingFeeOf(definition, faults),
    bilateral: bilateralOf(definition, faults),
    faults: faults.map((f) => ({ ...f, diagnostics: `ChargeItemDefinition/${definition.id ?? ''}` })),
    unclear: definitionFaults(definition),
  };
}

interface Applicability {
  readonly expression?: string | undefined;
  readonly language?: string | undefined;
}

/** A condition in another language than FHIRPath is one that never holds. */
const conditionsOf = (all: readonly Applicability[] | undefined): string[] =>
  (all ?? []).flatMap(({ expression, language = 'text/fhirpath' }) =>
    expression === undefined ? [] : [language === 'text/fhirpath' ? expression : 'false'],
  );

function partsOf(group: ChargeItemDefinitionPropertyGroup, place: string, faults: Issue[]): PricePart[] {
  return (group.priceComponent ?? []).flatMap(({ type, amount, factor }, i): PricePart[] => {
    if (type !== 'base' && type !== 'surcharge' && type !== 'discount') return [];
    const cents = amount && priceOf(amount, `${place}.priceComponent[${i.toString()}].amount`, faults);
    return [
      {
        kind: type,
        ...(cents === undefined ? {} : { amount: cents }),
        ...(factor === undefined ? {} : { factor }),
      },
    ];
  });
}

/** Extension bilateral-charge: valueMoney per unit for both sides, or valueDecimal as a factor of the base. */
function bilateralOf(definition: ChargeItemDefinition, faults: Issue[]): PriceLine['bilateral'] {
  const { valueMoney, valueDecimal } = extensionOf(definition, extension.bilateralCharge) ?? {};
  const place = `ChargeItemDefinition.extension('${extension.bilateralCharge}').value`;
  const amount = valueMoney && priceOf(valueMoney, place, faults);
  if (valueDecimal !== undefined && valueDecimal < 0)
    faults.push(wrongValue('negative-amount', place, 'is below zero'));
  return {
    ...(amount === undefined ? {} : { amount }),
    ...(valueDecimal === undefined ? {} : { factor: valueDecimal }),
  };
}

/** Extension dispensing-fee: what handing a drug over costs, once a fill. */
function dispensingFeeOf(
  definition: ChargeItemDefinition,
  faults: Issue[],
): Pick<PriceLine, 'dispensingFee'> {
  const { valueMoney } = extensionOf(definition, extension.dispensingFee) ?? {};
  const place = `ChargeItemDefinition.extension('${extension.dispensingFee}').value`;
  const fee = valueMoney && priceOf(valueMoney, place, faults);
  return fee === undefined ? {} : { dispensingFee: fee };
}

/** A price is US dollars and whole cents; anything else is a fault, never rounded. */
function priceOf({ value, currency = 'USD' }: Money, place: string, faults: Issue[]): Cents | undefined {
  if (value === undefined) return undefined;
  const cents = exactCents(value);
  if (currency !== 'USD') faults.push(wrongValue('currency', `${place}.currency`, 'prices are in USD'));
  if (cents === undefined)
    faults.push(wrongValue('not-whole-cents', `${place}.value`, 'is finer than a cent'));
  else if (cents < 0) faults.push(wrongValue('negative-amount', `${place}.value`, 'is below zero'));
  return cents;
}
