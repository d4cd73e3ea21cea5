import { bundle, del, entry, get, patch, pathPatch, patient, post, put, type Row } from './row.ts';

const name = (valueCode: string): object => ({ name: 'type', valueCode });
const at = (valueString: string): object => ({ name: 'path', valueString });
const to = (valueString: string): object => ({ name: 'value', valueString });
const called = (valueString: string): object => ({ name: 'name', valueString });
const index = (valueInteger: number): object => ({ name: 'index', valueInteger });

export const jsonPatch: readonly Row[] = [
  [patch('Patient/p1', ''), 400, 'invalid-json', 'JSON'],
  [patch('Patient/p1', '{'), 400, 'invalid-json', 'JSON'],
  [patch('Patient/p1', '{}'), 400, 'malformed-patch', 'Patch'],
  [patch('Patient/p1', 'null'), 400, 'malformed-patch', 'Patch'],
  [patch('Patient/p1', '[7]'), 400, 'malformed-patch', 'operation 0'],
  [patch('Patient/p1', [{}]), 400, 'malformed-patch', 'operation 0'],
  [patch('Patient/p1', [{ op: 'put', path: '/active', value: true }]), 400, 'malformed-patch', 'operation 0'],
  [patch('Patient/p1', [{ op: 'add', value: true }]), 400, 'malformed-patch', 'operation 0'],
  [patch('Patient/p1', [{ op: 'add', path: '/active' }]), 400, 'malformed-patch', 'operation 0'],
  [patch('Patient/p1', [{ op: 'add', path: 'active', value: true }]), 400, 'malformed-patch', 'operation 0'],
  [patch('Patient/p1', [{ op: 'add', path: '/a~2', value: true }]), 400, 'malformed-patch', 'operation 0'],
  [patch('Patient/p1', [{ op: 'move', path: '/active' }]), 400, 'malformed-patch', 'operation 0'],
  [
    patch('Patient/p1', [
      { op: 'test', path: '/active', value: true },
      { op: 'jump', path: '' },
    ]),
    400,
    'malformed-patch',
    'operation 1',
  ],
  [
    patch('Patient/p1', [{ op: 'test', path: '/birthDate', value: '1999' }]),
    422,
    'patch-failed',
    'operation 0',
  ],
  [patch('Patient/p1', [{ op: 'remove', path: '/nothing' }]), 422, 'patch-failed', 'operation 0'],
  [
    patch('Patient/p1', [{ op: 'replace', path: '/name/7/family', value: 'x' }]),
    422,
    'patch-failed',
    'operation 0',
  ],
  [patch('Patient/p1', [{ op: 'add', path: '/name/-1', value: {} }]), 422, 'patch-failed', 'operation 0'],
  [patch('Patient/p1', [{ op: 'add', path: '/name/01', value: {} }]), 422, 'patch-failed', 'operation 0'],
  [patch('Patient/p1', [{ op: 'add', path: '/colour', value: 1 }]), 422, 'unknown-element', 'Patient.colour'],
  [
    patch('Patient/p1', [{ op: 'replace', path: '/birthDate', value: 7 }]),
    422,
    'wrong-type',
    'Patient.birthDate',
  ],
  [patch('Patient/p1', [{ op: 'replace', path: '/id', value: 'p2' }]), 422, 'identity-changed', 'Patient.id'],
  [
    patch('Patient/p1', [{ op: 'replace', path: '/resourceType', value: 'Basic' }]),
    422,
    'identity-changed',
    'type',
  ],
  [patch('Patient/p1', [{ op: 'replace', path: '', value: 7 }]), 422, 'identity-changed', 'Patient'],
  [patch('Patient/p1', [{ op: 'add', path: '/__proto__/x', value: 1 }]), 422, 'patch-failed', 'operation 0'],
  [
    patch('Patient/nobody', [{ op: 'add', path: '/active', value: true }]),
    404,
    'not-found',
    'Patient/nobody',
  ],
  [patch('Patient/gone', [{ op: 'add', path: '/active', value: true }]), 410, 'deleted', 'Patient/gone'],
  [
    patch('Patient/p1', [{ op: 'add', path: '/active', value: true }], { 'if-match': 'W/"1"' }),
    412,
    'version-conflict',
    'Patient/p1',
  ],
];

