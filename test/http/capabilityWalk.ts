import { Agent, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  CapabilityStatement,
  CapabilityStatementRest,
  CapabilityStatementRestResource,
  OperationDefinition,
  OperationOutcome,
  Resource,
} from '@medplum/fhirtypes';
import { createApp } from '../../src/app.ts';
import { openStore } from '../../src/store/openStore.ts';
import type { Store } from '../../src/store/store.ts';
import { codeOfIssue } from '../../src/outcome/issue.ts';
import { testContext } from '../context.ts';
import { isLong } from '../runs.ts';
import { exampleNames, textOf } from '../validation/official.ts';
import { httpServer } from '../httpServer.ts';

interface Reply {
  readonly status: number;
  readonly text: string;
}
type Sending = { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> };
type Sound = Resource & { readonly id: string };

const json = 'application/fhir+json';

/**
 * The walk over a running server: everything that its CapabilityStatement lists answers, nothing else does. Of the
 * searches and refusals, which are thousands, `one` in so many is sent; all of them in the long run.
 */
export function capabilityWalk(name: string, storeUrl: () => Promise<string>, one = 1): void {
  describe(`the walk over the CapabilityStatement on ${name}`, () => {
    let store: Store;
    let base: string;
    let close: () => Promise<unknown>;
    let rest: CapabilityStatementRest;
    let resources: readonly CapabilityStatementRestResource[];
    const examples = new Map<string, Sound>();

    const agent = new Agent({ keepAlive: true });
    /** There are many: this takes half the time of fetch. */
    const send = (method: string, path: string, { body, headers = {} }: Sending = {}): Promise<Reply> =>
      new Promise((resolve, reject) => {
        const content = typeof body === 'string' ? body : JSON.stringify(body);
        const all = { ...(body === undefined ? {} : { 'content-type': json }), ...headers };
        const asked = request(`${base}${path}`, { agent, method, headers: all }, (response) => {
          response.setEncoding('utf8');
          let text = '';
          response.on('data', (chunk: string) => (text += chunk));
          response.once('error', reject).once('end', () => {
            resolve({ status: response.statusCode ?? 0, text });
          });
        });
        asked.once('error', reject).end(content);
      });
    const isSent = (_request: unknown, i: number): boolean => isLong || i % one === 0;
    const isGood = ({ status }: Reply): boolean => (status >= 200 && status < 300) || status === 304;
    /** Sends all, a few at a time; names those that are answered otherwise than wanted. */
    async function odd(
      requests: readonly (readonly [method: string, path: string, sending?: Sending])[],
      wanted: (reply: Reply) => boolean = isGood,
    ): Promise<string[]> {
      const found: string[] = [];
      let at = 0;
      const worker = async (): Promise<void> => {
        for (let request = requests[at++]; request; request = requests[at++]) {
          const [method, path, sending] = request;
          const reply = await send(method, path, sending);
          if (!wanted(reply)) found.push(`${method} ${path}: ${reply.status} ${reply.text.slice(0, 300)}`);
        }
      };
      await Promise.all([worker(), worker(), worker(), worker()]);
      return found.sort().slice(0, 10);
    }

    beforeAll(async () => {
      const now = (): string => new Date().toISOString();
      store = await openStore(await storeUrl(), { now });
      const server = httpServer(createApp(await testContext({ store })));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`;
      close = () => new Promise((resolve) => server.close(resolve));
      const statement = (await (await fetch(`${base}/metadata`)).json()) as CapabilityStatement;
      rest = statement.rest?.[0] ?? { mode: 'server' };
      resources = rest.resource ?? [];
      const names = exampleNames().sort();
      for (const { type } of resources) {
        for (const file of names.filter((n) => n.startsWith(`${type}-`))) {
          const example = JSON.parse(textOf(file)) as Sound;
          if (example.resourceType !== type || textOf(file).length > 200_000) continue;
          const { status } = await send('PUT', `/${type}/${example.id}`, { body: example });
          if (status >= 300) continue;
          examples.set(type, example);
          break;
        }
        if (examples.has(type)) continue;
        const bare = { resourceType: type, id: 'bare' } as Sound; // R4 has no example, and nothing that must be there
        if ((await send('PUT', `/${type}/bare`, { body: bare })).status < 300) examples.set(type, bare);
      }
    });
    afterAll(async () => {
      agent.destroy();
      await close();
      await store.close();
    });

    test('every type has an example that was taken', () => {
      expect(resources.map(({ type }) => type).filter((type) => !examples.has(type))).toEqual([]);
    });

    test('every listed interaction answers, for every type', async () => {
      const failures: string[] = [];
      for (const resource of resources) {
        const { type, interaction = [] } = resource;
        const example = examples.get(type);
        if (!example) continue;
        const requests = interaction.flatMap(({ code }) => callsOf(type, example, code));
        const listed = new Set(interaction.map(({ code }) => code));
        if (resource.conditionalCreate) requests.push(...conditionalCreate(type, example));
        if (resource.conditionalRead === 'full-support') requests.push(...conditionalRead(type, example));
        if (resource.conditionalUpdate) requests.push(...conditionalUpdate(type, example));
        expect(listed.size).toBe(interaction.length);
        for (const request of requests) failures.push(...(await odd([request])));
      }
      expect(failures).toEqual([]);
    });

    test('every interaction of the whole system and every compartment answers', async () => {
      const codes = (rest.interaction ?? []).map(({ code }) => code);
      const bundle = (type: string) => ({
        body: {
          resourceType: 'Bundle',
          type,
          entry: [{ request: { method: 'GET', url: 'Patient?_count=1' } }],
        },
      });
      const calls = {
        transaction: ['POST', '', bundle('transaction')],
        batch: ['POST', '', bundle('batch')],
        'search-system': ['GET', '?_type=Patient,Claim&_count=1'],
        'history-system': ['GET', '/_history?_count=1'],
      } as const;
      expect(codes.sort()).toEqual(Object.keys(calls).sort());
      expect(await odd(Object.values(calls))).toEqual([]);
      const definitions = (rest.compartment ?? []).map((url) => url.split('/').at(-1) ?? '');
      const compartments = await Promise.all(
        definitions.map(
          async (id) =>
            JSON.parse((await send('GET', `/CompartmentDefinition/${id}`)).text) as {
              code: string;
              resource: { code: string; param?: string[] }[];
            },
        ),
      );
      const requests = compartments.flatMap(({ code, resource }) => [
        ['GET', `/${code}/x/*?_count=1`] as const,
        ...resource
          .filter(({ param = [] }) => param.length > 0)
          .map((inside) => ['GET', `/${code}/x/${inside.code}?_count=1`] as const),
      ]);
      expect(requests.length).toBeGreaterThan(150);
      expect(await odd(requests)).toEqual([]);
    });

    test('every search parameter of every type answers', async () => {
      const requests = resources.flatMap(({ type, searchParam = [] }) =>
        [...searchParam, ...(rest.searchParam ?? [])].map(
          (parameter) =>
            ['GET', `/${type}?_count=1&${valueOf(type, parameter.name, parameter.type)}`] as const,
        ),
      );
      expect(requests.length).toBeGreaterThan(2000);
      expect(await odd(requests.filter(isSent))).toEqual([]);
    });

    test('every listed include answers', async () => {
      let count = 0;
      const requests = resources.flatMap(({ type, searchInclude = [], searchRevInclude = [] }) => {
        const all = [
          ...searchInclude.map((include) => `_include=${include}`),
          ...searchRevInclude.map((include) => `_revinclude=${include}`),
        ];
        count += all.length;
        return grouped(all).map((group) => ['GET', `/${type}?_count=1&${group.join('&')}`] as const);
      });
      expect(count).toBeGreaterThan(5000);
      expect(await odd(requests.filter(isSent))).toEqual([]);
    });

    test('every listed operation answers where it is listed, or says what it lacks', async () => {
      const knows = ({ status, text }: Reply): boolean => {
        if (status >= 200 && status < 300) return true;
        const issue = (JSON.parse(text) as OperationOutcome).issue[0];
        return (
          status < 500 &&
          issue !== undefined &&
          !/unknown-(?:operation|path|type)/.test(codeOfIssue(issue) ?? '')
        );
      };
      const definitions = new Map<string, OperationDefinition>();
      const listed = [
        ...(rest.operation ?? []).map((operation) => ({ operation, type: undefined })),
        ...resources.flatMap(({ type, operation = [] }) => operation.map((o) => ({ operation: o, type }))),
      ];
      for (const { operation } of listed) {
        const found = await send('GET', `/OperationDefinition?url=${operation.definition}`);
        const bundle = JSON.parse(found.text) as { entry?: { resource: OperationDefinition }[] };
        const definition = bundle.entry?.[0]?.resource;
        expect([operation.definition, definition?.code]).toEqual([operation.definition, operation.name]);
        if (definition) definitions.set(operation.definition, definition);
      }
      const requests = listed.flatMap(({ operation, type }) => {
        const definition = definitions.get(operation.definition);
        const method = definition?.affectsState === false ? 'GET' : 'POST';
        const id = examples.get(type ?? '')?.id ?? 'x';
        const code = `$${operation.name}`;
        if (type === undefined) return [[method, `/${code}`] as const];
        return [
          ...(definition?.type ? [[method, `/${type}/${code}`] as const] : []),
          ...(definition?.instance ? [[method, `/${type}/${id}/${code}`] as const] : []),
        ];
      });
      expect(requests.length).toBeGreaterThan(146 * 4);
      expect(await odd(requests, knows)).toEqual([]);
      const meta = resources.map(
        ({ type }) => ['GET', `/${type}/${examples.get(type)?.id ?? ''}/$meta`] as const,
      );
      expect(await odd(meta)).toEqual([]);
      const everything = ['Patient', 'Encounter', 'Account'].map(
        (type) => ['GET', `/${type}/${examples.get(type)?.id ?? ''}/$everything`] as const,
      );
      expect(await odd([...everything, ['GET', '/Patient/$everything?_count=5']])).toEqual([]);
    });

    test('nothing answers that is not listed', async () => {
      const isRefused = ({ status, text }: Reply): boolean =>
        status >= 400 && status < 500 && (text === '' || text.includes('"OperationOutcome"'));
      expect(await odd(unlisted(rest, resources).filter(isSent), isRefused)).toEqual([]);
    });

    test('deletes answer, last of all', async () => {
      const requests = [...examples].flatMap(([type, { id }]) => [
        ['DELETE', `/${type}?_id=${id}-nobody`] as const,
        ['DELETE', `/${type}/${id}-nobody`] as const,
      ]);
      expect(await odd(requests)).toEqual([]);
    });
  });
}

/** Ten at a time: what one of them is refused for, the whole request is. */
const grouped = (all: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(all.length / 10) }, (_, i) => all.slice(i * 10, i * 10 + 10));

type Request = readonly [method: string, path: string, sending?: Sending];

/** The requests that are one interaction of a type. */
function callsOf(type: string, example: Sound, code: string): Request[] {
  const { id } = example;
  const at = `/${type}/${id}`;
  switch (code) {
    case 'create': {
      const { id: _, ...body } = example;
      const name = uniqueName(body);
      return [['POST', `/${type}`, { body: name }]];
    }
    case 'update':
      return [['PUT', at, { body: example }]];
    case 'patch': {
      const body = JSON.stringify([{ op: 'add', path: '/language', value: 'en' }]);
      return [['PATCH', at, { body, headers: { 'content-type': 'application/json-patch+json' } }]];
    }
    case 'delete':
      return [['DELETE', `${at}-none`]];
    case 'read':
      return [
        ['GET', at],
        ['HEAD', at],
      ];
    case 'vread':
      return [['GET', `${at}/_history/1`]];
    case 'history-instance':
      return [['GET', `${at}/_history`]];
    case 'history-type':
      return [['GET', `/${type}/_history?_count=2`]];
    case 'search-type':
      return [
        ['GET', `/${type}?_id=${id}`],
        [
          'POST',
          `/${type}/_search`,
          { body: `_id=${id}`, headers: { 'content-type': 'application/x-www-form-urlencoded' } },
        ],
      ];
    default:
      throw new Error(`the walk knows no interaction ${code}`);
  }
}

/** A SearchParameter of a code that is taken is refused: its copy gets another name. */
const uniqueName = (body: object): object =>
  'code' in body && 'base' in body && (body as Partial<Resource>).resourceType === 'SearchParameter'
    ? { ...body, code: 'walked', url: 'urn:walked' }
    : body;

const conditionalCreate = (type: string, example: Sound): Request[] => [
  ['POST', `/${type}`, { body: example, headers: { 'if-none-exist': `_id=${example.id}` } }],
];
const conditionalRead = (type: string, { id }: Sound): Request[] => [
  ['GET', `/${type}/${id}`, { headers: { 'if-none-match': 'W/"1"' } }],
  ['GET', `/${type}/${id}`, { headers: { 'if-modified-since': 'Sat, 01 Jan 2000 00:00:00 GMT' } }],
];
const conditionalUpdate = (type: string, example: Sound): Request[] => [
  ['PUT', `/${type}?_id=${example.id}`, { body: example }],
];

/** A value that the parameter can take. */
function valueOf(type: string, name: string, kind: string): string {
  const values: Readonly<Record<string, string>> = {
    token: 'a',
    reference: 'Patient/a',
    date: '2026-01-01',
    string: 'a',
    number: '1',
    quantity: '1',
    uri: 'urn:a',
  };
  const special: Readonly<Record<string, string>> = {
    _has: type === 'Parameters' ? '_id=a' : '_has:Provenance:target:_id=a', // nothing refers to Parameters
    _list: '_list=a',
    _filter: `_filter=${encodeURIComponent('_id eq a')}`,
    _type: `_type=${type}`,
  };
  if (special[name] !== undefined) return special[name];
  return `${name}=${kind === 'composite' ? composite(type, name) : (values[kind] ?? 'a')}`;
}

const composite = (type: string, name: string): string => {
  const parts = name.split('-value-').at(-1) ?? '';
  if (/relatesto/.test(name)) return 'DocumentReference/a$replaces';
  if (type === 'MolecularSequence') return /chromosome/.test(name) ? '1$ge1$le9' : 'NC$ge1$le9';
  if (/quantity$/.test(parts)) return 'a$1';
  if (/date$/.test(parts)) return 'a$2026-01-01';
  if (/string$/.test(parts)) return 'a$b';
  return 'a$b';
};

/** Requests for what is not listed, made from what is. */
function unlisted(
  rest: CapabilityStatementRest,
  resources: readonly CapabilityStatementRestResource[],
): Request[] {
  const codes = [...new Set(resources.flatMap((r) => (r.searchParam ?? []).map(({ name }) => name)))];
  const operations = [...new Set(resources.flatMap((r) => (r.operation ?? []).map(({ name }) => name)))];
  const foreign = [
    'validate',
    'expand',
    'lookup',
    'match',
    'document',
    'lastn',
    'graphql',
    'convert',
    'export',
  ];
  const ofSystem = new Set((rest.operation ?? []).map(({ name }) => name));
  const system: Request[] = [
    ['PUT', '', { body: '{}' }],
    ['DELETE', ''],
    ['PATCH', '', { body: '{}' }],
    ['GET', '/_search'],
    ['PUT', '/_history', { body: '{}' }],
    ['DELETE', '/_history'],
    ['POST', '/metadata', { body: '{}' }],
    ...['Foo', 'patient', 'PATIENT', 'ActorDefinition', 'Transport', 'metadata/x', '$'].map(
      (path): Request => ['GET', `/${path}`],
    ),
    ...[...operations, ...foreign]
      .filter((name) => !ofSystem.has(name))
      .flatMap((name): Request[] => [
        ['GET', `/$${name}`],
        ['POST', `/$${name}`, { body: { resourceType: 'Parameters' } }],
      ]),
  ];
  return [
    ...system,
    ...resources.flatMap(({ type, searchParam = [], operation = [], searchInclude = [] }, i): Request[] => {
      const own = new Set(searchParam.map(({ name }) => name));
      const mine = new Set(operation.map(({ name }) => name));
      const others = codes.filter((code, at) => !own.has(code) && at % 20 === i % 20);
      const includes = new Set(searchInclude);
      return [
        ['PUT', `/${type}`, { body: '{}' }],
        ['PUT', `/${type}/a/_history/1`, { body: '{}' }],
        ['DELETE', `/${type}/a/_history/1`],
        ['DELETE', `/${type}/a/_history`],
        ['DELETE', `/${type}`],
        ['GET', `/${type}/_search`],
        ['PUT', `/${type}/_search`, { body: '{}' }],
        ['GET', `/${type}/a/Foo`],
        ['GET', `/${type}/a/_history/1/2`],
        ['GET', `/${type}?no-such=1`],
        ['GET', `/${type}?_no-such=1`],
        ['GET', `/${type}?_id:exact=1`],
        ['GET', `/${type}?_sort=no-such`],
        ['GET', `/${type}?_include=${type}:no-such`],
        ['GET', `/${type}?_contained=true`],
        ['GET', `/${type}?_query=a`],
        ...others.map((code): Request => ['GET', `/${type}?${encodeURIComponent(code)}=1`]),
        ...[...own]
          .filter((code) => !includes.has(`${type}:${code}`))
          .slice(0, 5)
          .map((code): Request => ['GET', `/${type}?_include=${type}:${code}`]),
        ...[...operations, ...foreign]
          .filter((name, at) => !mine.has(name) && at % 4 === i % 4)
          .flatMap((name): Request[] => [
            ['POST', `/${type}/$${name}`, { body: { resourceType: 'Parameters' } }],
            ['GET', `/${type}/a/$${name}`],
          ]),
      ];
    }),
  ];
}
