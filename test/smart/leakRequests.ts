import type { LeakCaller } from './leakCallers.ts';
import type { World } from './leakWorld.ts';

/** One generated request. */
export interface Asked {
  readonly kind: string;
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete' | 'head';
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** A request for a single resource by this id: of one that is hidden nothing else is told than of one that is not there. */
  readonly names?: string;
}

/** Numbers in a row that repeats: mulberry32. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const kinds = {
  Encounter: 'encounter',
  Condition: 'condition',
  Observation: 'laboratory',
  Coverage: 'coverage',
  Account: 'account',
  Claim: 'claim',
  ExplanationOfBenefit: 'eob',
  Invoice: 'invoice',
  PaymentNotice: 'notice',
  PaymentReconciliation: 'remittance',
  Task: 'task',
  Basic: 'basic',
  DocumentReference: 'document',
  Binary: 'binary',
  RelatedPerson: 'parent',
  AuditEvent: 'audit',
} as const;
export const types = ['Patient', ...Object.keys(kinds)];
const kindOf: Readonly<Partial<Record<string, string>>> = kinds;
export const idOf = (type: string, patient: string): string =>
  kindOf[type] === undefined ? patient : `${kindOf[type]}-${patient}`;
/** How a type names its patient in searches. */
const patientParameter: Readonly<Partial<Record<string, string>>> = {
  Encounter: 'subject',
  Condition: 'patient',
  Observation: 'subject',
  Coverage: 'beneficiary',
  Account: 'patient',
  Claim: 'patient',
  ExplanationOfBenefit: 'patient',
  Invoice: 'subject',
  Task: 'patient',
  Basic: 'patient',
  DocumentReference: 'subject',
  RelatedPerson: 'patient',
  AuditEvent: 'patient',
};

const bundle = (type: 'batch' | 'transaction', urls: readonly string[]) => ({
  resourceType: 'Bundle',
  type,
  entry: urls.map((url) => ({ request: { method: 'GET', url } })),
});

