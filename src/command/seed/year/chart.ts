import type { Condition, Device, DeviceUseStatement, Encounter, Immunization, MedicationAdministration, Procedure, Resource } from '@medplum/fhirtypes';
import { addDays } from '../../../datatypes/date.ts';
import { concept } from '../../../datatypes/coding.ts';
import { extension, system } from '../../../terminology/system.ts';
import { careOf, type Care } from './care.ts';
import { clinic, placeIds, providerIds } from './office.ts';
import type { YearPatient } from './patient.ts';
import type { VisitProfile } from './profile.ts';

/** A visit of the year: when it was, and what the chart says of it. */
export interface YearVisit {
  readonly id: string; // of the Encounter: year-0001-v1
  readonly patient: YearPatient;
  readonly profile: VisitProfile;
  readonly on: string;
  readonly provider: string;
  readonly place: string;
  readonly captured: string; // the day its charges are captured
  readonly claimed: string; // the day its claim is drafted and sent
}

/** Days by which visits of the same kind of patient lie apart; those of the last two months keep their place. */
const spread = 8;
const lastMonths = 60;

/** The visits of a patient, the earliest first. */
export const visitsOf = (patient: YearPatient, today: string): YearVisit[] =>
  patient.profile.visits.map((profile, i) => {
    const { random } = patient;
    const earlier = profile.daysAgo > lastMonths ? random.below(spread) : 0;
    const on = addDays(today, 0 - profile.daysAgo - earlier);
    const captured = addDays(on, random.below(2));
    const delay = profile.course === 'late' ? 100 : 1 + random.below(3);
    return {
      id: `${patient.id}-v${String(i + 1)}`,
      patient,
      profile,
      on,
      captured,
      claimed: addDays(captured, delay),
      provider: random.of(providerIds),
      place: random.below(10) === 0 ? (placeIds[2] ?? placeIds[0]) : (placeIds[random.below(2)] ?? placeIds[0]),
    };
  });

/** The instant of a visit: mid-day in every zone of the practice's coast, so that its day is the same in all. */
const at = (visit: YearVisit, minutes: number): string => {
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${visit.on}T${two(15 + Math.trunc(minutes / 60))}:${two(minutes % 60)}:00Z`;
};

const local = 'https://alder-street.example/procedures';
const serviceOf = (code: string) => concept(/^[A-Z]\d{4}$/.test(code) ? system.hcpcs : local, code);
const subjectOf = ({ patient }: YearVisit) => ({ reference: `Patient/${patient.id}` });
const encounterOf = ({ id }: YearVisit) => ({ reference: `Encounter/${id}` });

/** The visit as it was charted. */
export function chartOf(visit: YearVisit): Resource[] {
  const care = careOf(visit.profile.care);
  return [
    encounter(visit, care),
    ...care.diagnoses.map((code, i) => condition(visit, code, i)),
    ...(care.drugs ?? []).map((drug, i) => administration(visit, drug, i)),
    ...(care.services ?? []).map((code, i) => procedure(visit, code, i)),
    ...(care.devices ?? []).flatMap((code, i) => device(visit, code, i)),
    ...(care.vaccine === undefined ? [] : [immunization(visit, care.vaccine)]),
  ];
}

function encounter(visit: YearVisit, care: Care): Encounter {
  const { id, on, provider, place, profile } = visit;
  const accident = {
    url: extension.accident,
    extension: [
      { url: 'date', valueDate: on },
      { url: 'type', valueCodeableConcept: concept(system.accident, 'other') },
      { url: 'state', valueString: 'MA' },
    ],
  };
  const extensions = [
    ...(care.accident === true ? [accident] : []),
    ...(profile.course === 'authorized' ? [{ url: extension.preAuthRef, valueString: `AUTH-${id}` }] : []),
  ];
  return {
    resourceType: 'Encounter',
    id,
    ...(extensions.length > 0 ? { extension: extensions } : {}),
    identifier: [{ system: 'https://alder-street.example/sid/visit', value: `V-${id}` }],
    status: 'finished',
    class: { system: system.actCode, code: 'AMB' },
    type: [serviceOf(care.visit)],
    subject: subjectOf(visit),
    participant: [{ type: [concept(system.participationType, 'PPRF')], individual: { reference: `Practitioner/${provider}` } }],
    period: { start: at(visit, 0), end: at(visit, 40) },
    diagnosis: care.diagnoses.map((_code, i) => ({ condition: { reference: `Condition/${id}-c${String(i + 1)}` }, rank: i + 1 })),
    location: [{ location: { reference: `Location/${place}` } }],
    serviceProvider: { reference: clinic },
  };
}

const condition = (visit: YearVisit, code: string, i: number): Condition => ({
  resourceType: 'Condition',
  id: `${visit.id}-c${String(i + 1)}`,
  code: concept(system.icd10cm, code),
  subject: subjectOf(visit),
  encounter: encounterOf(visit),
  recordedDate: visit.on,
});

type Drug = NonNullable<Care['drugs']>[number];

/** What was given; `dose` where the chart was put right afterwards. */
export const administration = (visit: YearVisit, { code, dose, unit }: Drug, i: number): MedicationAdministration => ({
  resourceType: 'MedicationAdministration',
  id: `${visit.id}-m${String(i + 1)}`,
  status: 'completed',
  medicationCodeableConcept: serviceOf(code),
  subject: subjectOf(visit),
  context: encounterOf(visit),
  effectiveDateTime: at(visit, 20),
  dosage: { dose: { value: dose, unit, system: system.ucum, code: unit } },
});

const procedure = (visit: YearVisit, code: string, i: number): Procedure => ({
  resourceType: 'Procedure',
  id: `${visit.id}-p${String(i + 1)}`,
  status: 'completed',
  code: serviceOf(code),
  subject: subjectOf(visit),
  encounter: encounterOf(visit),
  performedDateTime: at(visit, 25),
});

function device(visit: YearVisit, code: string, i: number): [Device, DeviceUseStatement] {
  const id = `${visit.id}-d${String(i + 1)}`;
  return [
    { resourceType: 'Device', id, status: 'active', type: serviceOf(code), patient: subjectOf(visit) },
    {
      resourceType: 'DeviceUseStatement',
      id: `${id}-use`,
      extension: [{ url: extension.encounter, valueReference: encounterOf(visit) }],
      status: 'active',
      subject: subjectOf(visit),
      timingDateTime: at(visit, 30),
      device: { reference: `Device/${id}` },
    },
  ];
}

const immunization = (visit: YearVisit, code: string): Immunization => ({
  resourceType: 'Immunization',
  id: `${visit.id}-i1`,
  status: 'completed',
  vaccineCode: concept(system.cvx, code),
  patient: subjectOf(visit),
  encounter: encounterOf(visit),
  occurrenceDateTime: at(visit, 15),
  primarySource: true,
});
