import type { ChargeItem, Extension, Reference } from '@medplum/fhirtypes';
import { times, toMoney } from '../../datatypes/cents.ts';
import { concept } from '../../datatypes/coding.ts';
import { changed, without } from '../../datatypes/json.ts';
import { extension, modifierUrls, system } from '../../terminology/system.ts';
import { chargeModifiers } from './chargeModifier.ts';
import type { Priced } from './price.ts';
import type { PriceLine } from './priceList.ts';
import type { Service } from './service.ts';

/** Who a charge belongs to. */
export interface Belonging {
  readonly subject: Reference;
  readonly encounter: string;
  readonly account?: string;
  readonly organization: string; // the billing provider, unless the service names another
  readonly performers: readonly Reference[]; // of the visit, where the service names none
  readonly reasons: readonly string[]; // ICD-10-CM of the visit, where the service names none
}

const served: readonly string[] = [
  'DiagnosticReport',
  'Immunization',
  'MedicationAdministration',
  'MedicationDispense',
  'Observation',
  'Procedure',
];

/** A service before it has a price: what the conditions of a price look at. */
export function unpricedCharge(service: Service, line: PriceLine, belonging: Belonging): ChargeItem {
  const { code, start, end, location, resource, source } = service;
  const reasons = service.reasons.length > 0 ? service.reasons : belonging.reasons;
  const modifiers = [...new Set([...service.modifiers, ...line.modifiers])];
  const [type = ''] = resource.split('/');
  const also = [
    ...(served.includes(type) || type === 'Encounter' ? [] : [{ reference: resource }]),
    ...(location === undefined ? [] : [{ reference: location }]),
  ];
  const performers = service.performers.length > 0 ? service.performers : belonging.performers;
  return {
    resourceType: 'ChargeItem',
    ...extended([...lineExtensions(line, modifiers), ...drugExtension(service.drug)]),
    identifier: [{ system: system.chargeSource, value: source }],
    definitionCanonical: [line.definition],
    status: 'billable',
    code: {
      coding: [{ system: code.system, code: code.code }],
      ...(code.text === undefined ? {} : { text: code.text }),
    },
    subject: belonging.subject,
    context: { reference: belonging.encounter },
    ...(end === undefined ? { occurrenceDateTime: start } : { occurrencePeriod: { start, end } }),
    ...(performers.length > 0
      ? { performer: performers.map(({ reference }) => ({ actor: literal(reference) })) }
      : {}),
    performingOrganization: literal(service.organization?.reference ?? belonging.organization),
    ...(reasons.length > 0 ? { reason: reasons.map((r) => concept(system.icd10cm, r)) } : {}),
    ...(served.includes(type) ? { service: [{ reference: resource }] } : {}),
    ...(belonging.account === undefined ? {} : { account: [{ reference: belonging.account }] }),
    ...(service.drug ? { productCodeableConcept: concept(system.ndc, service.drug.ndc) } : {}),
    ...(also.length > 0 ? { supportingInformation: also } : {}),
  } as ChargeItem;
}

/** R4 allows no empty list: an element without extensions has none. */
const extended = (all: readonly Extension[]): { extension?: Extension[] } =>
  all.length === 0 ? {} : { extension: [...all] };

const lineExtensions = (line: PriceLine, modifiers: readonly string[]): Extension[] => [
  ...(line.revenue === undefined ? [] : [coded(extension.revenueCode, system.revenueCode, line.revenue)]),
  ...modifiers.map((m) => coded(extension.modifier, system.hcpcs, m)),
  ...(line.dispensingFee === undefined
    ? []
    : [{ url: extension.dispensingFee, valueMoney: toMoney(line.dispensingFee) }]),
];

const drugExtension = (drug: Service['drug']): Extension[] =>
  drug?.quantity ? [{ url: extension.drugQuantity, valueQuantity: drug.quantity }] : [];

const fromLine: readonly string[] = [
  ...[extension.unitPrice, extension.revenueCode, extension.dispensingFee],
  ...modifierUrls,
];

/** A charge entered by others, with revenue code and modifiers of a line beside the modifiers it has. */
export function withLine(charge: ChargeItem, line: PriceLine): ChargeItem {
  const modifiers = [...new Set([...chargeModifiers(charge), ...line.modifiers])];
  const others = (charge.extension ?? []).filter((e) => !fromLine.includes(e.url));
  return changed(without(charge, 'extension'), {
    ...extended([...lineExtensions(line, modifiers), ...others]),
    definitionCanonical: [line.definition],
  });
}

/** A charge with its price: the whole price in priceOverride, the price of a unit where units times it is the whole. */
export function pricedCharge(unpriced: ChargeItem, priced: Priced): ChargeItem {
  const { units, unitPrice, charge } = priced;
  const perUnit: Extension[] =
    times(units, unitPrice) === charge ? [{ url: extension.unitPrice, valueMoney: toMoney(unitPrice) }] : [];
  return changed(without(unpriced, 'extension'), {
    ...extended([...perUnit, ...(unpriced.extension ?? [])]),
    quantity: { value: units },
    priceOverride: toMoney(charge),
  });
}

const coded = (url: string, uri: string, code: string): Extension => ({
  url,
  valueCodeableConcept: concept(uri, code),
});

const literal = (reference: string | undefined): Reference => ({ reference: reference ?? '' });
