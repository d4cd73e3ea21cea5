import type { Account, Basic, Coverage, Extension, Patient, RelatedPerson, Resource } from '@medplum/fhirtypes';
import { cents, toMoney, type Cents } from '../../../datatypes/cents.ts';
import { addDays } from '../../../datatypes/date.ts';
import { concept } from '../../../datatypes/coding.ts';
import { extension, system } from '../../../terminology/system.ts';
import { clinic } from './office.ts';
import { birthOf, genderOf, homeOf, medicareNumber, nameOf, phoneOf } from './person.ts';
import { planId, termsOf, type InsuredPlan } from './plan.ts';
import { profiles, type PatientProfile } from './profile.ts';
import { randomOf, type Random } from './random.ts';

/** A patient of the year's practice: who, and what is written of them before their first visit. */
export interface YearPatient {
  readonly number: number; // 1 to 400
  readonly id: string; // year-0001
  readonly profile: PatientProfile;
  readonly random: Random; // what the visits are drawn from
  readonly resources: readonly Resource[];
}

export const patientId = (number: number): string => `year-${String(number).padStart(4, '0')}`;
export const coverageId = (patient: string, order: 1 | 2): string => `${patient}-coverage-${String(order)}`;

const profileOf = (number: number): PatientProfile =>
  profiles[(number - 1) % profiles.length] ?? { plan: 'none', age: 'adult', visits: [] };

/** The patient of a number; the same number gives the same patient in a practice of any size. */
export function yearPatient(number: number, today: string): YearPatient {
  const [id, profile, random] = [patientId(number), profileOf(number), randomOf(number)];
  const gender = genderOf(random);
  const name = nameOf(random, gender);
  const address = [homeOf(random)];
  const patient: Patient = {
    resourceType: 'Patient',
    id,
    ...(profile.qmb === true ? { extension: [qmbSince(addDays(today, -800))] } : {}),
    identifier: [
      { type: concept(system.identifierType, 'MR'), system: 'https://alder-street.example/sid/mrn', value: `Y${String(200_000 + number)}` },
    ],
    active: true,
    name: [name],
    telecom: [{ system: 'phone', value: phoneOf(random), use: 'home' }],
    gender,
    birthDate: birthOf(random, profile.age, today),
    address,
    communication: [{ language: concept('urn:ietf:bcp:47', profile.spanish === true ? 'es' : 'en-US'), preferred: true }],
  };
  const parent = profile.parent === 'beside' ? [parentOf(id, random, { address, ...(name.family === undefined ? {} : { family: name.family }) })] : [];
  const insurance = insuranceOf({ number, id, profile, random, today });
  return { number, id, profile, random, resources: [patient, ...parent, ...insurance, accountOf(number, id, profile)] };
}

const qmbSince = (start: string): Extension => ({
  url: extension.qmb,
  extension: [
    { url: 'period', valuePeriod: { start } },
    { url: 'source', valueString: 'state eligibility file' },
  ],
});

const parentOf = (patient: string, random: Random, of: { readonly family?: string; readonly address: Patient['address'] }): RelatedPerson => ({
  resourceType: 'RelatedPerson',
  id: `${patient}-mother`,
  active: true,
  patient: { reference: `Patient/${patient}` },
  relationship: [concept(system.roleCode, 'MTH'), concept(system.roleCode, 'GUARD')],
  name: [nameOf(random, 'female', of.family)],
  gender: 'female',
  ...(of.address ? { address: of.address } : {}),
});

/** Who pays: the parent of a child, else the patient; of a child whose parent is not known, nobody. */
function accountOf(number: number, id: string, { age, parent }: PatientProfile): Account {
  const payer =
    parent === 'next patient'
      ? `Patient/${patientId(number + 1)}`
      : parent === 'beside'
        ? `RelatedPerson/${id}-mother`
        : age === 'child'
          ? undefined
          : `Patient/${id}`;
  return {
    resourceType: 'Account',
    id: `${id}-account`,
    identifier: [{ system: system.accountNumber, value: `ALDER-Y${String(number).padStart(4, '0')}` }],
    status: 'active',
    type: concept(system.accountType, 'guarantor'),
    name: 'Alder Street Clinic',
    subject: [{ reference: `Patient/${id}` }],
    owner: { reference: clinic },
    ...(payer === undefined ? {} : { guarantor: [{ party: { reference: payer }, onHold: false }] }),
  };
}

