import { gzipSync } from 'node:zlib';
import { form, get, other, patient, post, put, type Row } from './row.ts';

/** What headers say. */
export const headers: readonly Row[] = [
  [get('Patient/p1', { accept: 'application/fhir+xml' }), 406, 'not-acceptable', 'Accept'],
  [get('Patient/p1', { accept: 'text/html' }), 406, 'not-acceptable', 'Accept'],
  [get('Patient/p1', { accept: 'application/fhir+json;q=0' }), 406, 'not-acceptable', 'Accept'],
  [get('Patient/p1', { accept: 'image/png, text/plain' }), 406, 'not-acceptable', 'Accept'],
  [get('Patient?name=x', { accept: 'application/xml' }), 406, 'not-acceptable', 'Accept'],
  [get('Patient/p1?_format=xml'), 406, 'not-acceptable', '_format'],
  [get('Patient/p1?_format=application/fhir%2Bxml'), 406, 'not-acceptable', '_format'],
  [get('Patient/p1?_format=ttl'), 406, 'not-acceptable', '_format'],
  [get('Patient?_format=html'), 406, 'not-acceptable', '_format'],
  [get('metadata?_format=xml'), 406, 'not-acceptable', '_format'],
  [get('Patient/p1?_pretty=perhaps'), 400, 'malformed-value', '_pretty'],
  [put('Patient/p1', patient({ active: true }), { 'if-match': 'two' }), 400, 'malformed-header', 'If-Match'],
  [put('Patient/p1', patient({ active: true }), { 'if-match': '' }), 400, 'malformed-header', 'If-Match'],
  [
    put('Patient/p1', patient({ active: true }), { 'if-match': 'W/\"x\"' }),
    412,
    'version-conflict',
    'Patient/p1',
  ],
  [
    put('Patient/p1', patient({ active: true }), { 'if-match': 'W/"1"' }),
    412,
    'version-conflict',
    'Patient/p1',
  ],
  [
    put('Patient/p1', patient({ active: true }), { 'if-match': 'W/"9"' }),
    412,
    'version-conflict',
    'Patient/p1',
  ],
  [
    put('Patient/new', patient({ id: 'new' }), { 'if-match': 'W/"1"' }),
    412,
    'version-conflict',
    'Patient/new',
  ],
  [other('DELETE', 'Basic/b1', { 'if-match': 'W/"9"' }), 412, 'version-conflict', 'Basic/b1'],
  [other('DELETE', 'Basic/b1', { 'if-match': 'x' }), 400, 'malformed-header', 'If-Match'],
  [get('Patient/p1', { 'if-modified-since': 'yesterday' }), 400, 'malformed-header', 'If-Modified-Since'],
  [get('Patient/p1', { 'if-none-match': 'x' }), 400, 'malformed-header', 'If-None-Match'],
  [
    post('Basic', { resourceType: 'Basic', code: { text: 'a' } }, { 'idempotency-key': '' }),
    400,
    'malformed-header',
    'Idempotency-Key',
  ],
  [
    post('Basic', { resourceType: 'Basic', code: { text: 'a' } }, { 'idempotency-key': 'x'.repeat(300) }),
    400,
    'malformed-header',
    'Idempotency-Key',
  ],
  [get('Patient/p1', { host: 'evil.example' }), 421, 'wrong-host', 'Host'],
];

const basic = { resourceType: 'Basic', code: { text: 'a' } };
const as = (type: string, more: Record<string, string> = {}): Record<string, string> => ({
  'content-type': type,
  ...more,
});

