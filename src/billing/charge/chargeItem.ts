import type { ChargeItem, Extension, Reference } from '@medplum/fhirtypes';
import { times, toMoney } from '../../datatypes/cents.ts';
import { concept } from '../../datatypes/coding.ts';
import { extension, system } from '../../terminology/system.ts';
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
}

const served: readonly string[] = [
  'DiagnosticReport',
  'Immunization',
  'MedicationAdministration',
  'Observation',
  'Procedure',
];

/** A service before it has a price: what the conditions of a price look at. */
export function unpricedCharge(service: Service, line: PriceLine, belonging: Belonging): ChargeItem {
  const { code, start, end, reasons, location, resource, source } = service;
  const modifiers = [...new Set([...service.modifiers, ...line.modifiers])];
  const [type = ''] = resource.split('/');
  const also = [
    ...(served.includes(type) || type === 'Encounter' ? [] : [{ reference: resource }]),
    ...(location === undefined ? [] : [{ reference: location }]),
  ];
  const performers = service.performers.length > 0 ? service.performers : belonging.performers;
  return {
    resourceType: 'ChargeItem',
    extension: [
      ...(line.revenue === undefined ? [] : [coded(extension.revenueCode, system.revenueCode, line.revenue)]),
      ...modifiers.map((m) => coded(extension.modifier, system.hcpcs, m)),
    ],
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
    ...(performers.length > 0 ? { performer: performers.map(({ reference }) => ({ actor: literal(reference) })) } : {}),
    performingOrganization: literal(service.organization?.reference ?? belonging.organization),
    ...(reasons.length > 0 ? { reason: reasons.map((r) => concept(system.icd10cm, r)) } : {}),
    ...(served.includes(type) ? { service: [{ reference: resource }] } : {}),
    ...(belonging.account === undefined ? {} : { account: [{ reference: belonging.account }] }),
    ...(also.length > 0 ? { supportingInformation: also } : {}),
  } as ChargeItem;
}

/** A charge with its price: the whole price in priceOverride, the price of a unit where units times it is the whole. */
export function pricedCharge(unpriced: ChargeItem, priced: Priced): ChargeItem {
  const { units, unitPrice, charge } = priced;
  const perUnit: Extension[] =
    times(units, unitPrice) === charge ? [{ url: extension.unitPrice, valueMoney: toMoney(unitPrice) }] : [];
  return {
    ...unpriced,
    extension: [...perUnit, ...(unpriced.extension ?? [])],
    quantity: { value: units },
    priceOverride: toMoney(charge),
  };
}

const coded = (url: string, uri: string, code: string): Extension => ({
  url,
  valueCodeableConcept: concept(uri, code),
});

const literal = (reference: string | undefined): Reference => ({ reference: reference ?? '' });
