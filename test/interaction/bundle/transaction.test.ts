import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Bundle, BundleEntry, Observation, Patient, Resource } from '@medplum/fhirtypes';
import { system } from '../../../src/interaction/bundle/system.ts';
import type { Context } from '../../../src/interaction/context.ts';
import { find, readResource } from '../../../src/interaction/repository.ts';
import { codeOfIssue, type Issue } from '../../../src/outcome/issue.ts';
import { testContext } from '../../context.ts';

let context: Context;
beforeEach(async () => {
  context = await testContext();
});

const urn = (n: number): string => `urn:uuid:00000000-0000-4000-8000-00000000000${n}`;
const createPatient = (over: object = {}): BundleEntry<Patient> => ({
  fullUrl: urn(1),
  resource: { resourceType: 'Patient', birthDate: '1980-12-31' },
  request: { method: 'POST', url: 'Patient' },
  ...over,
});
const observation = (over: object = {}): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'weight' },
  subject: { reference: urn(1) },
  ...over,
});
const createObservation = (over: object = {}): BundleEntry => ({
  fullUrl: urn(2),
  resource: observation(over),
  request: { method: 'POST', url: 'Observation' },
});
const bundle = (type: 'batch' | 'transaction', entry: BundleEntry[]): Bundle => ({
  resourceType: 'Bundle',
  type,
  entry,
});
const send = async (type: 'batch' | 'transaction', ...entry: BundleEntry[]): Promise<Bundle> =>
  JSON.parse(
    new TextDecoder().decode((await system(context, bundle(type, entry))).body as Uint8Array),
  ) as Bundle;
const transaction = (...entry: BundleEntry[]) => send('transaction', ...entry);
const batch = (...entry: BundleEntry[]) => send('batch', ...entry);
const faults = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'accepted',
    (error: unknown) => {
      const { status, issue } = error as { status: number; issue: Issue[] };
      return issue.map((i) => [status, codeOfIssue(i), i.expression?.[0]]);
    },
  );
const located = ({ entry = [] }: Bundle): string[] =>
  entry.map(({ response }) => response?.location?.replace(/\/_history\/\d+$/, '') ?? '');