/** Content types and encodings. */
export const content: readonly Row[] = [
  [post('Patient', '<Patient/>', as('application/fhir+xml')), 415, 'unsupported-media-type', 'Content-Type'],
  [post('Basic', basic, as('text/plain')), 415, 'unsupported-media-type', 'Content-Type'],
  [post('Basic', basic, as('application/octet-stream')), 415, 'unsupported-media-type', 'Content-Type'],
  [
    post('Basic', basic, as('multipart/form-data; boundary=x')),
    415,
    'unsupported-media-type',
    'Content-Type',
  ],
  [
    post('Basic', basic, as('application/x-www-form-urlencoded')),
    415,
    'unsupported-media-type',
    'Content-Type',
  ],
  [
    post('Basic', basic, as('application/fhir+json; charset=iso-8859-1')),
    415,
    'unsupported-charset',
    'UTF-8',
  ],
  [post('Basic', basic, as('application/fhir+json; charset=utf-16')), 415, 'unsupported-charset', 'UTF-8'],
  [post('Basic', basic, { 'content-encoding': 'compress' }), 415, 'unsupported-encoding', 'gzip'],
  [post('Basic', basic, { 'content-encoding': 'zstd, rot13' }), 415, 'unsupported-encoding', 'gzip'],
  [post('Basic', basic, { 'content-encoding': 'gzip' }), 400, 'malformed-encoding', 'Content-Encoding'],
  [
    post('Basic', gzipSync(JSON.stringify(basic)).subarray(0, 20), { 'content-encoding': 'gzip' }),
    400,
    'malformed-encoding',
    'Content-Encoding',
  ],
  [
    post('Basic', gzipSync(`"${'x'.repeat(60_000_000)}"`), { 'content-encoding': 'gzip' }),
    413,
    'too-large',
    'bytes',
  ],
  [
    form('Patient/_search', '{"name":"x"}', as('application/json')),
    415,
    'unsupported-media-type',
    'Content-Type',
  ],
  [other('PATCH', 'Patient/p1', as('application/json'), '[]'), 400, 'malformed-patch', 'Parameters'],
  [
    other('PATCH', 'Patient/p1', as('application/merge-patch+json'), '{}'),
    415,
    'unsupported-media-type',
    'Content-Type',
  ],
  [
    other('PATCH', 'Patient/p1', as('application/xml-patch+xml'), '<diff/>'),
    415,
    'unsupported-media-type',
    'Content-Type',
  ],
  [other('POST', 'Claim/$scrub', as('text/xml'), '<a/>'), 415, 'unsupported-media-type', 'Content-Type'],
  [other('POST', '', as('application/fhir+ndjson'), '{}'), 415, 'unsupported-media-type', 'Content-Type'],
];

const nested = (levels: number): string =>
  `{"resourceType":"Patient","id":"p1","extension":${'[{"extension":'.repeat(levels / 2)}[]${'}]'.repeat(levels / 2)}}`;
const put1 = (over: object): ReturnType<typeof put> => put('Patient/p1', patient(over));

