/** A parameter as the suite uses it: how its value is written, and which values of a resource it is about. */
export interface Parameter {
  readonly kind: 'token' | 'string' | 'date' | 'reference';
  readonly path: string; // elements by dots, lists walked through; a bar between several
}

const token = (path: string): Parameter => ({ kind: 'token', path });
const string = (path: string): Parameter => ({ kind: 'string', path });
const date = (path: string): Parameter => ({ kind: 'date', path });
const reference = (path: string): Parameter => ({ kind: 'reference', path });

/** By type and code; what begins with * is of every type. */
export const parameters: Readonly<Record<string, Readonly<Record<string, Parameter>>>> = {
  '*': {
    _id: token('id'),
    _lastUpdated: date('meta.lastUpdated'),
    patient: reference('subject'),
    identifier: token('identifier'),
  },
  Patient: {
    name: string('name.family'),
    family: string('name.family'),
    birthdate: date('birthDate'),
    gender: token('gender'),
    'death-date': date('deceasedDateTime'),
  },
  Coverage: { patient: reference('beneficiary') },
  Encounter: {
    date: date('period.start|period.end'),
    type: token('type'),
    class: token('class'),
    status: token('status'),
    location: reference('location.location'),
    'discharge-disposition': token('hospitalization.dischargeDisposition'),
  },
  Condition: {
    category: token('category'),
    code: token('code'),
    'clinical-status': token('clinicalStatus'),
    'recorded-date': date('recordedDate'),
    'onset-date': date('onsetDateTime'),
    'abatement-date': date('abatementDateTime'),
    'asserted-date': date('extension.valueDateTime'),
    encounter: reference('encounter'),
  },
  Procedure: {
    date: date('performedDateTime|performedPeriod.start|performedPeriod.end'),
    code: token('code'),
    status: token('status'),
  },
  Organization: { name: string('name'), address: string('address.city') },
  Practitioner: { name: string('name.family') },
  PractitionerRole: { specialty: token('specialty'), practitioner: reference('practitioner') },
  RelatedPerson: { patient: reference('patient'), name: string('name.family') },
  Observation: {
    category: token('category'),
    code: token('code'),
    date: date('effectiveDateTime|effectivePeriod.start|effectivePeriod.end'),
  },
  DiagnosticReport: {
    category: token('category'),
    code: token('code'),
    date: date('effectiveDateTime|effectivePeriod.start'),
  },
  DocumentReference: { category: token('category'), type: token('type'), date: date('date') },
  MedicationRequest: { intent: token('intent'), status: token('status') },
  MedicationDispense: { status: token('status'), type: token('type') },
  ServiceRequest: { category: token('category'), code: token('code'), authored: date('authoredOn') },
  CarePlan: { category: token('category') },
  CareTeam: { status: token('status') },
  Immunization: { patient: reference('patient'), status: token('status'), date: date('occurrenceDateTime') },
  AllergyIntolerance: { patient: reference('patient'), 'clinical-status': token('clinicalStatus') },
  Device: { patient: reference('patient'), type: token('type') },
  Goal: { 'lifecycle-status': token('lifecycleStatus') },
  Location: {
    name: string('name'),
    address: string('address.city'),
    'address-city': string('address.city'),
    'address-postalcode': string('address.postalCode'),
    'address-state': string('address.state'),
  },
};

export interface Group {
  readonly profile: string;
  readonly type: string;
  readonly shall: readonly string[]; // birthdate+name: both
  readonly should: readonly string[];
  readonly compared?: readonly string[]; // with gt, ge, lt, le
  readonly revinclude?: true;
}