export const fhirPathPatch: readonly Row[] = [
  [pathPatch('Patient/p1', []), 400, 'malformed-patch', 'Parameters.parameter[0]'],
  [
    pathPatch('Patient/p1', [name('jump'), at('Patient.active')]),
    400,
    'malformed-patch',
    'Parameters.parameter[0]',
  ],
  [pathPatch('Patient/p1', [name('delete')]), 400, 'malformed-patch', 'Parameters.parameter[0]'],
  [pathPatch('Patient/p1', [at('Patient.active')]), 400, 'malformed-patch', 'Parameters.parameter[0]'],
  [
    pathPatch('Patient/p1', [name('replace'), at('Patient.birthDate')]),
    400,
    'malformed-patch',
    'Parameters.parameter[0]',
  ],
  [
    pathPatch('Patient/p1', [name('add'), at('Patient'), to('x')]),
    400,
    'malformed-patch',
    'Parameters.parameter[0]',
  ],
  [
    pathPatch('Patient/p1', [name('insert'), at('Patient.name'), to('x')]),
    400,
    'malformed-patch',
    'Parameters.parameter[0]',
  ],
  [
    pathPatch('Patient/p1', [name('move'), at('Patient.name'), index(0)]),
    400,
    'malformed-patch',
    'Parameters.parameter[0]',
  ],
  [
    pathPatch('Patient/p1', [name('delete'), at('Patient.(')]),
    400,
    'malformed-patch',
    'Parameters.parameter[0]',
  ],
  [pathPatch('Patient/p1', [name('delete'), at('')]), 400, 'malformed-patch', 'Parameters.parameter[0]'],
  [
    pathPatch('Patient/p1', [name('replace'), at('Patient.photo'), to('x')]),
    422,
    'patch-failed',
    'Parameters.parameter[0]',
  ],
  [
    pathPatch('Patient/p1', [name('delete'), at('Patient.name')]),
    422,
    'patch-failed',
    'Parameters.parameter[0]',
  ],
  [
    pathPatch('Patient/p1', [name('insert'), at('Patient.name'), to('x'), index(9)]),
    422,
    'patch-failed',
    'Parameters.parameter[0]',
  ],
  [
    pathPatch('Patient/p1', [name('add'), at('Patient'), called('colour'), to('x')]),
    422,
    'patch-failed',
    'colour',
  ],
  [
    pathPatch('Patient/p1', [name('replace'), at('Patient.id'), to('p2')]),
    422,
    'identity-changed',
    'Patient.id',
  ],
  [
    pathPatch('Patient/p1', [name('replace'), at('Patient.birthDate'), to('soon')]),
    422,
    'wrong-format',
    'Patient.birthDate',
  ],
  [
    pathPatch('Patient/p1', [name('delete'), at('Patient.active')], [name('jump')]),
    400,
    'malformed-patch',
    'Parameters.parameter[1]',
  ],
  [pathPatch('Patient/nobody', [name('delete'), at('Patient.active')]), 404, 'not-found', 'Patient/nobody'],
];

const transaction = (...entries: readonly unknown[]): ReturnType<typeof post> =>
  post('', bundle('transaction', ...entries));
const basic = { resourceType: 'Basic', code: { text: 'a' } };

