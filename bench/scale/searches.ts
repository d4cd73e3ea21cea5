import { conditions, observations, procedures } from '../generate/codes.ts';

/** One of the typical searches; `path` is for a patient's number, so that every request asks for something else. */
export interface Typical {
  readonly what: string;
  readonly path: (no: number) => string;
}

const p = (no: number): string => `patient=Patient/p${no}`;
const mrn = (no: number): string => `http://hospital.example/mrn|MRN-${String(no).padStart(8, '0')}`;
const month = (no: number): string => `20${19 + (no % 5)}-${String(1 + (no % 12)).padStart(2, '0')}`;
const of = <T>(list: readonly T[], no: number): T => list[no % list.length] as T;
const snomed = (no: number): string => `http://snomed.info/sct|${of(conditions, no)[0]}`;
const loinc = (no: number): string => `http://loinc.org|${of(observations, no)[0]}`;
const procedure = (no: number): string => of(procedures, no)[0];
const organization = (no: number): string => `Organization/org-${no % 20}`;

/**
 * The thirty typical searches: by patient, identifier, range of dates, code, chained, _has, includes, sorted by date,
 * CARIN Blue Button's on ExplanationOfBenefit, Claims by encounter and status, a count alone.
 */
export const typicalSearches: readonly Typical[] = [
  { what: 'Patient by identifier', path: (no) => `Patient?identifier=${mrn(no)}` },
  {
    what: 'Patient by family and birthdate',
    path: (no) => `Patient?family=Nguyen&birthdate=ge${1940 + (no % 50)}&_count=10`,
  },
  { what: 'Patient by part of a name', path: () => 'Patient?name=quill&_count=10' },
  {
    what: 'Patient by phone',
    path: (no) => `Patient?phone=617-555-${String(no % 10_000).padStart(4, '0')}&_count=10`,
  },
  { what: 'Observation by patient', path: (no) => `Observation?${p(no)}` },
  { what: 'Observation by patient and code', path: (no) => `Observation?${p(no)}&code=${loinc(no)}` },
  {
    what: 'Observation by patient and category, newest first',
    path: (no) => `Observation?${p(no)}&category=laboratory&_sort=-date`,
  },
  {
    what: 'Observation by code and range of dates',
    path: (no) => `Observation?code=${loinc(no)}&date=ge${month(no)}-01&date=lt${month(no)}-08&_count=20`,
  },
  {
    what: 'Observation by code and value',
    path: (no) =>
      `Observation?code=http://loinc.org|4548-4&value-quantity=gt${6 + (no % 14) / 10}||%25&_count=10`,
  },
  { what: 'Observation, newest first', path: () => 'Observation?_sort=-date&_count=20' },
  {
    what: 'Observation by the patient’s identifier (chain)',
    path: (no) => `Observation?patient.identifier=${mrn(no)}`,
  },
  { what: 'Condition by patient', path: (no) => `Condition?${p(no)}&clinical-status=active` },
  { what: 'Condition by code', path: (no) => `Condition?code=${snomed(no)}&_count=20` },
  {
    what: 'Condition by code of patients born in a year (chain)',
    path: (no) => `Condition?code=${snomed(no)}&patient.birthdate=${1940 + (no % 60)}&_count=10`,
  },
  {
    what: 'Encounter by patient and range of dates',
    path: (no) => `Encounter?${p(no)}&date=ge2019-01-01&date=lt2025-01-01`,
  },
  {
    what: 'Encounter by range of dates',
    path: (no) => `Encounter?date=ge${month(no)}-03&date=lt${month(no)}-05&_count=20`,
  },
  {
    what: 'Encounter with patient and practitioner (_include)',
    path: (no) => `Encounter?_id=p${no}-enc0&_include=Encounter:patient&_include=Encounter:participant`,
  },
  {
    what: 'Patient with everything of theirs billed (_revinclude)',
    path: (no) => `Patient?_id=p${no}&_revinclude=Claim:patient&_revinclude=ExplanationOfBenefit:patient`,
  },
  {
    what: 'Patient who has a condition (_has)',
    path: (no) => `Patient?_has:Condition:patient:code=${snomed(no)}&_count=10`,
  },
  {
    what: 'Patient who has a procedure, by family (_has)',
    path: (no) => `Patient?family=Xu&_has:Procedure:patient:code=${procedure(no)}&_count=10`,
  },
  {
    what: 'Procedure by code and month',
    path: (no) => `Procedure?code=${procedure(no)}&date=${month(no)}&_count=20`,
  },
  {
    what: 'Claim by encounter and status',
    path: (no) => `Claim?encounter=Encounter/p${no}-enc0&status=active`,
  },
  { what: 'Claim by patient, newest first', path: (no) => `Claim?${p(no)}&_sort=-created` },
  {
    what: 'Claim by provider and range of dates',
    path: (no) =>
      `Claim?provider=${organization(no)}&created=ge${month(no)}-01&created=lt${month(no)}-15&_count=20`,
  },
  { what: 'ExplanationOfBenefit by patient (C4BB)', path: (no) => `ExplanationOfBenefit?${p(no)}` },
  {
    what: 'ExplanationOfBenefit by patient and last update (C4BB)',
    path: (no) => `ExplanationOfBenefit?${p(no)}&_lastUpdated=ge2020-01-01`,
  },
  {
    what: 'ExplanationOfBenefit by identifier (C4BB)',
    path: (no) => `ExplanationOfBenefit?identifier=http://payer.example/claim|E${no}-1`,
  },
  {
    what: 'ExplanationOfBenefit with all it refers to (C4BB)',
    path: (no) =>
      `ExplanationOfBenefit?${p(no)}&_include=ExplanationOfBenefit:patient&_include=ExplanationOfBenefit:provider&_include=ExplanationOfBenefit:coverage`,
  },
  { what: 'count of Observations of a code', path: (no) => `Observation?code=${loinc(no)}&_summary=count` },
  { what: 'count of active Claims', path: () => 'Claim?status=active&_summary=count' },
];
