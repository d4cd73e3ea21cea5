import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Bundle, BundleEntry, OperationOutcome, Patient, Resource } from '@medplum/fhirtypes';
import { everything, post, said, sent, testServer, type Reply, type TestServer } from './server.ts';
import type { Store } from '../../src/store/store.ts';
import { eachStore } from './eachStore.ts';

const patient = (value: string, over: object = {}): Patient => ({
  resourceType: 'Patient',
  identifier: [{ system: 'urn:x', value }],
  ...over,
});
const urn = (n: number): string => `urn:uuid:00000000-0000-4000-8000-00000000000${n}`;
const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64');

describe.each(eachStore('bundle'))('on %s', (_store, emptyStore) => {
  let server: TestServer;
  let store: Store;
  beforeEach(async () => {
    store = await emptyStore();
    server = await testServer({}, { store });
    await server.load(
      { ...patient('1'), id: 'p1' },
      { ...patient('2'), id: 'p2' },
      { ...patient('2'), id: 'p3' },
    );
  });
  afterEach(() => store.close());

  type Request = NonNullable<BundleEntry['request']>;
  const entry = (request: Request, resource?: object, fullUrl?: string): object => ({
    ...(fullUrl === undefined ? {} : { fullUrl }),
    ...(resource ? { resource } : {}),
    request,
  });
  type Kind = 'batch' | 'transaction';
  const send = (
    type: Kind,
    entries: readonly object[],
    headers: Record<string, string> = {},
  ): Promise<Reply> => post(server.http, '/', { resourceType: 'Bundle', type, entry: entries }, headers);
  const entriesOf = ({ body }: Reply): BundleEntry[] => (body as Bundle).entry ?? [];
  const statuses = (reply: Reply): (string | undefined)[] =>
    entriesOf(reply).map(({ response }) => response?.status);
  const current = async (url: string): Promise<Patient> =>
    (await sent(server.http.get(`/fhir/${url}`))).body as Patient;

  const kinds: readonly Kind[] = ['batch', 'transaction'];
  const binary = (patch: unknown): object => ({
    resourceType: 'Binary',
    contentType: 'application/json-patch+json',
    data: base64(patch),
  });
  const fhirpathPatch = {
    resourceType: 'Parameters',
    parameter: [
      {
        name: 'operation',
        part: [
          { name: 'type', valueCode: 'add' },
          { name: 'path', valueString: 'Patient' },
          { name: 'name', valueString: 'gender' },
          { name: 'value', valueCode: 'other' },
        ],
      },
    ],
  };

  describe.each(kinds)('a %s', (kind) => {
    test('has every interaction inside', async () => {
      const reply = await send(kind, [
        entry({ method: 'GET', url: 'Patient/p1' }),
        entry({ method: 'HEAD', url: 'Patient/p1' }),
        entry({ method: 'GET', url: 'Patient/p1/_history/1' }),
        entry({ method: 'GET', url: 'Patient/p1/_history' }),
        entry({ method: 'GET', url: 'Patient?identifier=urn:x|3' }),
        entry({ method: 'POST', url: 'Patient/_search?identifier=urn:x|3' }),
        entry({ method: 'POST', url: 'Patient' }, patient('3')),
        entry({ method: 'PUT', url: 'Patient/p4' }, patient('4', { id: 'p4' })),
        entry({ method: 'PATCH', url: 'Patient/p1' }, binary([{ op: 'add', path: '/active', value: true }])),
        entry({ method: 'DELETE', url: 'Patient/p2' }),
      ]);
      expect([reply.status, (reply.body as Bundle).type]).toEqual([200, `${kind}-response`]);
      expect(statuses(reply)).toEqual([
        ...['200 OK', '200 OK', '200 OK', '200 OK', '200 OK', '200 OK'],
        ...['201 Created', '201 Created', '200 OK', '204 No Content'],
      ]);
      const [read, head, , , found] = entriesOf(reply);
      expect(read?.resource).toMatchObject({ id: 'p1', active: true });
      expect([head?.resource, head?.response?.etag]).toEqual([undefined, 'W/"2"']);
      expect((found?.resource as Bundle).entry).toHaveLength(1);
    });

    test('takes both languages of a patch', async () => {
      const reply = await send(kind, [
        entry({ method: 'PATCH', url: 'Patient/p1' }, fhirpathPatch),
        entry(
          { method: 'PATCH', url: 'Patient/p2' },
          binary([{ op: 'add', path: '/gender', value: 'male' }]),
        ),
      ]);
      expect(statuses(reply)).toEqual(['200 OK', '200 OK']);
      expect([(await current('Patient/p1')).gender, (await current('Patient/p2')).gender]).toEqual([
        'other',
        'male',
      ]);
    });

    test('takes conditional forms', async () => {
      const reply = await send(kind, [
        entry({ method: 'DELETE', url: 'Patient?identifier=urn:x|2' }),
        entry({ method: 'PUT', url: 'Patient?identifier=urn:x|5' }, patient('5')),
        entry({ method: 'PATCH', url: 'Patient?identifier=urn:x|1' }, fhirpathPatch),
        entry({ method: 'POST', url: 'Patient', ifNoneExist: 'identifier=urn:x|6' }, patient('6')),
        entry({ method: 'GET', url: 'Patient/p1', ifNoneMatch: 'W/"2"' }),
      ]);
      expect(statuses(reply)).toEqual([
        '204 No Content',
        '201 Created',
        '200 OK',
        '201 Created',
        '304 Not Modified',
      ]);
      expect((await server.http.get('/fhir/Patient/p3')).status).toBe(410);
    });

    test('runs operations, and answers what they answer', async () => {
      const invoice = { method: 'GET', url: 'Account/nobody/$balance' } as const;
      const scrub = { method: 'POST', url: 'Claim/$scrub' } as const;
      const claim = {
        resourceType: 'Claim',
        status: 'draft',
        type: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/claim-type', code: 'professional' }],
        },
        use: 'claim',
        patient: { reference: 'Patient/p1' },
        created: '2026-01-01',
        provider: { reference: 'Organization/o' },
        priority: { text: 'normal' },
        insurance: [{ sequence: 1, focal: true, coverage: { display: 'none' } }],
      };
      const alone = await post(server.http, '/Claim/$scrub', claim);
      const reply = await send(kind, [entry(scrub, claim)]);
      expect(statuses(reply)).toEqual(['200 OK']);
      expect(entriesOf(reply)[0]?.resource).toEqual(alone.body);
      const refused = await send(kind, [entry(invoice)]);
      if (kind === 'batch') expect(statuses(refused)).toEqual(['404 Not Found']);
      else expect([refused.status, said(refused)[0]?.expression]).toEqual([404, 'Bundle.entry[0]']);
    });

    test('has the CapabilityStatement, and is lenient where that is preferred', async () => {
      const entries = [
        entry({ method: 'GET', url: 'metadata' }),
        entry({ method: 'GET', url: 'Patient?colour=red&_id=p1' }),
      ];
      const [metadata, found] = entriesOf(await send(kind, entries, { Prefer: 'handling=lenient' }));
      expect(metadata?.resource?.resourceType).toBe('CapabilityStatement');
      expect((found?.resource as Bundle).entry?.map(({ search }) => search?.mode)).toEqual([
        'match',
        'outcome',
      ]);
    });

    test('answers as much of each entry as is preferred', async () => {
      const entries = (n: number): object[] => [
        entry({ method: 'POST', url: 'Patient' }, patient(`a${n}`)),
        entry({ method: 'PUT', url: 'Patient/p1' }, patient('1', { id: 'p1', multipleBirthInteger: n })),
      ];
      const minimal = entriesOf(await send(kind, entries(1)));
      expect(minimal.map(({ resource }) => resource)).toEqual([undefined, undefined]);
      const whole = entriesOf(await send(kind, entries(2), { Prefer: 'return=representation' }));
      expect(whole.map(({ resource }) => resource?.resourceType)).toEqual(['Patient', 'Patient']);
      const outcomes = entriesOf(await send(kind, entries(3), { Prefer: 'return=OperationOutcome' }));
      expect(outcomes.map(({ resource, response }) => [resource, response?.outcome?.resourceType])).toEqual([
        [undefined, 'OperationOutcome'],
        [undefined, 'OperationOutcome'],
      ]);
    });
  });

  describe('a transaction', () => {
    test('is done in the order DELETE, POST, PUT and PATCH, GET, whatever the order of its entries', async () => {
      const reply = await send('transaction', [
        entry({ method: 'GET', url: 'Patient?_total=accurate&identifier=urn:x|1,urn:x|9' }),
        entry({ method: 'PATCH', url: 'Patient/p1' }, binary([{ op: 'test', path: '/id', value: 'p1' }])),
        entry({ method: 'POST', url: 'Patient', ifNoneExist: 'identifier=urn:x|2' }, patient('9')),
        entry({ method: 'DELETE', url: 'Patient?identifier=urn:x|2' }),
      ]);
      expect(statuses(reply)).toEqual(['200 OK', '200 OK', '201 Created', '204 No Content']);
      expect((entriesOf(reply)[0]?.resource as Bundle).total).toBe(2);
    });

    test('resolves references in a circle', async () => {
      const [one, two] = [urn(1), urn(2)];
      const linked = (other: string): object =>
        patient('c', { link: [{ type: 'seealso', other: { reference: other } }] });
      const reply = await send('transaction', [
        entry({ method: 'POST', url: 'Patient' }, linked(two), one),
        entry({ method: 'POST', url: 'Patient' }, linked(one), two),
      ]);
      const [a = '', b = ''] = entriesOf(reply).map(({ response }) =>
        response?.location?.replace(/\/_history.*/, ''),
      );
      expect((await current(a)).link?.[0]?.other.reference).toBe(b);
      expect((await current(b)).link?.[0]?.other.reference).toBe(a);
    });

    test('resolves references that a patch puts in', async () => {
      await server.load({ resourceType: 'Basic', id: 'b1', code: { text: 'x' } });
      const patch = binary([{ op: 'add', path: '/subject', value: { reference: urn(1) } }]);
      const reply = await send('transaction', [
        entry({ method: 'PATCH', url: 'Basic/b1' }, patch),
        entry({ method: 'POST', url: 'Patient' }, patient('7'), urn(1)),
      ]);
      const made = entriesOf(reply)[1]?.response?.location?.replace(/\/_history.*/, '');
      expect(await current('Basic/b1')).toMatchObject({ subject: { reference: made } });
    });

    test('gives an operation what the same transaction creates', async () => {
      const account = {
        resourceType: 'Account',
        status: 'active',
        subject: [{ reference: urn(1) }],
        owner: { reference: urn(2) },
      };
      const payment = {
        resourceType: 'Parameters',
        parameter: [
          { name: 'amount', valueMoney: { value: 20, currency: 'USD' } },
          { name: 'method', valueCode: 'cash' },
          { name: 'reference', valueString: 'r1' },
        ],
      };
      await server.load({ resourceType: 'Organization', id: 'o', name: 'Practice' });
      await server.load({
        ...account,
        id: 'a',
        subject: [{ reference: 'Patient/p1' }],
        owner: { reference: 'Organization/o' },
      } as never);
      const reply = await send('transaction', [
        entry({ method: 'GET', url: 'Account/a/$balance' }),
        entry({ method: 'POST', url: 'Account/a/$record-payment' }, payment),
      ]);
      expect(statuses(reply)).toEqual(['200 OK', '200 OK']);
      const balance = entriesOf(reply)[0]?.resource as {
        parameter?: { name: string; valueMoney?: object }[];
      };
      expect(balance.parameter?.find(({ name }) => name === 'unapplied')?.valueMoney).toMatchObject({
        value: 20,
      });
    });

    test('takes an operation back together with the rest', async () => {
      await server.load({ resourceType: 'Organization', id: 'o', name: 'Practice' });
      await server.load({
        resourceType: 'Account',
        id: 'a',
        status: 'active',
        subject: [{ reference: 'Patient/p1' }],
        owner: { reference: 'Organization/o' },
      });
      const payment = {
        resourceType: 'Parameters',
        parameter: [
          { name: 'amount', valueMoney: { value: 20, currency: 'USD' } },
          { name: 'method', valueCode: 'cash' },
          { name: 'reference', valueString: 'r1' },
        ],
      };
      const before = await everything(server.context);
      const reply = await send('transaction', [
        entry({ method: 'POST', url: 'Account/a/$record-payment' }, payment),
        entry({ method: 'PUT', url: 'Patient/p1', ifMatch: 'W/"9"' }, patient('1', { id: 'p1' })),
      ]);
      expect([reply.status, said(reply)[0]]).toEqual([
        412,
        { code: 'version-conflict', expression: 'Bundle.entry[1]' },
      ]);
      expect(await everything(server.context)).toEqual(before);
    });

    const put = (url: string, id: string, over: object = {}): object =>
      entry({ method: 'PUT', url, ...over }, patient('1', { id }));
    test.each<[name: string, entries: object[], status: number, code: string, expression: string]>([
      [
        'an update and a patch of one',
        [put('Patient/p1', 'p1'), entry({ method: 'PATCH', url: 'Patient/p1' }, fhirpathPatch)],
        400,
        'overlapping-entries',
        'Bundle.entry[1].request',
      ],
      [
        'an update and a deletion of one',
        [put('Patient/p1', 'p1'), entry({ method: 'DELETE', url: 'Patient?identifier=urn:x|1' })],
        400,
        'overlapping-entries',
        'Bundle.entry[1].request',
      ],
      [
        'two conditional updates of one',
        [put('Patient?identifier=urn:x|1', 'p1'), put('Patient/p1', 'p1')],
        400,
        'overlapping-entries',
        'Bundle.entry[1].request',
      ],
      [
        'a patch of nobody',
        [entry({ method: 'PATCH', url: 'Patient/nobody' }, fhirpathPatch)],
        404,
        'not-found',
        'Bundle.entry[0]',
      ],
      [
        'a patch without patch',
        [entry({ method: 'PATCH', url: 'Patient/p1' })],
        422,
        'missing-element',
        'Bundle.entry[0].resource',
      ],
      [
        'a patch of another kind',
        [entry({ method: 'PATCH', url: 'Patient/p1' }, patient('1'))],
        400,
        'malformed-patch',
        'Bundle.entry[0].resource',
      ],
      [
        'a patch that is no JSON',
        [entry({ method: 'PATCH', url: 'Patient/p1' }, { ...binary(1), data: 'eA==' })],
        400,
        'malformed-patch',
        'Bundle.entry[0].resource.data',
      ],
      [
        'a patch that does not fit',
        [entry({ method: 'PATCH', url: 'Patient/p1' }, binary([{ op: 'remove', path: '/z' }]))],
        422,
        'patch-failed',
        'Bundle.entry[0]',
      ],
      [
        'a patch whose result is unsound',
        [entry({ method: 'PATCH', url: 'Patient/p1' }, binary([{ op: 'add', path: '/z', value: 1 }]))],
        422,
        'unknown-element',
        'Bundle.entry[0].resource.z',
      ],
      [
        'a patch that refers to nothing',
        [
          entry(
            { method: 'PATCH', url: 'Patient/p1' },
            binary([{ op: 'add', path: '/managingOrganization', value: { reference: urn(1) } }]),
          ),
        ],
        422,
        'unresolved-reference',
        'Bundle.entry[0].resource.managingOrganization.reference',
      ],
      [
        'a condition that several meet',
        [put('Patient?identifier=urn:x|2', 'p2')],
        412,
        'multiple-matches',
        'Bundle.entry[0]',
      ],
      [
        'another id than the match',
        [put('Patient?identifier=urn:x|1', 'p9')],
        400,
        'wrong-id',
        'Bundle.entry[0].resource.id',
      ],
      [
        'a create with a parameter',
        [entry({ method: 'POST', url: 'Patient?x=1' }, patient('1'))],
        400,
        'unknown-parameter',
        'Bundle.entry[0]',
      ],
      [
        'a delete with a parameter',
        [entry({ method: 'DELETE', url: 'Patient/p1?x=1' })],
        400,
        'unknown-parameter',
        'Bundle.entry[0]',
      ],
      [
        'a conditional delete without criteria',
        [entry({ method: 'DELETE', url: 'Patient' })],
        400,
        'malformed-condition',
        'Bundle.entry[0]',
      ],
      [
        'a Bundle inside',
        [entry({ method: 'POST', url: '/' }, { resourceType: 'Bundle', type: 'batch' })],
        422,
        'not-in-bundle',
        'Bundle.entry[0]',
      ],
      [
        'a search with a body',
        [entry({ method: 'POST', url: 'Patient/_search' }, { resourceType: 'Parameters' })],
        422,
        'not-in-bundle',
        'Bundle.entry[0]',
      ],
      [
        'an unknown operation',
        [entry({ method: 'POST', url: 'Patient/p1/$bill' })],
        404,
        'unknown-operation',
        'Bundle.entry[0]',
      ],
      [
        'an operation by GET that writes',
        [entry({ method: 'GET', url: 'Encounter/e/$capture-charges' })],
        405,
        'method-not-allowed',
        'Bundle.entry[0]',
      ],
      [
        'a method that is not allowed there',
        [entry({ method: 'POST', url: 'Patient/p1' }, patient('1'))],
        405,
        'method-not-allowed',
        'Bundle.entry[0]',
      ],
      [
        'a malformed ifMatch',
        [put('Patient/p1', 'p1', { ifMatch: '1' })],
        400,
        'malformed-header',
        'Bundle.entry[0]',
      ],
      [
        'an ifNoneMatch of all',
        [put('Patient/p1', 'p1', { ifNoneMatch: '*' })],
        412,
        'version-conflict',
        'Bundle.entry[0]',
      ],
    ])('with %s is refused, and nothing is written', async (_name, entries, status, code, expression) => {
      const before = await everything(server.context);
      const fine = entry({ method: 'POST', url: 'Basic' }, { resourceType: 'Basic', code: { text: 'x' } });
      const reply = await send('transaction', [...entries, fine]);
      expect({ status: reply.status, said: said(reply)[0] }).toEqual({ status, said: { code, expression } });
      expect(await everything(server.context)).toEqual(before);
    });

    test('with a dry run inside is refused: part of it cannot be taken back', async () => {
      await server.load({
        resourceType: 'Encounter',
        id: 'e1',
        status: 'finished',
        class: { code: 'AMB' },
        subject: { reference: 'Patient/p1' },
      });
      const dry = { resourceType: 'Parameters', parameter: [{ name: 'dryRun', valueBoolean: true }] };
      const reply = await send('transaction', [
        entry({ method: 'POST', url: 'Encounter/e1/$capture-charges' }, dry),
      ]);
      expect([reply.status, said(reply)[0]?.code]).toEqual([422, 'not-in-bundle']);
    });
  });

  describe('a batch', () => {
    test('refuses each bad entry by itself, naming it', async () => {
      const reply = await send('batch', [
        entry({ method: 'PATCH', url: 'Patient/p1' }, binary([{ op: 'remove', path: '/z' }])),
        entry({ method: 'PUT', url: 'Patient' }, patient('1')),
        entry({ method: 'DELETE', url: 'Patient/p1' }),
        entry({ method: 'POST', url: 'Patient/p1/$bill' }),
      ]);
      expect(statuses(reply)).toEqual(['410 Gone', '400 Bad Request', '204 No Content', '404 Not Found']);
      const outcome = entriesOf(reply)[1]?.response?.outcome as OperationOutcome;
      expect(outcome.issue[0]?.expression).toEqual(['Bundle.entry[1]']);
    });
  });

  test('a batch or transaction knows no parameter', async () => {
    const bundle = { resourceType: 'Bundle', type: 'batch' } satisfies Resource;
    const reply = await post(server.http, '?colour=red', bundle);
    expect([reply.status, said(reply)[0]?.code]).toEqual([400, 'unknown-parameter']);
    expect((await post(server.http, '?_format=json&_pretty=true', bundle)).status).toBe(200);
  });
});