export const bundles: readonly Row[] = [
  [post('', '{}'), 400, 'not-a-bundle', 'Bundle'],
  [post('', '[]'), 400, 'not-a-bundle', 'Bundle'],
  [post('', patient()), 400, 'not-a-bundle', 'Bundle'],
  [post('', bundle('collection')), 400, 'wrong-bundle-type', 'Bundle.type'],
  [post('', { resourceType: 'Bundle' }), 400, 'wrong-bundle-type', 'Bundle.type'],
  [
    post('', { resourceType: 'Bundle', type: 'transaction', entry: {} }),
    400,
    'malformed-bundle',
    'Bundle.entry',
  ],
  [transaction(null), 400, 'malformed-bundle', 'Bundle.entry'],
  [transaction({}), 422, 'empty-element', 'Bundle.entry[0]'],
  [transaction({ resource: basic }), 422, 'empty-element', 'Bundle.entry[0]'],
  [transaction({ resource: basic, request: {} }), 422, 'empty-element', 'Bundle.entry[0]'],
  [transaction(entry('POST', 'Basic')), 422, 'missing-element', 'Bundle.entry[0]'],
  [
    transaction(entry('POST', 'Basic', basic), entry('POST', 'Patiend', basic)),
    404,
    'unknown-type',
    'Bundle.entry[1]',
  ],
  [transaction(entry('POST', 'Basic', patient())), 400, 'wrong-resource-type', 'Bundle.entry[0]'],
  [transaction(entry('FETCH', 'Patient/p1')), 422, 'unknown-code', 'Bundle.entry[0]'],
  [transaction(entry('PUT', 'Patient', patient())), 400, 'malformed-condition', 'Bundle.entry[0]'],
  [transaction(entry('PUT', 'Patient/p2', patient())), 400, 'wrong-id', 'Bundle.entry[0]'],
  [
    transaction(entry('GET', 'http://elsewhere.example/fhir/Patient/p1')),
    400,
    'foreign-url',
    'Bundle.entry[0]',
  ],
  [transaction(entry('GET', 'Patient/nobody')), 404, 'not-found', 'Bundle.entry[0]'],
  [transaction(entry('GET', 'Patient?brithdate=1')), 400, 'unknown-parameter', 'Bundle.entry[0]'],
  [
    transaction(entry('POST', 'Basic', basic), entry('PUT', 'Patient/p1', patient({ gender: 'm' }))),
    422,
    'unknown-code',
    'Bundle.entry[1]',
  ],
  [
    transaction(
      entry('POST', 'Basic', {
        ...basic,
        subject: { reference: 'urn:uuid:6f1bd3a6-42a6-4f26-a6c1-0f0c2b3a4d5e' },
      }),
    ),
    422,
    'unresolved-reference',
    'Bundle.entry[0].resource.subject',
  ],
  [
    transaction(entry('POST', 'Basic', { ...basic, subject: { reference: 'Patient?identifier=none' } })),
    422,
    'unresolved-reference',
    'Bundle.entry[0].resource.subject',
  ],
  [
    transaction(entry('POST', 'Basic', { ...basic, subject: { reference: 'Patient?gender=male' } })),
    412,
    'multiple-matches',
    'Bundle.entry[0].resource.subject',
  ],
  [
    transaction(
      entry('PUT', 'Patient/p1', patient({ active: true })),
      entry('PUT', 'Patient/p1', patient({ active: false })),
    ),
    400,
    'overlapping-entries',
    'Bundle.entry[1]',
  ],
  [
    transaction(entry('PUT', 'Patient/p1', patient({ active: true })), entry('DELETE', 'Patient/p1')),
    400,
    'overlapping-entries',
    'Bundle.entry[1]',
  ],
  [transaction(entry('DELETE', 'Patient/p1')), 409, 'still-referred', 'Bundle.entry[0]'],
  [
    transaction(entry('PUT', 'Patient/p1', patient({ active: true }), { ifMatch: 'W/"1"' })),
    412,
    'version-conflict',
    'Bundle.entry[0]',
  ],
  [
    transaction(entry('PUT', 'Patient/p1', patient({ active: true }), { ifMatch: 'x' })),
    400,
    'malformed-header',
    'Bundle.entry[0]',
  ],
  [
    transaction(entry('POST', 'Patient', patient(), { ifNoneExist: 'gender=male' })),
    412,
    'multiple-matches',
    'Bundle.entry[0]',
  ],
  [
    transaction(entry('POST', 'Patient', patient(), { ifNoneExist: '_count=1' })),
    400,
    'malformed-condition',
    'Bundle.entry[0]',
  ],
  [
    transaction(entry('PUT', 'Patient?gender=male', { ...patient(), id: undefined })),
    412,
    'multiple-matches',
    'Bundle.entry[0]',
  ],
  [
    transaction(
      { fullUrl: 'urn:uuid:1', ...entry('POST', 'Basic', basic) },
      { fullUrl: 'urn:uuid:1', ...entry('POST', 'Basic', basic) },
    ),
    400,
    'overlapping-entries',
    'Bundle.entry[1]',
  ],
  [transaction(entry('PATCH', 'Patient/p1', basic)), 400, 'malformed-patch', 'Bundle.entry[0]'],
  [
    transaction(entry('POST', 'Patient/$nothing', { resourceType: 'Parameters' })),
    404,
    'unknown-operation',
    'Bundle.entry[0]',
  ],
];

