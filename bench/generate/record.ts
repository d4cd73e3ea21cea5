import type { Resource } from '@medplum/fhirtypes';
import { chanceOf, pick } from './chance.ts';
import { billed } from './billed.ts';
import { charted } from './charted.ts';
import { cities, families, givens } from './codes.ts';
import { organizations, payers, practitioners } from './practice.ts';

/** What the resources of one generated patient share. */
export interface Person {
  readonly no: number;
  readonly id: string;
  readonly chance: () => number;
  readonly subject: { readonly reference: string };
  readonly organization: string;
  readonly payer: string;
  readonly practitioner: string;
  readonly location: string;
  readonly days: readonly [string, string]; // of the two visits
}

export type Made = Resource & { id: string };

/** How many resources a patient has. */
export const perPatient = 20;

const dayOf = (no: number): string =>
  new Date(Date.UTC(2019, 0, 1) + no * 86_400_000).toISOString().slice(0, 10);

/**
 * The record of patient number `no`, the same at every call: Patient, Coverage, 2 Encounter, 2 Condition, 7 Observation,
 * Procedure, MedicationRequest, DiagnosticReport, 2 Claim, 2 ExplanationOfBenefit.
 */
export function record(no: number): Made[] {
  const chance = chanceOf(no);
  const place = Math.floor(chance() * organizations);
  const first = Math.floor(chance() * 1800);
  const person: Person = {
    no,
    id: `p${no}`,
    chance,
    subject: { reference: `Patient/p${no}` },
    organization: `Organization/org-${place}`,
    payer: `Organization/payer-${Math.floor(chance() * payers)}`,
    practitioner: `Practitioner/prac-${Math.floor(chance() * practitioners)}`,
    location: `Location/loc-${place}`,
    days: [dayOf(first), dayOf(first + 1 + Math.floor(chance() * 700))],
  };
  return [patient(person), coverage(person), ...charted(person), ...billed(person)];
}

function patient({ no, id, chance, organization }: Person): Made {
  const [city, postalCode] = pick(chance, cities);
  const born = new Date(Date.UTC(1930, 0, 1) + Math.floor(chance() * 31_000) * 86_400_000);
  return {
    resourceType: 'Patient',
    id,
    identifier: [
      {
        type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] },
        system: 'http://hospital.example/mrn',
        value: `MRN-${String(no).padStart(8, '0')}`,
      },
    ],
    active: true,
    name: [
      {
        use: 'official',
        family: pick(chance, families),
        given: [pick(chance, givens), pick(chance, givens)],
      },
    ],
    telecom: [{ system: 'phone', value: `617-555-${String(no % 10000).padStart(4, '0')}`, use: 'home' }],
    gender: chance() < 0.5 ? 'female' : 'male',
    birthDate: born.toISOString().slice(0, 10),
    address: [
      {
        line: [`${1 + Math.floor(chance() * 900)} Alder Street`],
        city,
        state: 'MA',
        postalCode,
        country: 'US',
      },
    ],
    managingOrganization: { reference: organization },
  };
}

const coverage = ({ no, id, subject, payer }: Person): Made => ({
  resourceType: 'Coverage',
  id: `${id}-cov`,
  status: 'active',
  subscriberId: `MB${String(no).padStart(9, '0')}`,
  beneficiary: subject,
  relationship: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/subscriber-relationship', code: 'self' }],
  },
  period: { start: '2019-01-01' },
  payor: [{ reference: payer }],
  order: 1,
});