describe('a transaction', () => {
  test('lets its entries refer to each other, whatever their order', async () => {
    const answer = await transaction(createObservation(), createPatient());
    const [observed = '', patient] = located(answer);
    expect(answer.type).toBe('transaction-response');
    expect(answer.entry?.map(({ response }) => response?.status)).toEqual(['201 Created', '201 Created']);
    const { subject } = await readResource<Observation>(
      context.store,
      'Observation',
      observed.split('/')[1] ?? '',
    );
    expect(subject?.reference).toBe(patient);
  });

  test('rewrites elements of URI types, and no text', async () => {
    const extension = [
      { url: 'urn:x', valueUri: urn(1) },
      { url: 'urn:x', valueString: urn(1) },
    ];
    const identifier = [{ system: 'urn:x', value: urn(1) }];
    const answer = await transaction(createPatient(), createObservation({ extension, identifier }));
    const [patient, observed = ''] = located(answer);
    const stored = await readResource<Observation>(
      context.store,
      'Observation',
      observed.split('/')[1] ?? '',
    );
    expect(stored.extension?.map((e) => e.valueUri ?? e.valueString)).toEqual([patient, urn(1)]);
    expect(stored.identifier?.[0]?.value).toBe(urn(1));
  });

  test('rewrites links and images of the narrative, each by itself', async () => {
    const div = (a: string, b: string): string =>
      `<div xmlns="http://www.w3.org/1999/xhtml">${urn(1)} <a href="${a}">a</a> <a href='${a}'>a</a> <img src="${b}"/></div>`;
    const text = { status: 'generated' as const, div: div(urn(1), urn(2)) };
    const answer = await transaction(createPatient(), createObservation({ text }));
    const [patient = '', observed = ''] = located(answer);
    const stored = await readResource<Observation>(
      context.store,
      'Observation',
      observed.split('/')[1] ?? '',
    );
    expect(stored.text?.div).toBe(div(patient, observed));
  });

  test('leaves canonicals alone, and the names that a definition, an extension or a code system has', async () => {
    const url = 'http://elsewhere.example/fhir/CodeSystem/c';
    const extension = [{ url, valueCanonical: url }];
    const code = { coding: [{ system: url, code: 'x' }] };
    const codes = { resourceType: 'CodeSystem', url, status: 'active', content: 'complete' } as const;
    const answer = await transaction(
      { fullUrl: url, resource: codes, request: { method: 'POST', url: 'CodeSystem' } },
      { ...createObservation({ extension, code, subject: { display: 'x' } }) },
    );
    const [made = '', observed = ''] = located(answer);
    expect(await readResource(context.store, 'CodeSystem', made.split('/')[1] ?? '')).toMatchObject({ url });
    const stored = await readResource(context.store, 'Observation', observed.split('/')[1] ?? '');
    expect(stored).toMatchObject({ extension, code });
  });

  test('keeps a reference to a version one to a version, and the fragment of any', async () => {
    const there = 'http://elsewhere.example/fhir';
    await transaction({
      resource: { resourceType: 'Patient', id: 'known' },
      request: { method: 'PUT', url: 'Patient/known' },
    });
    const entry = (id: string, method: 'PUT' | 'POST', url: string): BundleEntry => ({
      fullUrl: `${there}/Patient/${id}`,
      resource: { resourceType: 'Patient', id, active: true },
      request: { method, url },
    });
    const references = ['new/_history/7', 'known/_history/7', 'new#part', 'known', 'nobody/_history/7'];
    const answer = await transaction(
      entry('new', 'POST', 'Patient'),
      entry('known', 'PUT', 'Patient/known'),
      {
        fullUrl: `${there}/Observation/1`,
        resource: observation({
          subject: { reference: 'Patient/new/_history/3' },
          focus: references.map((to) => ({ reference: `${there}/Patient/${to}` })),
        }),
        request: { method: 'POST', url: 'Observation' },
      },
    );
    const [made = '', , observed = ''] = located(answer);
    const { subject, focus } = await readResource<Observation>(
      context.store,
      'Observation',
      observed.split('/')[1] ?? '',
    );
    expect([subject, ...(focus ?? [])].map((to) => to?.reference)).toEqual([
      `${made}/_history/1`,
      `${made}/_history/1`,
      'Patient/known/_history/2',
      `${made}#part`,
      'Patient/known',
      `${there}/Patient/nobody/_history/7`,
    ]);
  });

  test('follows relative references to entries that came from another server', async () => {
    const from = 'https://other.example/r4/';
    const patient = createPatient({ fullUrl: `${from}Patient/7` });
    const entry = {
      ...createObservation({ subject: { reference: 'Patient/7' } }),
      fullUrl: `${from}Observation/8`,
    };
    const answer = await transaction(patient, entry);
    const [made, observed = ''] = located(answer);
    const { subject } = await readResource<Observation>(
      context.store,
      'Observation',
      observed.split('/')[1] ?? '',
    );
    expect(subject?.reference).toBe(made);
  });

  test('resolves conditional references', async () => {
    const identifier = [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '9999999' }];
    await transaction({
      resource: { resourceType: 'Practitioner', id: 'dr', identifier },
      request: { method: 'PUT', url: 'Practitioner/dr' },
    });
    const performer = [{ reference: 'Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|9999999' }];
    const answer = await transaction(createPatient(), createObservation({ performer }));
    const observed = located(answer)[1] ?? '';
    const stored = await readResource<Observation>(
      context.store,
      'Observation',
      observed.split('/')[1] ?? '',
    );
    expect(stored.performer?.[0]?.reference).toBe('Practitioner/dr');
  });

  test('refuses every reference that leads nowhere, each in its place, and writes nothing', async () => {
    const performer = [{ reference: 'Practitioner?identifier=urn:x|nobody' }, { reference: urn(9) }];
    expect(await faults(transaction(createPatient(), createObservation({ performer })))).toEqual([
      [422, 'unresolved-reference', 'Bundle.entry[1].resource.performer[0].reference'],
      [422, 'unresolved-reference', 'Bundle.entry[1].resource.performer[1].reference'],
    ]);
    expect(await context.store.empty()).toBe(true);
  });

  describe('a conditional reference finds what its own transaction writes', () => {
    const doctor = (value: string, over: object = {}): BundleEntry => ({
      resource: { resourceType: 'Practitioner', identifier: [{ system: 'urn:npi', value }] },
      request: { method: 'POST', url: 'Practitioner' },
      ...over,
    });
    const observed = (): BundleEntry =>
      createObservation({ performer: [{ reference: 'Practitioner?identifier=urn:npi|1' }] });
    const performedBy = async (answer: Bundle, at: number): Promise<string | undefined> => {
      const [, id = ''] = (located(answer)[at] ?? '').split('/');
      return (await readResource<Observation>(context.store, 'Observation', id)).performer?.[0]?.reference;
    };
    const updated = (id: string, value: string): BundleEntry =>
      doctor(value, {
        resource: { resourceType: 'Practitioner', id, identifier: [{ system: 'urn:npi', value }] },
        request: { method: 'PUT', url: `Practitioner/${id}` },
      });

    test('created after it in the Bundle', async () => {
      const answer = await transaction(observed(), createPatient(), doctor('1'), doctor('2'));
      expect(await performedBy(answer, 0)).toBe(located(answer)[2]);
    });

    test('updated so that it matches, and not what matched before', async () => {
      await transaction(updated('before', '1'), updated('after', '2'));
      const answer = await transaction(
        createPatient(),
        observed(),
        updated('before', '3'),
        updated('after', '1'),
      );
      expect(await performedBy(answer, 1)).toBe('Practitioner/after');
    });

    test('by what refers to another entry', async () => {
      const subject = { reference: urn(1) };
      const visit: BundleEntry = {
        resource: { resourceType: 'Encounter', status: 'finished', class: { code: 'AMB' }, subject },
        request: { method: 'POST', url: 'Encounter' },
      };
      const encounter = { reference: 'Encounter?patient=Patient/p&status=finished' };
      const answer = await transaction(
        createObservation({ encounter }),
        visit,
        createPatient({
          resource: { resourceType: 'Patient', id: 'p' },
          request: { method: 'PUT', url: 'Patient/p' },
        }),
      );
      const [, id = ''] = (located(answer)[0] ?? '').split('/');
      const stored = await readResource<Observation>(context.store, 'Observation', id);
      expect(stored.encounter?.reference).toBe(located(answer)[1]);
    });

    test('and is refused where two match, one of them stored', async () => {
      await transaction(doctor('1'));
      const two = transaction(createPatient(), observed(), doctor('1'));
      expect(await faults(two)).toEqual([
        [412, 'multiple-matches', 'Bundle.entry[1].resource.performer[0].reference'],
      ]);
    });

    test('and not what it deletes', async () => {
      await transaction(updated('gone', '1'));
      const deleted: BundleEntry = { request: { method: 'DELETE', url: 'Practitioner/gone' } };
      const answer = await transaction(createPatient(), observed(), deleted, doctor('1'));
      expect(await performedBy(answer, 1)).toBe(located(answer)[3]);
    });

    test('or is refused where that cannot be told', async () => {
      const chained = [{ reference: 'Practitioner?_has:Encounter:practitioner:status=finished' }];
      const work = transaction(createPatient(), createObservation({ performer: chained }), doctor('1'));
      expect(await faults(work)).toEqual([
        [422, 'not-supported', 'Bundle.entry[1].resource.performer[0].reference'],
      ]);
    });
  });

  test('refuses a conditional reference that several match', async () => {
    await transaction(createPatient(), createPatient({ fullUrl: urn(2) }));
    const subject = { reference: 'Patient?birthdate=1980-12-31' };
    expect(await faults(transaction(createObservation({ subject })))).toEqual([
      [412, 'multiple-matches', 'Bundle.entry[0].resource.subject.reference'],
    ]);
  });

  test('with ifNoneExist takes what is there, and others refer to that', async () => {
    const identifier = [{ system: 'urn:x', value: '1' }];
    const resource: Patient = { resourceType: 'Patient', identifier };
    const request = { method: 'POST', url: 'Patient', ifNoneExist: 'identifier=urn:x|1' } as const;
    const [first] = located(await transaction(createPatient({ resource, request })));
    const answer = await transaction(createObservation(), createPatient({ resource, request }));
    expect(answer.entry?.map(({ response }) => response?.status)).toEqual(['201 Created', '200 OK']);
    const [observed = '', patient] = located(answer);
    expect(patient).toBe(first);
    const { subject } = await readResource<Observation>(
      context.store,
      'Observation',
      observed.split('/')[1] ?? '',
    );
    expect(subject?.reference).toBe(first);
  });

  test('deletes first, then creates, updates and reads', async () => {
    await transaction(
      { resource: { resourceType: 'Patient', id: 'old' }, request: { method: 'PUT', url: 'Patient/old' } },
      { resource: { resourceType: 'Patient', id: 'kept' }, request: { method: 'PUT', url: 'Patient/kept' } },
    );
    const answer = await transaction(
      { request: { method: 'GET', url: 'Patient?_total=accurate' } },
      {
        resource: { resourceType: 'Patient', id: 'kept', active: true },
        request: { method: 'PUT', url: 'Patient/kept' },
      },
      createPatient(),
      { request: { method: 'DELETE', url: 'Patient/old' } },
    );
    expect(answer.entry?.map(({ response }) => response?.status)).toEqual([
      '200 OK',
      '200 OK',
      '201 Created',
      '204 No Content',
    ]);
    expect((answer.entry?.[0]?.resource as Bundle).total).toBe(2);
  });

  test('may delete a resource together with what refers to it', async () => {
    const [patient = '', observed = ''] = located(await transaction(createPatient(), createObservation()));
    const deletion = (url: string): BundleEntry => ({ request: { method: 'DELETE', url } });
    expect(await faults(transaction(deletion(patient)))).toEqual([
      [409, 'still-referred', 'Bundle.entry[0]'],
    ]);
    await transaction(deletion(patient), deletion(observed));
    expect((await context.store.read('Patient', patient.split('/')[1] ?? ''))?.deleted).toBe(true);
  });

  test('names the entries of all faults at once', async () => {
    const bad = createPatient({ resource: { resourceType: 'Patient', birthDate: '31/12/1980', colour: 1 } });
    const worse = createObservation({ status: 'unheard' });
    expect(await faults(transaction(createPatient({ fullUrl: urn(3) }), bad, worse))).toEqual([
      [422, 'wrong-format', 'Bundle.entry[1].resource.birthDate'],
      [422, 'unknown-element', 'Bundle.entry[1].resource.colour'],
      [422, 'unknown-code', 'Bundle.entry[2].resource.status'],
    ]);
  });

  test.each([
    ['one id twice', [400, 'overlapping-entries', 'Bundle.entry[1].request'], 'Patient/a', 'Patient/a'],
    ['another id', [400, 'wrong-id', 'Bundle.entry[1].resource.id'], 'Patient/b', 'Patient/c'],
    ['a type that is none', [404, 'unknown-type', 'Bundle.entry[1]'], 'Patient/b', 'Patiend/a'],
  ])('refuses %s', async (_name, expected, first, second) => {
    const putAt = (url: string, id: string): BundleEntry => ({
      resource: { resourceType: 'Patient', id },
      request: { method: 'PUT', url },
    });
    const id = first.split('/')[1] ?? '';
    expect(await faults(transaction(putAt(first, id), putAt(second, 'a')))).toEqual([expected]);
  });

  test('refuses ifMatch on an old version, naming the entry', async () => {
    const update = (over: object, ifMatch?: string): BundleEntry => ({
      resource: { resourceType: 'Patient', id: 'a', ...over },
      request: { method: 'PUT', url: 'Patient/a', ...(ifMatch === undefined ? {} : { ifMatch }) },
    });
    await transaction(update({}));
    await transaction(update({ active: true }, 'W/"1"'));
    expect(await faults(transaction(createPatient(), update({ active: false }, 'W/"1"')))).toEqual([
      [412, 'version-conflict', 'Bundle.entry[1]'],
    ]);
  });

  test('under a key is done once, and answers the same', async () => {
    const key = { text: 'load 1', bodyHash: 'h' };
    const body = bundle('transaction', [createPatient()]);
    const [first, second] = await Promise.all([
      system(context, structuredClone(body), { key }),
      system(context, structuredClone(body), { key }),
    ]);
    expect(new TextDecoder().decode(first.body as Uint8Array)).toBe(second.body);
    expect(await faults(system(context, body, { key: { ...key, bodyHash: 'other' } }))).toEqual([
      [422, 'idempotency-key-reused', undefined],
    ]);
  });
});

