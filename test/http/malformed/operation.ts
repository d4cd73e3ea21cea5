import { get, other, post, put, type Row } from './row.ts';

const parameters = (...parameter: readonly object[]): object => ({
  resourceType: 'Parameters',
  ...(parameter.length > 0 ? { parameter } : {}),
});
const key = (text: string): Record<string, string> => ({ 'idempotency-key': text });

export const operations: readonly Row[] = [
  [post('$nothing', '{}'), 404, 'unknown-operation', 'nothing'],
  [post('Patient/$nothing', '{}'), 404, 'unknown-operation', 'nothing'],
  [post('Patient/p1/$nothing', '{}'), 404, 'unknown-operation', 'nothing'],
  [post('Patient/$', '{}'), 404, 'unknown-operation', '$'],
  [post('Patient/p1/$submit', '{}'), 404, 'unknown-operation', 'submit'],
  [put('Claim/$submit', '{}'), 405, 'method-not-allowed', 'PUT'],
  [other('DELETE', 'Claim/$submit'), 405, 'method-not-allowed', 'DELETE'],
  [get('Claim/$submit'), 405, 'method-not-allowed', 'POST'],
  [post('Claim/$submit', ''), 400, 'missing-parameter', 'resource'],
  [post('Claim/$submit', parameters()), 400, 'missing-parameter', 'resource'],
  [post('Claim/$submit', '[]'), 400, 'not-a-resource', 'resource'],
  [post('Claim/$submit', { resourceType: 'Basic', code: { text: 'a' } }), 422, 'not-a-claim', 'Claim'],
  [post('Encounter/nobody/$capture-charges', parameters()), 404, 'not-found', 'Encounter/nobody'],
  [post('Encounter/e_1/$capture-charges', parameters()), 400, 'malformed-id', 'id'],
  [
    post('Encounter/e1/$capture-charges', parameters({ name: 'x', valueBoolean: true })),
    400,
    'unknown-parameter',
    'x',
  ],
  [
    post('Encounter/e1/$capture-charges', parameters({ name: 'dryRun', valueString: 'x' })),
    400,
    'wrong-parameter-type',
    'dryRun',
  ],
  [
    post(
      'Encounter/e1/$capture-charges',
      parameters({ name: 'dryRun', valueBoolean: true }, { name: 'dryRun', valueBoolean: true }),
    ),
    400,
    'repeated-parameter',
    'dryRun',
  ],
  [
    post('Encounter/e1/$capture-charges', parameters({ name: 'businessDate', valueDate: '2999-01-01' })),
    400,
    'business-date-in-future',
    'businessDate',
  ],
  [
    post('Encounter/e1/$capture-charges', parameters({ valueBoolean: true })),
    400,
    'malformed-parameters',
    'name',
  ],
  [get('Account/a1/$balance?asOf=soon'), 422, 'wrong-format', 'Parameters.parameter[0]'],
  [get('Account/a1/$balance?x=1'), 400, 'unknown-parameter', 'x'],
  [get('Account/nobody/$balance'), 404, 'not-found', 'Account/nobody'],
  [get('Patient/p1/$everything?start=soon'), 422, 'wrong-format', 'Parameters.parameter[0]'],
  [get('Patient/p1/$everything?x=1'), 400, 'unknown-parameter', 'x'],
  [get('Patient/nobody/$everything'), 404, 'not-found', 'Patient/nobody'],
  [get('Patient/p1/$everything?_type=Patiend'), 400, 'malformed-value', 'Patiend'],
  [get('Patient/p1/$everything?_count=x'), 400, 'malformed-value', '_count'],
  [post('Patient/p1/$meta-add', parameters()), 400, 'missing-parameter', 'meta'],
  [
    post('Patient/p1/$meta-add', parameters({ name: 'meta', valueString: 'x' })),
    400,
    'wrong-parameter-type',
    'meta',
  ],
  [
    post(
      'Patient/nobody/$meta-delete',
      parameters({ name: 'meta', valueMeta: { profile: ['http://example.org/p'] } }),
    ),
    404,
    'not-found',
    'Patient/nobody',
  ],
  [get('Observation/p1/$everything'), 404, 'unknown-operation', 'everything'],
];

export const idempotency: readonly Row[] = [
  [
    post('Basic', { resourceType: 'Basic', code: { text: 'b' } }, key('used')),
    422,
    'idempotency-key-reused',
    'Idempotency-Key',
  ],
  [post('Basic', '{', key('fresh-1')), 400, 'invalid-json', 'JSON'],
  [post('Basic', { resourceType: 'Basic' }, key('fresh-2')), 422, 'missing-element', 'Basic.code'],
  [
    post('Basic', { resourceType: 'Basic', code: { text: 'a' } }, key('a\tb')),
    400,
    'malformed-header',
    'Idempotency-Key',
  ],
];

export const later: readonly Row[] = [
  [get('$async/nobody'), 404, 'not-found', 'request'],
  [other('DELETE', '$async/nobody'), 404, 'not-found', 'request'],
  [post('', '{', { prefer: 'respond-async' }), 400, 'invalid-json', 'JSON'],
];
