import type {
  Address,
  ContactPoint,
  HumanName,
  Identifier,
  Organization,
  Practitioner,
} from '@medplum/fhirtypes';
import { identifierOf } from '../../../datatypes/identifier.ts';
import { humanNames, namePartsOf } from '../../../datatypes/personName.ts';
import { system } from '../../../terminology/system.ts';
import { loopOf, segmentOf, type Loop } from '../../../x12/loop.ts';
import { element, segment, type Segment } from '../../../x12/segment.ts';
import type { Provider } from './sending.ts';
import { digits, optional, text } from './value.ts';

/** Names, addresses and numbers of parties: NM1, N3, N4, REF, PER, each way. */

/** NM103 to NM107 of a person: the official name, else the first. */
export function nameOf(names: readonly HumanName[] | undefined): string[] {
  const { family, first, middle, suffix } = namePartsOf(names);
  return [text(family, 60), text(first, 35), text(middle, 25), '', text(suffix, 10)];
}

export const personSegment = (
  code: string,
  names: readonly HumanName[] | undefined,
  number: readonly [string, string] = ['', ''],
): Segment => segment('NM1', [code, '1', ...nameOf(names), ...number]);

/** NM108 and NM109 of a provider: the NPI where there is one. */
const npi = (provider: Provider): readonly [string, string] => {
  const number = identifierOf(provider, system.npi);
  return number === undefined ? ['', ''] : ['XX', number];
};

export const providerSegment = (code: string, provider: Provider): Segment =>
  provider.resourceType === 'Practitioner'
    ? personSegment(code, provider.name, npi(provider))
    : segment('NM1', [code, '2', text(provider.name, 60), '', '', '', '', ...npi(provider)]);

/** N3 and N4; nothing without a street and a city. ZIP codes have no hyphen. */
export function addressSegments(address: Address | undefined): Segment[] {
  const lines = (address?.line ?? []).filter((line) => line.trim() !== '');
  if (!address || lines.length === 0) return [];
  const rest = lines.slice(1).join(' ');
  const country = address.country === undefined || /^(US|USA)$/i.test(address.country) ? '' : address.country;
  return [
    segment('N3', [text(lines[0], 55), text(rest, 55)]),
    segment('N4', [
      text(address.city, 30),
      text(address.state, 2),
      text(address.postalCode?.replace('-', ''), 15),
      text(country, 3),
    ]),
  ];
}

/** Where a party is: not the address that bills are sent to, where there is another. */
export const streetOf = (addresses: readonly Address[] | undefined): Address | undefined =>
  addresses?.find((a) => a.use !== 'billing' && a.use !== 'old') ?? addresses?.find((a) => a.use !== 'old');

const taxIds: readonly string[] = [system.taxId, system.ein];
const ssn = 'http://hl7.org/fhir/sid/us-ssn';

/** REF*EI or REF*SY: the tax number of a provider (billing rule 2). */
export function taxSegments(provider: Provider): Segment[] {
  const employer = identifierOf(provider, ...taxIds);
  if (employer !== undefined) return [segment('REF', ['EI', digits(employer)])];
  return optional('REF', ['SY', digits(identifierOf(provider, ssn))], 2);
}

export const ssnSegments = (party: { readonly identifier?: Identifier[] }): Segment[] =>
  optional('REF', ['SY', digits(identifierOf(party, ssn))], 2);

/** PER*IC with the telephone, where there is one. */
export function contactSegments(name: string, telecom: readonly ContactPoint[] | undefined): Segment[] {
  const phone = telecom?.find((t) => t.system === 'phone' && digits(t.value) !== '');
  return phone ? [segment('PER', ['IC', text(name, 60), 'TE', digits(phone.value)])] : [];
}

// From here on: the other way.

const filled = (...values: readonly string[]): string[] => values.filter((value) => value !== '');

export const humanName = (nm1: Segment): HumanName[] =>
  humanNames({
    family: element(nm1, 3),
    first: element(nm1, 4),
    middle: element(nm1, 5),
    suffix: element(nm1, 7),
  });

export function addressOf(loop: Loop): Address | undefined {
  const [street, city] = [segmentOf(loop, 'N3'), segmentOf(loop, 'N4')];
  if (!street && !city) return undefined;
  const line = street ? filled(element(street, 1), element(street, 2)) : [];
  const value = (n: number): string => (city ? element(city, n) : '');
  const zip = value(3).replace(/^(\d{5})(\d{4})$/, '$1-$2');
  return {
    ...(line.length === 0 ? {} : { line }),
    ...(value(1) === '' ? {} : { city: value(1) }),
    ...(value(2) === '' ? {} : { state: value(2) }),
    ...(zip === '' ? {} : { postalCode: zip }),
    ...(value(4) === '' ? {} : { country: value(4) }),
  };
}

const identifierSystems: Readonly<Record<string, string>> = {
  XX: system.npi,
  PI: system.payerId,
  XV: system.payerId,
};

/** The number of a party: NM109, REF*EI, REF*SY. */
export function identifiersOf(loop: Loop, nm1: Segment): Identifier[] {
  const uri = identifierSystems[element(nm1, 8)];
  const number = element(nm1, 9);
  const tax = (['EI', 'SY'] as const).flatMap((qualifier) => {
    const found = segmentOf(loop, 'REF', qualifier);
    return found
      ? [{ system: qualifier === 'EI' ? system.taxId : ssn, value: digits(element(found, 2)) }]
      : [];
  });
  return [...(uri === undefined || number === '' ? [] : [{ system: uri, value: number }]), ...tax];
}

export function telecomOf(loop: Loop): ContactPoint[] {
  const per = segmentOf(loop, 'PER');
  if (!per) return [];
  return [3, 5, 7].flatMap((n): ContactPoint[] => {
    const value = element(per, n + 1);
    if (value === '') return [];
    if (element(per, n) === 'TE') return [{ system: 'phone', value }];
    if (element(per, n) === 'FX') return [{ system: 'fax', value }];
    return element(per, n) === 'EM' ? [{ system: 'email', value }] : [];
  });
}

/** The organization or person of a party's loop, with taxonomy of its PRV. */
export function partyOf(loop: Loop, prv?: Segment): Organization | Practitioner | undefined {
  const nm1 = segmentOf(loop, 'NM1');
  if (!nm1) return undefined;
  const identifier = identifiersOf(loop, nm1);
  const address = addressOf(loop);
  const telecom = telecomOf(loop);
  const taxonomy = prv ? element(prv, 3) : '';
  const code = { coding: [{ system: system.taxonomy, code: taxonomy }] };
  const shared = {
    ...(identifier.length === 0 ? {} : { identifier }),
    ...(address ? { address: [address] } : {}),
    ...(telecom.length === 0 ? {} : { telecom }),
  };
  if (element(nm1, 2) === '1') {
    const name = humanName(nm1);
    return {
      resourceType: 'Practitioner',
      ...shared,
      ...(name.length === 0 ? {} : { name }),
      ...(taxonomy === '' ? {} : { qualification: [{ code }] }),
    };
  }
  return {
    resourceType: 'Organization',
    ...shared,
    ...(element(nm1, 3) === '' ? {} : { name: element(nm1, 3) }),
    ...(taxonomy === '' ? {} : { type: [code] }),
  };
}

/** The party of an inner loop. */
export function partyIn(loop: Loop, id: string): Organization | Practitioner | undefined {
  const inner = loopOf(loop, id);
  return inner && partyOf(inner, segmentOf(inner, 'PRV'));
}