describe('a batch', () => {
  test('does every entry by itself: what is bad in one leaves the others alone', async () => {
    const answer = await batch(
      { request: { method: 'GET', url: 'Patient/nobody' } },
      createPatient({ resource: { resourceType: 'Patient', birthDate: 'yesterday' } }),
      createPatient(),
    );
    expect(answer.type).toBe('batch-response');
    expect(answer.entry?.map(({ response }) => response?.status)).toEqual([
      '404 Not Found',
      '422 Unprocessable Entity',
      '201 Created',
    ]);
    const issue = (answer.entry?.[1]?.response?.outcome as { issue: Issue[] }).issue[0];
    expect(issue?.expression).toEqual(['Bundle.entry[1].resource.birthDate']);
  });

  test('under a key does no entry twice, also when it failed half-way', async () => {
    const key = { text: 'batch 1', bodyHash: 'h' };
    const body = bundle('batch', [createPatient(), createObservation({ subject: undefined })]);
    const failing: Context = {
      ...context,
      validate: (resource) => {
        if ((resource as Resource).resourceType === 'Observation') throw new TypeError('a fault of ours');
        return context.validate(resource);
      },
    };
    await expect(system(failing, structuredClone(body), { key })).rejects.toThrow(TypeError);
    const first = await system(context, structuredClone(body), { key });
    const again = await system(context, structuredClone(body), { key });
    expect(again.body).toBe(new TextDecoder().decode(first.body as Uint8Array));
    expect(await find<Patient>(context.store, 'Patient', {})).toHaveLength(1);
    expect(await find<Observation>(context.store, 'Observation', {})).toHaveLength(1);
  });
});

test.each([
  ['no Bundle', { resourceType: 'Patient' }, [400, 'not-a-bundle', undefined]],
  [
    'a list with nothing in it',
    { resourceType: 'Bundle', type: 'batch', entry: [null] },
    [400, 'malformed-bundle', 'Bundle.entry'],
  ],
  [
    'an entry without request',
    { resourceType: 'Bundle', type: 'batch', entry: [{ fullUrl: urn(1) }] },
    [422, 'missing-element', 'Bundle.entry[0].request'],
  ],
])('%s is refused', async (_name, body, expected) => {
  expect(await faults(system(context, body))).toEqual([expected]);
});