export const conditional: readonly Row[] = [
  [post('Patient', patient(), { 'if-none-exist': 'gender=male' }), 412, 'multiple-matches', 'condition'],
  [post('Patient', patient(), { 'if-none-exist': '_count=1' }), 400, 'malformed-condition', 'condition'],
  [post('Patient', patient(), { 'if-none-exist': 'brithdate=1' }), 400, 'unknown-parameter', 'birthdate'],
  [post('Patient', patient(), { 'if-none-exist': '?' }), 400, 'malformed-condition', 'condition'],
  [post('Patient', patient(), { 'if-none-exist': 'name=' }), 400, 'malformed-condition', 'condition'],
  [post('Patient', patient(), { 'if-none-exist': 'name=%zz' }), 400, 'malformed-url', 'query'],
  [post('Patient', patient(), { 'if-none-exist': '_sort=name' }), 400, 'malformed-condition', 'condition'],
  [put('Patient?gender=male', { ...patient(), id: undefined }), 412, 'multiple-matches', 'Patient'],
  [put('Patient?brithdate=1', patient()), 400, 'unknown-parameter', 'birthdate'],
  [put('Patient?_count=1', patient()), 400, 'malformed-condition', 'condition'],
  [put('Patient?identifier=urn:example|1', patient({ id: 'other' })), 400, 'wrong-id', 'Patient.id'],
  [put('Patient?identifier=none', patient()), 409, 'id-taken', 'Patient/p1'],
  [
    patch('Patient?gender=male', [{ op: 'add', path: '/active', value: true }]),
    412,
    'multiple-matches',
    'Patient',
  ],
  [
    patch('Patient?identifier=none', [{ op: 'add', path: '/active', value: true }]),
    404,
    'not-found',
    'Patient',
  ],
  [
    patch('Patient?name=', [{ op: 'add', path: '/active', value: true }]),
    400,
    'malformed-condition',
    'condition',
  ],
  [del('Patient?brithdate=1'), 400, 'unknown-parameter', 'birthdate'],
  [del('Patient'), 400, 'malformed-condition', 'condition'],
  [del('Patient?_count=1'), 400, 'malformed-condition', 'condition'],
  [del('Patient?name='), 400, 'malformed-condition', 'condition'],
  [del('Patient?_id=p1'), 409, 'still-referred', 'Patient/p1'],
  [del('Patient/p1'), 409, 'still-referred', 'Patient/p1'],
  [del('Patient?gender=male'), 409, 'still-referred', 'Patient/p1'],
];

export const history: readonly Row[] = [
  [get('Patient/p1/_history?_count=x'), 400, 'malformed-value', '_count'],
  [get('Patient/p1/_history?_since=yesterday'), 400, 'malformed-value', '_since'],
  [get('Patient/p1/_history?_since=2020-13-01T00:00:00Z'), 400, 'malformed-value', '_since'],
  [get('Patient/p1/_history?_at=never'), 400, 'malformed-value', '_at'],
  [get('Patient/p1/_history?_sort=_lastUpdated'), 400, 'unknown-parameter', '_sort'],
  [get('Patient/p1/_history?name=x'), 400, 'unknown-parameter', 'name'],
  [get('Patient/_history?_count=-1'), 400, 'malformed-value', '_count'],
  [get('Patient/_history?_since=2020-02-30T00:00:00Z'), 400, 'malformed-value', '_since'],
  [get('Patient/_history?_at=xx2020'), 400, 'malformed-value', '_at'],
  [get('Patient/_history?gender=male'), 400, 'unknown-parameter', 'gender'],
  [get('Patiend/_history'), 404, 'unknown-type', 'Patiend'],
  [get('_history?_count=x'), 400, 'malformed-value', '_count'],
  [get('_history?_type=Patient'), 400, 'unknown-parameter', '_type'],
  [get('_history?_since='), 400, 'malformed-value', '_since'],
  [post('_history', '{}'), 405, 'method-not-allowed', 'POST'],
];

/** Parameters of interactions that take none. */
export const foreign: readonly Row[] = [
  [get('Patient/p1?name=x'), 400, 'unknown-parameter', 'name'],
  [get('Patient/p1?_count=1'), 400, 'unknown-parameter', '_count'],
  [get('Patient/p1/_history/1?x=1'), 400, 'unknown-parameter', 'x'],
  [get('metadata?foo=1'), 400, 'unknown-parameter', 'foo'],
  [put('Patient/p1?x=1', patient({ active: true })), 400, 'unknown-parameter', 'x'],
  [post('Patient?name=x', patient()), 400, 'unknown-parameter', 'name'],
  [del('Basic/b1?force=true'), 400, 'unknown-parameter', 'force'],
  [post('?x=1', bundle('batch')), 400, 'unknown-parameter', 'x'],
  [patch('Patient/p1?x=1', []), 400, 'unknown-parameter', 'x'],
];
