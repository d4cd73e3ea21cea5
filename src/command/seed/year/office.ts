import type { Bundle, ChargeItemDefinition, Endpoint, Location, OrganizationAffiliation, Practitioner, PractitionerRole, Resource } from '@medplum/fhirtypes';
import { cents, toMoney } from '../../../datatypes/cents.ts';
import { concept } from '../../../datatypes/coding.ts';
import { addDays } from '../../../datatypes/date.ts';
import { system } from '../../../terminology/system.ts';
import { insurancePlan, payers, type InsuredPlan } from './plan.ts';
import { prices } from './price.ts';

/** The clinic of the demo, whose organization, first office, prices and maps the year's practice stands on. */
export const clinic = 'Organization/alder-street-clinic';

const places = [
  ['alder-street-clinic-east', 'Alder Street Clinic, East Office', '11', '77 Mill Lane', 'Amherst', '01002-1805'],
  ['alder-street-clinic-home', 'Alder Street Clinic, house calls', '12', '214 Alder Street', 'Northampton', '01060-2147'],
] as const;

const providers = [
  ['ingrid-solberg', 'Ingrid', 'Solberg', '120000001', '207Q00000X'],
  ['marcus-adeyemi', 'Marcus', 'Adeyemi', '120000002', '207R00000X'],
  ['lucia-ferrante', 'Lucia', 'Ferrante', '120000003', '363LF0000X'],
] as const;

/** Who sees patients where; the first provider and the first place are those of the demo. */
export const providerIds = ['ruth-abernathy', ...providers.map(([id]) => id)] as const;
export const placeIds = ['alder-street-clinic-office', ...places.map(([id]) => id)] as const;

/** An NPI: nine digits and the check digit over them with 80840 before. 45 CFR 162.406 */
export function npiOf(nine: string): string {
  const digits = `80840${nine}`.split('').reverse().map(Number);
  const sum = digits.reduce((total, digit, i) => {
    const counted = i % 2 === 0 ? digit * 2 : digit;
    return total + (counted > 9 ? counted - 9 : counted);
  }, 0);
  return `${nine}${String((10 - (sum % 10)) % 10)}`;
}

const specialty = (code: string) => [concept(system.taxonomy, code)];

function provider([id, first, last, nine, taxonomy]: (typeof providers)[number]): [Practitioner, PractitionerRole] {
  const npi = concept(system.identifierType, 'NPI');
  return [
    {
      resourceType: 'Practitioner',
      id,
      identifier: [{ type: npi, system: system.npi, value: npiOf(nine) }],
      active: true,
      name: [{ use: 'official', family: last, given: [first] }],
      qualification: [{ code: concept(system.taxonomy, taxonomy) }],
    },
    {
      resourceType: 'PractitionerRole',
      id: `${id}-role`,
      active: true,
      practitioner: { reference: `Practitioner/${id}` },
      organization: { reference: clinic },
      code: specialty(taxonomy),
      specialty: specialty(taxonomy),
    },
  ];
}

const place = ([id, name, code, line, city, postalCode]: (typeof places)[number]): Location => ({
  resourceType: 'Location',
  id,
  status: 'active',
  name,
  mode: 'instance',
  type: [concept(system.placeOfService, code)],
  address: { line: [line], city, state: 'MA', postalCode, country: 'US' },
  managingOrganization: { reference: clinic },
});

const priceOf = (code: string, price: number, title: string): ChargeItemDefinition => ({
  resourceType: 'ChargeItemDefinition',
  id: `charge-${code.toLowerCase()}`,
  url: `https://claimwright.example/fhir/ChargeItemDefinition/charge-${code.toLowerCase()}`,
  title,
  status: 'active',
  code: concept(system.hcpcs, code),
  propertyGroup: [{ priceComponent: [{ type: 'base', amount: toMoney(cents(price)) }] }],
});

const insured: readonly InsuredPlan[] = ['choice', 'hsa', 'harbor', 'granite', 'lakeshore', 'senior', 'family'];

/** A transaction that puts resources, which all have their ids. */
export const putting = (resources: readonly Resource[]): Bundle => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: resources.map((resource) => {
    const url = `${resource.resourceType}/${resource.id ?? ''}`;
    return { fullUrl: `https://claimwright.example/fhir/${url}`, resource, request: { method: 'PUT' as const, url } };
  }),
});

/** Days before the end of the year on which the enrolment at the Lakeshore fund ran out: its claims wait since then. */
const enrolmentEnded_days = 30;

export const lastEnrolled = (today: string): string => addDays(today, 0 - enrolmentEnded_days);

/** The way to the Lakeshore fund. Its claims are answered by the simulator as long as the practice is enrolled. */
function enrolment(today: string): [Endpoint, OrganizationAffiliation] {
  const id = 'year-lakeshore';
  return [
    {
      resourceType: 'Endpoint',
      id,
      status: 'active',
      name: 'Lakeshore clearinghouse',
      connectionType: { system: system.gateway, code: 'simulator' },
      payloadType: [{ text: 'claims' }],
      address: 'https://lakeshore.example/claims',
    },
    {
      resourceType: 'OrganizationAffiliation',
      id,
      active: true,
      organization: { reference: 'Organization/lakeshore-fund' },
      participatingOrganization: { reference: clinic },
      identifier: [{ value: 'LKS01' }],
      code: [concept(system.transaction, '837P')],
      period: { start: addDays(today, -900), end: lastEnrolled(today) },
      endpoint: [{ reference: `Endpoint/${id}` }],
    },
  ];
}

/** What the practice has beside the clinic of the demo: offices, people, prices, payers and plans. */
export const officeBundle = (today: string): Bundle =>
  putting([
    ...places.map(place),
    ...providers.flatMap(provider),
    ...prices.flatMap(({ code, price, own }) => (own === undefined ? [] : [priceOf(code, price, own)])),
    ...payers(),
    ...insured.map(insurancePlan),
    ...enrolment(today),
  ]);