/** Appendix C, versions 6.1.0 and 7.0.0 together; then the further groups of which the practice has data, by their guide. */
export const groups: readonly Group[] = [
  {
    profile: 'us-core-patient',
    type: 'Patient',
    shall: ['_id', 'identifier', 'name', 'birthdate+name', 'gender+name'],
    should: ['birthdate+family', 'family+gender', 'death-date+family'],
    revinclude: true,
  },
  { profile: 'us-core-coverage', type: 'Coverage', shall: ['patient'], should: [], revinclude: true },
  {
    profile: 'us-core-encounter',
    type: 'Encounter',
    shall: ['patient', '_id', 'date+patient'],
    should: [
      'identifier',
      'patient+type',
      'class+patient',
      'patient+status',
      'location+patient',
      'discharge-disposition+patient',
      '_lastUpdated+patient',
    ],
    compared: ['date'],
    revinclude: true,
  },
  {
    profile: 'us-core-condition-encounter-diagnosis',
    type: 'Condition',
    shall: ['category+patient', 'patient'],
    should: [
      'patient+recorded-date',
      'asserted-date+patient',
      'category+clinical-status+patient',
      'onset-date+patient',
      'abatement-date+patient',
      'clinical-status+patient',
      'category+encounter+patient',
      'code+patient',
      '_lastUpdated+patient',
    ],
    compared: ['recorded-date', 'asserted-date', 'onset-date', 'abatement-date'],
    revinclude: true,
  },
  {
    profile: 'us-core-procedure',
    type: 'Procedure',
    shall: ['patient', 'date+patient'],
    should: ['code+date+patient', 'patient+status'],
    compared: ['date'],
    revinclude: true,
  },
  { profile: 'us-core-organization', type: 'Organization', shall: ['name', 'address'], should: [] },
  { profile: 'us-core-practitioner', type: 'Practitioner', shall: ['name', 'identifier'], should: ['_id'] },
  {
    profile: 'us-core-practitionerrole',
    type: 'PractitionerRole',
    shall: ['specialty', 'practitioner'],
    should: [],
  },
  {
    profile: 'us-core-relatedperson',
    type: 'RelatedPerson',
    shall: ['_id'],
    should: ['patient', 'name', 'name+patient'],
    revinclude: true,
  },
  {
    profile: 'us-core-location',
    type: 'Location',
    shall: ['address', 'name'],
    should: ['address-city', 'address-postalcode', 'address-state'],
  },
  {
    profile: 'us-core-observation-lab',
    type: 'Observation',
    shall: ['category+patient', 'code+patient', 'category+date+patient'],
    should: ['category+code+patient'],
    revinclude: true,
  },
  {
    profile: 'us-core-diagnosticreport-lab',
    type: 'DiagnosticReport',
    shall: ['category+patient', 'code+patient', 'category+date+patient', 'patient'],
    should: ['category+code+patient'],
    revinclude: true,
  },
  {
    profile: 'us-core-documentreference',
    type: 'DocumentReference',
    shall: ['_id', 'patient', 'category+patient', 'category+date+patient', 'patient+type'],
    should: ['date+patient+type'],
    revinclude: true,
  },
  {
    profile: 'us-core-medicationrequest',
    type: 'MedicationRequest',
    shall: ['intent+patient', 'intent+patient+status'],
    should: [],
    revinclude: true,
  },
  {
    profile: 'us-core-medicationdispense',
    type: 'MedicationDispense',
    shall: ['patient'],
    should: ['patient+status', 'patient+status+type'],
    revinclude: true,
  },
  {
    profile: 'us-core-servicerequest',
    type: 'ServiceRequest',
    shall: ['patient', 'category+patient', 'code+patient', '_id'],
    should: ['authored+category+patient'],
    revinclude: true,
  },
  {
    profile: 'us-core-careplan',
    type: 'CarePlan',
    shall: ['category+patient'],
    should: [],
    revinclude: true,
  },
  { profile: 'us-core-careteam', type: 'CareTeam', shall: ['patient+status'], should: [], revinclude: true },
  {
    profile: 'us-core-immunization',
    type: 'Immunization',
    shall: ['patient'],
    should: ['patient+status', 'date+patient'],
    revinclude: true,
  },
  {
    profile: 'us-core-allergyintolerance',
    type: 'AllergyIntolerance',
    shall: ['patient'],
    should: ['clinical-status+patient'],
    revinclude: true,
  },
  {
    profile: 'us-core-implantable-device',
    type: 'Device',
    shall: ['patient'],
    should: ['patient+type'],
    revinclude: true,
  },
  {
    profile: 'us-core-goal',
    type: 'Goal',
    shall: ['patient'],
    should: ['lifecycle-status+patient'],
    revinclude: true,
  },
  { profile: 'us-core-specimen', type: 'Specimen', shall: ['_id'], should: ['patient'], revinclude: true },
];