/** The next request of a caller: two thirds about somebody else, where there is an own patient. */
export function generate(world: World, caller: LeakCaller, random: (below: number) => number): Asked {
  const pick = <T>(from: readonly T[]): T => from[random(from.length)] as T;
  const patient = random(3) === 0 && caller.own !== undefined ? caller.own : pick(world.patients);
  const type = pick(types);
  const id = random(6) === 0 && type === 'Observation' ? `moved-${patient}` : idOf(type, patient);
  const instance = `${type}/${id}`;
  const get = (kind: string, path: string, more: Partial<Asked> = {}): Asked => ({
    kind,
    method: 'get',
    path,
    ...more,
  });
  const by = patientParameter[type];
  const search = (): string => {
    const criteria = [
      `_id=${id}`,
      by ? `${by}=Patient/${patient}` : '_lastUpdated=gt2000-01-01',
      by ? `${by}:Patient._id=${patient}` : '',
      by ? `${by}:Patient.family=Family-${patient}` : '',
      `_tag=urn:test:secret|`,
      `_security=http://terminology.hl7.org/CodeSystem/v3-ActCode|HIV`,
      '_lastUpdated=gt2000-01-01',
      `_filter=_id eq ${id}`,
      `_id:not=${id}`,
      type === 'Patient'
        ? `_has:${pick(['Claim', 'Observation', 'Task', 'Account'])}:patient:_id=${pick(['claim', 'laboratory', 'task', 'account'])}-${patient}`
        : '',
    ].filter((one) => one !== '');
    const shapes = [
      '',
      '_include=*',
      '_revinclude=*',
      '_include=*&_include:iterate=*&_revinclude=*',
      '_summary=count',
      '_summary=true',
      '_elements=id',
      '_total=accurate&_count=2',
      '_sort=-_lastUpdated&_count=3',
      '_count=0',
      '_sort=_id',
    ];
    return `${type}?${[pick(criteria), pick(shapes)].filter((one) => one !== '').join('&')}`;
  };
  const makers: readonly (() => Asked)[] = [
    () => get('read', instance, { names: id }),
    () => get('head', instance, { method: 'head', names: id }),
    () => get('vread', `${instance}/_history/${1 + random(3)}`, { names: id }),
    () => get('history', `${instance}/_history`, { names: id }),
    () => get('history-type', `${type}/_history?_count=${5 + random(40)}`),
    () => get('history-system', `_history?_count=${5 + random(40)}`),
    () => get('conditional-read', instance, { headers: { 'if-none-match': 'W/"1"' }, names: id }),
    () => get('search', search()),
    () => get('search', search()),
    () => get('search', search()),
    () =>
      get('search-post', `${type}/_search`, {
        method: 'post',
        body: `_id=${id}&_include=*`,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      }),
    () => get('search-system', `?_type=${[type, pick(types)].join(',')}&_id=${id}`),
    () => get('search-system', `?_lastUpdated=gt2000-01-01&_count=${10 + random(90)}`),
    () => get('compartment', `Patient/${patient}/${pick(['*', 'Observation', 'Claim', 'Condition'])}`),
    () => get('compartment', `Encounter/encounter-${patient}/*`),
    () =>
      get(
        'everything',
        `${pick([`Patient/${patient}`, `Encounter/encounter-${patient}`, `Account/account-${patient}`])}/$everything`,
      ),
    () => get('everything-type', 'Patient/$everything?_count=50'),
    () => get('meta', `${instance}/$meta`, { names: id }),
    () => get('balance', `Account/account-${patient}/$balance`, { names: `account-${patient}` }),
    () =>
      get('batch', '', {
        method: 'post',
        body: bundle('batch', [instance, search(), `${instance}/_history`, `Patient/${patient}/$everything`]),
      }),
    () => get('transaction', '', { method: 'post', body: bundle('transaction', [search(), search()]) }),
    () => get('async', search(), { headers: { prefer: 'respond-async' } }),
    () =>
      get('binary', `Binary/binary-${patient}`, {
        headers: { accept: 'text/plain' },
        names: `binary-${patient}`,
      }),
    () => get('error', `${type}?_id=${id}&nothing=1`),
    () => get('error', `${type}?${by ?? '_id'}=Patient/${patient}&_sort=nothing`),
    () => get('error', `${instance}/_history/x`),
    () => get('error', `${type}?_include=nothing&_id=${id}`),
    () => get('explain', `${type}?_id=${id}&_explain=true`),
    () => get('update', instance, { method: 'put', body: { resourceType: type, id }, names: id }),
    () => get('delete', instance, { method: 'delete', names: id }),
    () =>
      get('patch', instance, {
        method: 'patch',
        body: [{ op: 'add', path: '/language', value: 'en' }],
        headers: { 'content-type': 'application/json-patch+json' },
        names: id,
      }),
    () => get('conditional-delete', `${type}?_id=${id}`, { method: 'delete' }),
    () =>
      get('conditional-create', 'Coverage', {
        method: 'post',
        headers: { 'if-none-exist': `_id=coverage-${patient}` },
        body: {
          resourceType: 'Coverage',
          status: 'active',
          beneficiary: { reference: `Patient/${patient}` },
          payor: [{ reference: 'Organization/payer' }],
        },
      }),
    () => get('operation', `Claim/claim-${patient}/$scrub`, { method: 'post', names: `claim-${patient}` }),
    () =>
      get('operation', `Invoice/invoice-${patient}/$write-off`, {
        method: 'post',
        body: {
          resourceType: 'Parameters',
          parameter: [
            { name: 'amount', valueMoney: { value: 1, currency: 'USD' } },
            { name: 'reason', valueCode: 'charity' },
          ],
        },
        names: `invoice-${patient}`,
      }),
    () =>
      get('import', '$import', {
        method: 'post',
        body: JSON.stringify({ resourceType: type, id }),
        headers: { 'content-type': 'application/fhir+ndjson' },
      }),
    () => get('export', pick(['$export', 'Patient/$export'])),
  ];
  return pick(makers)();
}