interface Insured {
  readonly number: number;
  readonly id: string;
  readonly profile: PatientProfile;
  readonly random: Random;
  readonly today: string;
}

/** The coverages as the practice knows them, and what their payers hold of the member. */
function insuranceOf(of: Insured): Resource[] {
  const { plan, second, visits } = of.profile;
  const isRebilled = visits.some(({ course }) => course === 'rebilled');
  const first = plan === 'none' ? [] : insured(of, plan, 1);
  // one that is found after a denial is written when it is found
  return second === undefined || second === 'none' || isRebilled ? first : [...first, ...insured(of, second, 2)];
}

export function insured(of: Insured, plan: InsuredPlan, order: 1 | 2): Resource[] {
  const { number, id, profile, random, today } = of;
  const { payer, name, type } = termsOf(plan);
  // the simulator knows a forced answer by the letters before the digits
  const letters =
    profile.forced === undefined ? payer.slice(0, 3).toUpperCase() : `FORCED${profile.forced}`;
  const member =
    plan === 'senior'
      ? medicareNumber(random, number)
      : `${letters}${String(500_000 + number * 10 + order)}`;
  const start = addDays(today, -900);
  const coverage: Coverage = {
    resourceType: 'Coverage',
    id: coverageId(id, order),
    identifier: [{ type: concept(system.identifierType, 'MB'), system: `https://${payer}.example/sid/member`, value: member }],
    status: 'active',
    type: { coding: [{ system: system.actCode, code: type[0] }, { system: 'https://nahdo.org/sopt', code: type[1] }] },
    subscriber: { reference: `Patient/${id}` },
    subscriberId: member,
    beneficiary: { reference: `Patient/${id}` },
    relationship: concept(system.subscriberRelationship, 'self'),
    period: { start },
    payor: [{ reference: `Organization/${payer}` }],
    class: [{ type: concept(system.coverageClass, 'plan'), value: planId(plan), name }],
    order,
  };
  return [coverage, enrollment(of, { plan, order, member, start })];
}

/** What the payer holds: the plan, until when, and what counts towards the deductible of each calendar year. */
function enrollment({ id, profile, today }: Insured, of: { readonly plan: InsuredPlan; readonly order: number; readonly member: string; readonly start: string }): Basic {
  const { payer, deductible = 0 } = termsOf(of.plan);
  const hasEnded = of.order === 1 && profile.visits.some(({ course }) => course === 'ended' || course === 'rebilled');
  const used = cents(profile.deductible === 'met' ? deductible : profile.deductible === 'nearly' ? deductible - 2_000 : 0);
  const year = Number(today.slice(0, 4));
  const counted = of.order === 1 && used > 0 ? [year - 1, year].map((y) => accumulator(String(y), used)) : [];
  return {
    resourceType: 'Basic',
    id: `${id}-enrollment-${String(of.order)}`,
    extension: [
      { url: extension.enrolledPlan, valueString: planId(of.plan) },
      { url: extension.enrolledPeriod, valuePeriod: { start: of.start, ...(hasEnded ? { end: addDays(today, -400) } : {}) } },
      ...counted,
    ],
    identifier: [{ system: system.memberId, value: of.member }],
    code: concept(system.basic, 'enrollment'),
    author: { reference: `Organization/${payer}` },
  };
}

const accumulator = (year: string, used: Cents): Extension => ({
  url: extension.accumulator,
  extension: [
    { url: 'kind', valueCode: 'deductible' },
    { url: 'year', valueString: year },
    { url: 'used', valueMoney: toMoney(used) },
  ],
});
