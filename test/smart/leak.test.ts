import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, BundleEntry, Resource } from '@medplum/fhirtypes';
import request, { type Response } from 'supertest';
import type { OperationContext } from '../../src/operation/operation.ts';
import { testContext } from '../context.ts';
import { until } from '../until.ts';
import { eachStore } from '../http/eachStore.ts';
import { runsOf } from '../runs.ts';
import { AsAccount } from './asAccount.ts';
import { leakCallers, type LeakCaller } from './leakCallers.ts';
import { generate, randomOf, types, type Asked } from './leakRequests.ts';
import { makeWorld, type World } from './leakWorld.ts';

const patients = runsOf({ usual: 40, long: 200 });
const requests = runsOf({ usual: 400, long: 2000 });

describe.each(eachStore('leak'))('nothing leaks on %s', (_, open) => {
  let context: OperationContext;
  let server: AsAccount;
  let world: World;
  let callers: readonly LeakCaller[];
  const cursors: string[] = [];
  beforeAll(async () => {
    context = await testContext({ store: await open() });
    world = await makeWorld(context.store, patients);
    callers = leakCallers(world);
    server = new AsAccount(context);
    for (const { account, grant } of callers) await server.is(account, grant);
  }, 300_000);
  afterAll(() => context.store.close());

  const send = ({ method, path, body, headers = {} }: Asked, name: string) => {
    let asked = request(server.app)
      [method](encodeURI(`/fhir/${path}`))
      .set('x-account', name);
    if (body !== undefined) asked = asked.set('content-type', 'application/fhir+json');
    for (const [header, value] of Object.entries(headers)) asked = asked.set(header, value);
    return body === undefined ? asked : asked.send(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const textOf = ({ headers, text, body }: Response): string =>
    JSON.stringify(headers) +
    (typeof text === 'string' ? text : body instanceof Buffer ? body.toString() : JSON.stringify(body ?? ''));
  const secretsIn = (text: string): string[] => [...new Set(text.match(/secret-\d+-x/g) ?? [])];

  /** Secrets that a caller is told and may not be. */
  const leaked = (caller: LeakCaller, text: string): string[] =>
    secretsIn(text).filter((secret) => {
      const of = world.told.get(secret);
      return !of || !caller.may(of, world);
    });

  /** Ids of others that an answer names outside of what the caller may see, and that were not asked about. */
  function named(caller: LeakCaller, asked: Asked, answer: Response): string[] {
    const body: unknown = answer.body;
    const outside = JSON.stringify({ body, headers: answer.headers }, (_key, value: unknown) => {
      if (typeof value !== 'object' || value === null || !('resourceType' in value) || !('meta' in value))
        return value;
      return leaked(caller, JSON.stringify(value)).length === 0 ? undefined : value;
    });
    const about = `${asked.path} ${JSON.stringify(asked.body ?? '')} ${JSON.stringify(asked.headers ?? '')}`;
    const mine = new Set(
      [...world.told.values()].filter((of) => caller.may(of, world)).flatMap(({ id }) => [id]),
    );
    const ids = outside.match(/\b(?:[a-z-]+-)?p\d{3}\b/g) ?? [];
    return [...new Set(ids)].filter((id) => !about.includes(id) && !mine.has(id));
  }

  async function answerOf(asked: Asked, name: string): Promise<Response> {
    let answer = await send(asked, name);
    const place = answer.headers['content-location'];
    if (answer.status !== 202 || place === undefined) return answer;
    const path = place.split('/fhir/')[1] ?? '';
    return until(async () => {
      answer = await send({ kind: 'async', method: 'get', path }, name);
      return answer.status !== 202 && answer;
    });
  }

  /** What an answer says, without the id that was asked about and what differs every time. */
  const said = ({ status, headers, text }: Response, id: string): unknown => [
    status,
    headers['content-type'],
    headers['etag'],
    headers['location'],
    (typeof text === 'string' ? text : '').replaceAll(id, 'ID'),
  ];

  test('Done 2: generated requests of every kind tell nothing outside of the access of who asks', async () => {
    const random = randomOf(20261130);
    const problems: string[] = [];
    const told = new Map<string, number>();
    for (let n = 0; n < requests; n += 1) {
      const caller = callers[n % callers.length] as LeakCaller;
      const { name } = caller.account;
      const foreign = random(12) === 0 ? cursors[random(Math.max(cursors.length, 1))] : undefined;
      const asked =
        foreign === undefined
          ? generate(world, caller, random)
          : ({ kind: 'cursor', method: 'get', path: foreign } as const);
      const isWrite =
        ['put', 'patch', 'delete'].includes(asked.method) ||
        ['operation', 'import', 'conditional-create'].includes(asked.kind);
      const targets = [...world.told.values()].filter(({ id }) =>
        `${asked.path} ${JSON.stringify(asked.body ?? '')}`.includes(id),
      );
      if (isWrite && targets.some((of) => caller.may(of, world))) continue; // theirs: what they write is not at stake here
      const answer = await answerOf(asked, name);
      const text = textOf(answer);
      const what = `${name} ${asked.kind} ${asked.method} ${asked.path} → ${answer.status}`;
      told.set(asked.kind, (told.get(asked.kind) ?? 0) + secretsIn(text).length);
      for (const secret of leaked(caller, text))
        problems.push(`${what}: ${JSON.stringify(world.told.get(secret))}`);
      for (const id of named(caller, asked, answer)) problems.push(`${what}: names ${id}`);
      if (answer.status >= 500) problems.push(what);
      const next = (answer.body as Bundle | undefined)?.link?.find(
        ({ relation }) => relation === 'next',
      )?.url;
      if (next !== undefined && cursors.length < 200) cursors.push(decodeURI(next.split('/fhir/')[1] ?? ''));
      const id = 'names' in asked ? asked.names : undefined;
      if (id === undefined || [...world.told.values()].some((of) => of.id === id && caller.may(of, world)))
        continue;
      const nowhere = `nowhere-${'x'.repeat(Math.max(id.length - 8, 1))}`;
      const other = JSON.parse(JSON.stringify(asked).replaceAll(id, nowhere)) as Asked;
      const missing = await answerOf(other, name);
      expect([what, said(answer, id)]).toEqual([what, said(missing, nowhere)]);
    }
    expect(problems.slice(0, 20)).toEqual([]);
    // It is no test that passes because everything is refused.
    for (const kind of ['read', 'search', 'history-type', 'batch', 'everything', 'async', 'compartment'])
      expect([kind, (told.get(kind) ?? 0) > 0]).toEqual([kind, true]);
  }, 1_800_000);

  test('Done 2 neighbour: a transaction may begin with a search by several chains', async () => {
    const url = 'Coverage?beneficiary:Patient._id=p000&payor:Organization._id=payer';
    const body = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ request: { method: 'GET', url } }],
    };
    for (const name of ['nobody-in-particular', 'biller']) {
      const answer = await server.ask(name, 'post', '', body);
      expect([name, answer.status, JSON.stringify(answer.body).includes('coverage-p000')]).toEqual([
        name,
        200,
        true,
      ]);
    }
  });

  test('Done 2: what was aimed at others left them as they were', async () => {
    for (const [secret, of] of world.told) {
      if (!of.isCurrent) continue;
      const stored = await context.store.read(of.type as Resource['resourceType'], of.id);
      expect([of.type, of.id, new TextDecoder().decode(stored?.json).includes(secret)]).toEqual([
        of.type,
        of.id,
        true,
      ]);
    }
  });

  test('Done 2: searches, their totals and counts are exactly what each caller may see', async () => {
    for (const caller of callers) {
      const { name } = caller.account;
      for (const type of types) {
        const expected = [...world.told.values()].filter(
          (of) => of.type === type && of.isCurrent && caller.may(of, world),
        );
        const found: string[] = [];
        // The audit of this test stands among them, for who may see any: these are counted by nobody.
        if (type === 'AuditEvent' && expected.length > 0) continue;
        let path: string | undefined = `${type}?_count=1000&_total=accurate`;
        const first = await server.ask(name, 'get', path);
        if (first.status === 403) {
          const isNotSearched =
            expected.length === 0 || (name === 'app' && type === 'Claim') || type === 'Binary';
          expect([name, type, isNotSearched]).toEqual([name, type, true]);
          continue;
        }
        const total = (first.body as Bundle).total;
        const counted = (await server.ask(name, 'get', `${type}?_summary=count`)).body as Bundle;
        while (path !== undefined) {
          const page = (await server.ask(name, 'get', path)).body as Bundle;
          found.push(...(page.entry ?? []).map(({ resource }: BundleEntry) => resource?.id ?? ''));
          path = page.link?.find(({ relation }) => relation === 'next')?.url.split('/fhir/')[1];
        }
        const ids = type === 'Binary' ? [] : [...new Set(expected.map(({ id }) => id))].sort();
        expect([name, type, found.sort(), total, counted.total]).toEqual([
          name,
          type,
          ids,
          ids.length,
          ids.length,
        ]);
      }
    }
  }, 300_000);
});
