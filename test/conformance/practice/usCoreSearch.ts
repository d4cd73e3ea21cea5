import { isHolder } from '../profile/value.ts';

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

/** Appendix C, versions 6.1.0 and 7.0.0 together. */
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
];

export const parameterOf = (type: string, code: string): Parameter => {
  const found = parameters[type]?.[code] ?? parameters['*']?.[code];
  if (!found) throw new Error(`${type} has no ${code} here`);
  return found;
};

/** The values at a path, lists walked through. */
export const valuesAt = (of: unknown, path: string): unknown[] =>
  path.split('|').flatMap((one) => valuesOn(of, one));

function valuesOn(of: unknown, path: string): unknown[] {
  let values: unknown[] = [of];
  for (const step of path.split('.'))
    values = values.flatMap((v) => {
      const found = isHolder(v) ? v[step] : undefined;
      return found === undefined ? [] : Array.isArray(found) ? (found as unknown[]) : [found];
    });
  return values;
}

interface Coded {
  readonly system?: unknown;
  readonly code?: unknown;
  readonly value?: unknown;
}

/** The codings of a token's element: of a code, Coding, CodeableConcept or Identifier. */
function codings(value: unknown): Coded[] {
  if (typeof value === 'string') return [{ code: value }];
  if (!isHolder(value)) return [];
  return Array.isArray(value['coding']) ? (value['coding'] as Coded[]) : [value];
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** How the suite writes the value of a resource: a token with its system, a date as it stands, a period as after its eve. */
export function written(resource: unknown, { kind, path }: Parameter): string | undefined {
  const [value] = valuesAt(resource, path.split('|')[0] ?? '');
  if (value === undefined) return undefined;
  if (kind === 'reference') return textOf(valuesAt(value, 'reference')[0]);
  if (path.startsWith('period.start'))
    return `gt${new Date(Date.parse(textOf(value)) - 86_400_000).toISOString()}`;
  if (kind !== 'token') return textOf(value);
  const [first = {}] = codings(value);
  const code = textOf(first.code ?? first.value);
  return first.system === undefined ? code : `${textOf(first.system)}|${code}`;
}

/** True when a resource has what was searched by, judged apart from the server. */
export function matches(resource: unknown, { kind, path }: Parameter, value: string): boolean {
  const found = valuesAt(resource, path);
  switch (kind) {
    case 'reference':
      return found.some((v) => textOf(valuesAt(v, 'reference')[0]).endsWith(value));
    case 'string':
      return valuesAt(resource, path.split('.')[0] ?? '').some((v) =>
        JSON.stringify(v).toLowerCase().includes(value.toLowerCase()),
      );
    case 'date':
      if (value.startsWith('gt'))
        return found.some((v) => Date.parse(textOf(v)) > Date.parse(value.slice(2)));
      return found.some((v) => textOf(v).startsWith(value) || Date.parse(textOf(v)) === Date.parse(value));
    default: {
      const [system, code = ''] = value.includes('|') ? value.split('|') : [undefined, value];
      return found
        .flatMap(codings)
        .some((c) => textOf(c.code ?? c.value) === code && (system === undefined || c.system === system));
    }
  }
}
