import type {
  ChargeItemDefinition,
  ChargeItemDefinitionPropertyGroupPriceComponent,
} from '@medplum/fhirtypes';
import { contentText } from '../../datatypes/content.ts';
import { businessFault, type Issue } from '../../outcome/issue.ts';
import { acceptedLineSystems } from '../../terminology/serviceCode.ts';

const priced: readonly (string | undefined)[] = ['base', 'surcharge', 'discount'];

/**
 * True for a definition that the charge master can be asked for: one with a billing code or a price in US dollars.
 * Catalogues of other countries are kept as they are; nothing here is priced by them.
 */
export const isChargeMasterLine = ({ code, propertyGroup = [] }: ChargeItemDefinition): boolean =>
  code?.coding?.some((c) => acceptedLineSystems.includes(c.system ?? '')) === true ||
  propertyGroup.some((g) => g.priceComponent?.some((p) => p.amount?.currency === 'USD'));

/**
 * What makes the price of a definition unclear: a second base price where the first one holds too, a tax, a base given
 * as a factor, a component that is no part of a charge.
 */
export function definitionFaults(definition: ChargeItemDefinition): Issue[] {
  const seen = new Map<string, string>();
  return (definition.propertyGroup ?? []).flatMap((group, i) =>
    (group.priceComponent ?? []).flatMap((component, j) => {
      const place = `ChargeItemDefinition.propertyGroup[${i.toString()}].priceComponent[${j.toString()}]`;
      return componentFaults(component, { place, conditions: contentText(group.applicability ?? []), seen });
    }),
  );
}

function componentFaults(
  { type, factor }: ChargeItemDefinitionPropertyGroupPriceComponent,
  at: { readonly place: string; readonly conditions: string; readonly seen: Map<string, string> },
): Issue[] {
  if (type === 'informational') return [];
  if (type === 'tax') {
    return [businessFault('tax-not-billed', `${at.place}.type`, 'no tax is charged on medical services')];
  }
  if (!priced.includes(type)) {
    const text = `a component of type ${type} is no part of a charge: use base, surcharge or discount`;
    return [businessFault('price-component-not-billed', `${at.place}.type`, text)];
  }
  if (type !== 'base') return [];
  const before = at.seen.get(at.conditions);
  at.seen.set(at.conditions, before ?? at.place);
  return [
    ...(factor === undefined
      ? []
      : [
          businessFault(
            'base-factor',
            `${at.place}.factor`,
            'a base price is an amount per unit, not a factor',
          ),
        ]),
    ...(before === undefined
      ? []
      : [
          businessFault(
            'two-base-prices',
            at.place,
            `is a second base price under the conditions of ${before}`,
          ),
        ]),
  ];
}
