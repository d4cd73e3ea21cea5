import type { Organization, Practitioner } from '@medplum/fhirtypes';
import { concept, fails, lineOf, recode, there, warned, type Failing } from './case.ts';

const identify = (provider: Organization | Practitioner, index: number, value: string): string =>
  (there(provider.identifier?.[index]).value = value);
const npi = (provider: Organization | Practitioner, value: string): string => identify(provider, 0, value);
const zip = (organization: Organization, value: string): string =>
  (there(organization.address?.[0]).postalCode = value);

/** What is wrong with patient, providers and places. */
export const parties: readonly Failing[] = [
  fails('patient-identity', 'an unknown patient', 'minimal', (_c, _p, i) => ({ ...i, known: new Map() }), [
    'Claim.patient',
  ]),
  fails(
    'patient-identity',
    'only the year of birth, no name',
    'minimal',
    (_c, p) => [(p.patient('gwen').birthDate = '1968'), delete p.patient('gwen').name],
    ['Claim.patient', 'Claim.patient'],
  ),
  fails('patient-sex', 'not stated', 'minimal', (_c, p) => delete p.patient('gwen').gender, [
    warned('Claim.patient'),
  ]),
  fails('patient-address', 'no street', 'minimal', (_c, p) => delete p.patient('gwen').address?.[0]?.line, [
    warned('Claim.patient'),
  ]),
  fails('npi-check-digit', 'billing', 'minimal', (_c, p) => npi(p.organization('clinic'), '1234567890'), [
    'Claim.provider',
  ]),
  fails('npi-check-digit', 'rendering', 'minimal', (_c, p) => npi(p.practitioner('doctor'), '9999974439'), [
    'Claim.careTeam[0].provider',
  ]),
  fails(
    'npi-check-digit',
    'both',
    'minimal',
    (_c, p) => [npi(p.organization('clinic'), '123456789'), npi(p.practitioner('doctor'), '1111111111')],
    ['Claim.provider', 'Claim.careTeam[0].provider'],
  ),
  fails(
    'billing-npi',
    'only the person has one',
    'minimal',
    (_c, p) => p.organization('clinic').identifier?.shift(),
    [warned('Claim.provider')],
  ),
  fails(
    'billing-npi',
    'nobody has one',
    'minimal',
    (_c, p) => [p.organization('clinic').identifier?.shift(), p.practitioner('doctor').identifier?.shift()],
    ['Claim.provider'],
  ),
  fails('rendering-npi', 'none', 'minimal', (_c, p) => p.practitioner('doctor').identifier?.shift(), [
    'Claim.careTeam[0].provider',
  ]),
  fails(
    'rendering-npi',
    'none of who referred',
    'minimal',
    (c, p) => [
      c.careTeam?.[0] && (c.careTeam[0].role = concept('referring')),
      p.practitioner('doctor').identifier?.shift(),
    ],
    [warned('Claim.careTeam[0].provider')],
  ),
  fails('rendering-provider', 'nobody rendered', 'minimal', (c) => delete c.careTeam, [
    warned('Claim.careTeam'),
  ]),
  fails(
    'rendering-provider',
    'nobody attended',
    'institutional',
    (c) => c.careTeam?.[0] && (c.careTeam[0].role = concept('referring')),
    [warned('Claim.careTeam')],
  ),
  fails('care-team-pointer', 'to nobody', 'minimal', (c) => (lineOf(c).careTeamSequence = [2]), [
    'Claim.item[0].careTeamSequence[0]',
  ]),
  fails(
    'care-team-pointer',
    'a sequence twice',
    'minimal',
    (c) => c.careTeam?.push({ sequence: 1, provider: { reference: 'Practitioner/doctor' } }),
    ['Claim.careTeam[1].sequence'],
  ),
  fails('tax-id', 'eight digits', 'minimal', (_c, p) => identify(p.organization('clinic'), 1, '84-123456'), [
    'Claim.provider',
  ]),
  fails(
    'tax-id',
    'a hyphen is no fault',
    'minimal',
    (_c, p) => identify(p.organization('clinic'), 1, '84-1234567'),
    [],
  ),
  fails(
    'tax-id',
    'two',
    'minimal',
    (_c, p) =>
      p
        .organization('clinic')
        .identifier?.push({ system: 'urn:oid:2.16.840.1.113883.4.4', value: '999999999' }),
    ['Claim.provider'],
  ),
  fails('tax-id', 'none', 'minimal', (_c, p) => p.organization('clinic').identifier?.pop(), [
    warned('Claim.provider'),
  ]),
  fails(
    'taxonomy-format',
    'nine characters',
    'minimal',
    (_c, p) => recode(p.organization('clinic').type?.[0], '261QP2300'),
    ['Claim.provider'],
  ),
  fails(
    'taxonomy-format',
    'not of the NUCC',
    'minimal',
    (_c, p) => recode(p.organization('clinic').type?.[0], '999999999X'),
    [warned('Claim.provider')],
  ),
  fails('taxonomy-format', 'none', 'minimal', (_c, p) => delete p.organization('clinic').type, [
    warned('Claim.provider'),
  ]),
  fails(
    'billing-address',
    'a post box',
    'minimal',
    (_c, p) =>
      (p.organization('clinic').address = [{ line: ['P.O. Box 12'], city: 'Springfield', state: 'MA' }]),
    ['Claim.provider'],
  ),
  fails('billing-address', 'none', 'minimal', (_c, p) => delete p.organization('clinic').address, [
    'Claim.provider',
  ]),
  fails(
    'billing-address',
    'no city',
    'minimal',
    (_c, p) => delete p.organization('clinic').address?.[0]?.city,
    ['Claim.provider'],
  ),
  fails('billing-zip', 'five digits', 'minimal', (_c, p) => zip(p.organization('clinic'), '01103'), [
    warned('Claim.provider'),
  ]),
  fails('billing-zip', 'four digits', 'minimal', (_c, p) => zip(p.organization('clinic'), '0110'), [
    'Claim.provider',
  ]),
  fails(
    'facility-named',
    'in a hospital nobody names',
    'minimal',
    (c) => recode(lineOf(c).locationCodeableConcept, '22'),
    [warned('Claim.facility')],
  ),
  fails(
    'facility-zip',
    'five digits',
    'complete',
    (_c, p) => {
      const { address } = p.location('office');
      if (address) address.postalCode = '01103';
    },
    [warned('Claim.facility')],
  ),
];