/** What bodies say. */
export const body: readonly Row[] = [
  [put('Patient/p1', ''), 400, 'invalid-json', 'JSON'],
  [put('Patient/p1', '{'), 400, 'invalid-json', 'JSON'],
  [put('Patient/p1', '{"resourceType":"Patient"'), 400, 'invalid-json', 'JSON'],
  [put('Patient/p1', "{'resourceType':'Patient'}"), 400, 'invalid-json', 'JSON'],
  [put('Patient/p1', '{"resourceType":"Patient","id":"p1",}'), 400, 'invalid-json', 'JSON'],
  [put('Patient/p1', '{"resourceType":"Patient","id":"p1"} x'), 400, 'invalid-json', 'JSON'],
  [put('Patient/p1', '{"resourceType":"Patient","id":"p1","active":NaN}'), 400, 'invalid-json', 'JSON'],
  [put('Patient/p1', '<Patient/>'), 400, 'invalid-json', 'JSON'],
  [
    put('Patient/p1', '{"resourceType":"Patient","id":"p1","gender":"male","g\\u0065nder":"other"}'),
    400,
    'repeated-property',
    'g\\u0065nder',
  ],
  [
    put(
      'Patient/p1',
      '{"resourceType":"Patient","id":"p1","name":[{"text":"{","family":"a","family" : "b"}]}',
    ),
    400,
    'repeated-property',
    'family',
  ],
  [
    post('', '{"resourceType":"Bundle","type":"batch","entry":[],"entry":[]}'),
    400,
    'repeated-property',
    'entry',
  ],
  [
    put('Patient/p1', patient({ name: [{ family: 'a\u0000b' }] })),
    422,
    'wrong-format',
    'Patient.name[0].family',
  ],
  [put('Patient/p1', patient({ language: 'e\u001Fn' })), 422, 'wrong-format', 'Patient.language'],
  [
    put('Patient/p1', patient({ name: [{ family: 'a\uD800' }] })),
    422,
    'wrong-format',
    'Patient.name[0].family',
  ],
  [get('metadata?mode=terminology'), 400, 'not-supported', 'mode'],
  [get('metadata?mode=half'), 400, 'malformed-value', 'mode'],
  [get('metadata?mode=full&mode=full'), 400, 'repeated-parameter', 'mode'],
  [get('metadata?_summary=count'), 400, 'malformed-value', '_summary'],
  [put('Patient/p1', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])), 400, 'invalid-json', 'UTF-8'],
  [put('Patient/p1', Buffer.from('\uFEFF{}', 'utf16le')), 400, 'invalid-json', 'UTF-8'],
  [put('Patient/p1', nested(10_000)), 400, 'too-deep', 'levels'],
  [put('Patient/p1', '['.repeat(100_000)), 400, 'too-deep', 'levels'],
  [put('Patient/p1', `"${'x'.repeat(60_000_000)}"`), 413, 'too-large', 'bytes'],
  [post('Patient', '[]'), 400, 'not-a-resource', 'resource'],
  [post('Patient', 'null'), 400, 'not-a-resource', 'resource'],
  [post('Patient', '7'), 400, 'not-a-resource', 'resource'],
  [post('Patient', '"Patient"'), 400, 'not-a-resource', 'resource'],
  [post('Patient', '{}'), 400, 'not-a-resource', 'resource'],
  [post('Patient', { resourceType: 'Patiend' }), 400, 'wrong-resource-type', 'Patient'],
  [post('Patient', { resourceType: 7 }), 400, 'wrong-resource-type', 'Patient'],
  [put1({ colour: 1 }), 422, 'unknown-element', 'Patient.colour'],
  [put1({ birthDate: '31/12/1980' }), 422, 'wrong-format', 'Patient.birthDate'],
  [put1({ birthDate: 1980 }), 422, 'wrong-type', 'Patient.birthDate'],
  [put1({ birthDate: ['1980'] }), 422, 'wrong-cardinality', 'Patient.birthDate'],
  [put1({ birthDate: null }), 422, 'wrong-type', 'Patient.birthDate'],
  [put1({ active: 'true' }), 422, 'wrong-type', 'Patient.active'],
  [put1({ gender: 'm' }), 422, 'unknown-code', 'Patient.gender'],
  [put1({ name: { family: 'x' } }), 422, 'wrong-cardinality', 'Patient.name'],
  [put1({ name: [] }), 422, 'empty-element', 'Patient.name'],
  [put1({ name: [{}] }), 422, 'empty-element', 'Patient.name[0]'],
  [put1({ name: [{ family: '' }] }), 422, 'empty-element', 'Patient.name[0].family'],
  [put1({ deceasedBoolean: true, deceasedDateTime: '2020' }), 422, 'two-choices', 'Patient.deceased'],
  [put1({ multipleBirthInteger: 1.5 }), 422, 'wrong-format', 'Patient.multipleBirth.ofType(integer)'],
  [put1({ extension: [{ valueString: 'x' }] }), 422, 'missing-element', 'Patient.extension[0].url'],
  [put1({ contained: [{ resourceType: 'Patiend' }] }), 422, 'unknown-resource-type', 'Patient.contained[0]'],
  [
    put1({ text: { status: 'generated', div: '<div><script>x</script></div>' } }),
    422,
    'wrong-format',
    'Patient.text.div',
  ],
  [post('Observation', { resourceType: 'Observation' }), 422, 'missing-element', 'Observation.status'],
  [
    post('Basic', { ...basic, subject: { reference: 'urn:uuid:6f1bd3a6-42a6-4f26-a6c1-0f0c2b3a4d5e' } }),
    422,
    'unresolved-reference',
    'Basic.subject',
  ],
  [
    post('Basic', { ...basic, subject: { reference: 'Patient?identifier=none' } }),
    422,
    'unresolved-reference',
    'Basic.subject',
  ],
  [
    post('Basic', { ...basic, subject: { reference: 'Patient?gender=male' } }),
    412,
    'multiple-matches',
    'Basic.subject',
  ],
];
