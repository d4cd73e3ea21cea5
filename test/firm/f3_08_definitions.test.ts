import { readFileSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type {
  Bundle,
  CodeSystem,
  ConceptMap,
  Resource,
  StructureDefinition,
  ValueSet,
} from '@medplum/fhirtypes';
import { ownDefinitions as made } from '../../script/makeDefinitions.ts';
import { ownDefinitions } from '../../src/interaction/conformance/ownDefinitions.ts';
import { ownParameters } from '../../src/search/parameter.ts';
import { extension, system } from '../../src/terminology/system.ts';
import { validateResource } from '../../src/validation/validate.ts';
import { sent, testServer, type Reply, type TestServer } from '../http/server.ts';
import { openPractice } from '../scenario/practice.ts';

const own = 'https://claimwright.example/fhir/';
const of = <T extends Resource>(type: T['resourceType']): T[] =>
  ownDefinitions.filter((r) => r.resourceType === type) as T[];
const structures = of<StructureDefinition>('StructureDefinition');
const codeSystems = of<CodeSystem>('CodeSystem');
const valueSets = of<ValueSet>('ValueSet');
const codesOf = new Map(
  codeSystems.map(({ url, concept = [] }) => [url, new Set(concept.map(({ code }) => code))]),
);

let server: TestServer;
const get = (path: string): Promise<Reply> => sent(server.http.get(`/fhir/${path}`));
beforeAll(async () => {
  server = await testServer();
});
afterAll(() => server.context.store.close());

/** Extension URLs and codings of our own, wherever they stand. */
function owned(value: unknown, found: { urls: Set<string>; codings: Set<string> }): typeof found {
  if (typeof value !== 'object' || value === null) return found;
  const { url, system: of, code } = value as { url?: unknown; system?: unknown; code?: unknown };
  if (typeof url === 'string' && url.startsWith(`${own}StructureDefinition/`)) found.urls.add(url);
  if (typeof of === 'string' && of.startsWith(`${own}CodeSystem/`))
    found.codings.add(`${of}|${String(code)}`);
  for (const inner of Object.values(value)) owned(inner, found);
  return found;
}
const unknown = ({ urls, codings }: ReturnType<typeof owned>): string[] => [
  ...[...urls].filter((url) => !structures.some((s) => s.url === url)),
  ...[...codings].filter((coding) => {
    const [url = '', code = ''] = coding.split('|');
    const complete = codeSystems.find((one) => one.url === url)?.content === 'complete';
    return complete ? codesOf.get(url)?.has(code) !== true : !codesOf.has(url);
  }),
];

test('3.8 HL7 namespace holds only what HL7 defines', () => {
  const defined = ['http://hl7.org/fhir/StructureDefinition/timezone'];
  const ofHl7 = Object.values(extension).filter((url) => url.startsWith('http://hl7.org/'));
  expect(ofHl7).toEqual(defined);
  const written = readdirSync('seed', { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:json|md)$/.test(name))
    .map((name) => readFileSync(`seed/${name}`, 'utf8'))
    .join();
  expect(written).not.toContain('hl7.org/fhir/StructureDefinition/chargeitem-modifier');
});

test('3.8 every own extension has a StructureDefinition, every own code system its CodeSystem', () => {
  const urls = Object.values(extension).filter((url) => url.startsWith(own));
  expect(urls.filter((url) => !structures.some((s) => s.url === url))).toEqual([]);
  const systems = Object.values(system).filter((url) => url.startsWith(`${own}CodeSystem/`));
  expect(systems.filter((url) => !codesOf.has(url))).toEqual([]);
  expect(codesOf.has(`${own}CodeSystem/outcome`)).toBe(true);
});

test('3.8 what is written is what the list and the sources say (node script/makeDefinitions.ts)', () => {
  const byUrl = (all: readonly Resource[]): [string, Resource][] =>
    all
      .map((r): [string, Resource] => [`${r.resourceType}/${r.id ?? ''}`, r])
      .sort(([a], [b]) => (a < b ? -1 : 1));
  expect(byUrl(ownDefinitions)).toEqual(byUrl(JSON.parse(JSON.stringify(made())) as Resource[]));
});

test('3.8 every own code that the demo practice stores or answers with is in its CodeSystem', async () => {
  const practice = await openPractice();
  const found = { urls: new Set<string>(), codings: new Set<string>() };
  for (let cursor: string | undefined; ;) {
    const page = await practice.context.store.changes({
      count: 1000,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const { json, deleted } of page.versions)
      if (!deleted) owned(JSON.parse(new TextDecoder().decode(json)), found);
    cursor = page.next;
    if (cursor === undefined) break;
  }
  expect(found.urls.size).toBeGreaterThan(15);
  expect(unknown(found)).toEqual([]);
  await practice.context.store.close();
});

test('3.8 every own code that src writes down is in its CodeSystem', () => {
  const found = { urls: new Set<string>(), codings: new Set<string>() };
  const add = (url: string, code: string): void => void found.codings.add(`${url}|${code}`);
  const named = new Map<string, string>(Object.entries(system));
  for (const name of readdirSync('src', { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue;
    const text = readFileSync(`src/${name}`, 'utf8');
    for (const [, of = '', code = ''] of text.matchAll(/\bsystem\.(\w+), '([\w-]+)'/g)) {
      const url = named.get(of) ?? '';
      if (url.startsWith(own)) add(url, code);
    }
    if (name.startsWith('billing/invoice/'))
      for (const [, code = ''] of text.matchAll(/\bown\('([\w-]+)'/g)) add(system.invoiceComponent, code);
    if (/^(?:operation\/(?:worklist|charge|claim|invoice|payment|submission)|billing\/denial)\//.test(name))
      for (const [, code = ''] of text.matchAll(/\bcode: '([a-z-]+)'/g)) add(system.task, code);
  }
  expect(found.codings.size).toBeGreaterThan(15);
  expect(unknown(found)).toEqual([]);
});

test('3.8 definitions are sound: valid, named without blanks, published, with snapshot, differential and context', () => {
  for (const resource of [...ownDefinitions, ...ownParameters]) {
    const { name, status, date, publisher, url, version } = resource as StructureDefinition;
    expect({ url, faults: validateResource(resource) }).toEqual({ url, faults: [] });
    expect(name).toMatch(/^[A-Z][A-Za-z0-9_]{0,254}$/);
    // A guide's own parameter says what the guide says.
    const published = url.startsWith(own) ? 'active' : status;
    expect([status, typeof date, typeof publisher, typeof version]).toEqual([
      published,
      'string',
      'string',
      'string',
    ]);
  }
  for (const { url, context, snapshot, differential } of structures) {
    expect(context?.length).toBeGreaterThan(0);
    const [root, ...elements] = snapshot?.element ?? [];
    expect(root?.path).toBe('Extension');
    expect(elements.find(({ id }) => id === 'Extension.url')?.fixedUri).toBe(url);
    for (const element of snapshot?.element ?? [])
      expect([element.min, element.max, element.definition, element.base?.path].includes(undefined)).toBe(
        false,
      );
    const ids = new Set(snapshot?.element.map(({ id }) => id));
    for (const { id } of differential?.element ?? []) expect(ids).toContain(id);
  }
  for (const { content, count, concept = [], valueSet } of codeSystems) {
    if (content === 'complete') expect(count).toBe(concept.length);
    expect(valueSets.map(({ url }) => url)).toContain(valueSet);
  }
});

test('3.8 definitions are served: by id, by url, by url and version', async () => {
  for (const { resourceType, id, url } of [...structures, ...codeSystems, ...valueSets])
    expect([(await get(`${resourceType}/${id ?? ''}`)).status, url]).toEqual([200, url]);
  const found = (await get(`CodeSystem?url=${own}CodeSystem/task%7C0.1.0`)).body as Bundle;
  expect(found.entry?.map(({ resource }) => resource?.id)).toEqual(['task']);
  const extensions: (string | undefined)[] = [];
  let page: string | undefined = 'StructureDefinition?type=Extension&_count=1000'; // a page has at most 100
  while (page !== undefined) {
    const { entry = [], link = [] } = (await get(page)).body as Bundle;
    extensions.push(...entry.map(({ resource }) => resource?.id));
    page = link.find(({ relation }) => relation === 'next')?.url.replace(/^.*\/fhir\//, '');
  }
  expect([...new Set(extensions)].length).toBe(structures.length);
});

test('3.8 ConceptMaps name value sets, their groups the systems', () => {
  const { entry = [] } = JSON.parse(readFileSync('seed/05-concept-maps.json', 'utf8')) as Bundle;
  for (const { resource } of entry) {
    const { sourceUri, targetUri, group = [], name } = resource as ConceptMap;
    expect(name).toMatch(/^[A-Z][A-Za-z0-9]+$/);
    for (const uri of [sourceUri, targetUri]) {
      expect(uri).toMatch(/ValueSet|\?fhir_vs|\/vs$/);
      if (uri?.startsWith(own) === true) expect(valueSets.map(({ url }) => url)).toContain(uri);
    }
    for (const { source, target } of group)
      expect([source, target].some((s) => s?.includes('ValueSet'))).toBe(false);
  }
});

test('3.8 every entry of a Bundle has a fullUrl', async () => {
  for (const name of readdirSync('seed').filter((n) => /^\d.*json$/.test(n))) {
    const { entry } = JSON.parse(readFileSync(`seed/${name}`, 'utf8')) as Bundle;
    expect([name, (entry ?? []).filter(({ fullUrl }) => fullUrl === undefined).length]).toEqual([name, 0]);
  }
  await server.load({ resourceType: 'Patient', id: 'p' });
  await server.http.delete('/fhir/Patient/p');
  await server.load({ resourceType: 'Patient', id: 'p' });
  const batch = await server.http
    .post('/fhir')
    .set('Content-Type', 'application/fhir+json')
    .send({
      resourceType: 'Bundle',
      type: 'batch',
      entry: [
        { request: { method: 'GET', url: 'Patient/p' } },
        { request: { method: 'GET', url: 'Patient?_id=p' } },
        { request: { method: 'GET', url: 'Patient/none' } },
        { request: { method: 'POST', url: 'Patient' }, resource: { resourceType: 'Patient' } },
        { request: { method: 'DELETE', url: 'Patient/none' } },
      ],
    });
  const answers = [
    await get('Patient?_id=p&_explain=true'),
    await get('Patient?_id=p&unknown=x'),
    await get('Patient/_history'),
    await get('Patient/p/$everything'),
    await get('?_type=Patient'),
    batch,
  ];
  for (const { body } of answers)
    for (const { fullUrl } of (body as Bundle).entry ?? []) expect(fullUrl).toMatch(/^(?:https?:|urn:uuid:)/);
  expect((batch.body as Bundle).entry?.[0]?.fullUrl).toBe(`${server.context.publicUrl}/Patient/p`);
});

test('3.8 neighbour: a fullUrl is another for each outcome, and the same for one resource in all answers', async () => {
  const outcomes = await Promise.all([1, 2].map(() => get('Patient?_id=p&_explain=true')));
  const urls = outcomes.map(({ body }) => (body as Bundle).entry?.at(-1)?.fullUrl);
  expect(new Set(urls).size).toBe(2);
});

test('3.8 neighbour: a definition that is stored hides the one brought along', async () => {
  const { body } = await get('ValueSet/task');
  await server.load({ ...(body as ValueSet & { id: string }), title: 'Ours' });
  expect(((await get('ValueSet/task')).body as ValueSet).title).toBe('Ours');
});

test('3.8 neighbour: :in takes a value set of our own', async () => {
  await server.load({
    resourceType: 'Task',
    id: 'denial',
    status: 'requested',
    intent: 'order',
    code: { coding: [{ system: system.task, code: 'denial' }] },
  });
  const found = (await get(`Task?code:in=${own}ValueSet/task`)).body as Bundle;
  const none = (await get(`Task?code:not-in=${own}ValueSet/task`)).body as Bundle;
  expect([found.entry?.length, none.entry?.length ?? 0]).toEqual([1, 0]);
});
