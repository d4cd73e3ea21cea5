import { caseTable, minimal, type Case, type Subject } from './caseTable.ts';

const genders = 'http://hl7.org/fhir/administrative-gender';
const statuses = 'http://hl7.org/fhir/document-reference-status';
const relations = 'http://hl7.org/fhir/document-relationship-type';
const other = 'http://terminology.hl7.org/CodeSystem/v3-AdministrativeGender';

export const codeChart = [
  minimal({ resourceType: 'Patient', id: 'man', gender: 'male', active: true }),
  minimal({ resourceType: 'Patient', id: 'woman', gender: 'female' }),
  minimal({ resourceType: 'Patient', id: 'unsaid' }),
  minimal({
    resourceType: 'DocumentReference',
    id: 'amending',
    status: 'current',
    relatesTo: [{ code: 'appends', target: { reference: 'DocumentReference/first' } }],
  }),
  minimal({
    resourceType: 'Observation',
    id: 'of-man',
    status: 'final',
    code: { text: 'x' },
    subject: { reference: 'Patient/man' },
  }),
];

/** The system of a code is that of its required binding. See https://hl7.org/fhir/R4/search.html#token */
export const codeCases: readonly Case[] = [
  ['a code alone', 'Patient', [['gender', 'male']], ['man']],
  ['a code that is said to have no system', 'Patient', [['gender', '|male']], ['man']],
  ['a code in the system of its binding', 'Patient', [['gender', `${genders}|male`]], ['man']],
  ['another code in that system', 'Patient', [['gender', `${genders}|other`]], []],
  ['a code in another system', 'Patient', [['gender', `${other}|male`]], []],
  ['one of two alternatives', 'Patient', [['gender', `${other}|male,${genders}|female`]], ['woman']],
  ['any code of the system', 'Patient', [['gender', `${genders}|`]], ['man', 'woman']],
  ['any code of another system', 'Patient', [['gender', `${other}|`]], []],
  ['any code, or one', 'Patient', [['gender', `${genders}|,male`]], ['man', 'woman']],
  ['not a code in its system', 'Patient', [['gender:not', `${genders}|male`]], ['woman', 'unsaid']],
  ['not a code of another system', 'Patient', [['gender:not', `${other}|male`]], ['man', 'woman', 'unsaid']],
  ['no code of the system', 'Patient', [['gender:not', `${genders}|`]], ['unsaid']],
  ['a boolean takes whatever system', 'Patient', [['active', 'x|true']], ['man']],
  ['_filter eq', 'Patient', [['_filter', `gender eq "${genders}|male"`]], ['man']],
  ['_filter eq in another system', 'Patient', [['_filter', `gender eq "${other}|male"`]], []],
  ['_filter ne', 'Patient', [['_filter', `gender ne "${genders}|male"`]], ['woman']],
  ['_filter ne in another system', 'Patient', [['_filter', `gender ne "${other}|male"`]], ['man', 'woman']],
  ['in a chain', 'Observation', [['subject:Patient.gender', `${genders}|male`]], ['of-man']],
  ['in a chain, another system', 'Observation', [['subject:Patient.gender', `${other}|male`]], []],
  ['in a _has', 'Patient', [['_has:Observation:subject:status', `${statuses}|final`]], []],
  [
    'part of a composite',
    'DocumentReference',
    [['relationship', `${relations}|appends$DocumentReference/first`]],
    ['amending'],
  ],
  [
    'part of a composite, another system',
    'DocumentReference',
    [['relationship', `${statuses}|appends$DocumentReference/first`]],
    [],
  ],
];

export function codeContract(store: Subject): void {
  caseTable('codes and the systems that they imply', store, codeChart, codeCases);
}
