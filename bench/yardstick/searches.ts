import { chanceOf } from '../generate/chance.ts';
import { measure, type Client } from '../measure.ts';
import type { Row } from './row.ts';

/** How many patients are loaded before the rows are measured. */
export const patientsLoaded = 1000;

type Search = (no: number) => string; // for a patient's number

const claimSearches: readonly Search[] = [
  (no) => `Claim?patient=Patient/p${no}`,
  (no) => `Claim?encounter=Encounter/p${no}-enc0&status=active`,
  (no) => `Claim?identifier=http://clinic.example/claim|C${no}-1`,
  (no) => `Claim?provider=Organization/org-${no % 20}&created=ge2021-01-01&_count=20`,
  (no) => `Claim?status=active&use=claim&insurer=Organization/payer-${no % 5}&_sort=-created&_count=10`,
  (no) => `ExplanationOfBenefit?patient=Patient/p${no}`,
  (no) => `ExplanationOfBenefit?patient=p${no}&_include=ExplanationOfBenefit:claim`,
  (no) => `ExplanationOfBenefit?claim=Claim/p${no}-clm0`,
  (no) => `ExplanationOfBenefit?identifier=E${no}-0`,
  (no) =>
    `ExplanationOfBenefit?created=ge2021-0${1 + (no % 9)}-01&created=lt2021-0${1 + (no % 9)}-15&_count=20`,
];

const patientSearches: readonly Search[] = [
  (no) => `Patient?_id=p${no}`,
  (no) => `Patient?identifier=http://hospital.example/mrn|MRN-${String(no).padStart(8, '0')}`,
  () => 'Patient?family=Nguyen&_count=20',
  () => 'Patient?name=gra&_count=20',
  (no) => `Patient?birthdate=ge${1940 + (no % 60)}-01-01&birthdate=lt${1941 + (no % 60)}-01-01&_count=20`,
  () => 'Patient?gender=female&address-city=Boston&_count=20',
  (no) => `Patient?telecom=617-555-${String(no).padStart(4, '0')}`,
  (no) => `Patient?organization=Organization/org-${no % 20}&_count=20`,
  (no) => `Patient?gender=male&birthdate=ge${1950 + (no % 40)}&_sort=birthdate&_count=20`,
];

function client(searches: readonly Search[], no: number): Client {
  const chance = chanceOf(no);
  return async (ask, turn) => {
    const search = searches[turn % searches.length] ?? (() => '');
    await ask('GET', `/${search(Math.floor(chance() * patientsLoaded))}`);
    return 1;
  };
}

/** Searches on Claim and ExplanationOfBenefit. */
export const claimSearch: Row = {
  name: 'claimSearch',
  what: `searches on Claim and ExplanationOfBenefit, ${claimSearches.length} queries`,
  hapi: '126/s (425 ms), 12 ms',
  medplum: '334/s (82 ms), 4.3 ms',
  betterCpu: 4.3,
  goalCpu: 0.4,
  goalP95: 8,
  run: (server, load) => measure(server, load, (no) => client(claimSearches, no)),
};

/** Searches on Patient. */
export const patientSearch: Row = {
  name: 'patientSearch',
  what: `searches on Patient, ${patientSearches.length} queries`,
  hapi: '278/s (180 ms), 6.5 ms',
  medplum: '492/s (60 ms), 2.6 ms',
  betterCpu: 2.6,
  goalCpu: 0.25,
  goalP95: 6,
  run: (server, load) => measure(server, load, (no) => client(patientSearches, no)),
};
