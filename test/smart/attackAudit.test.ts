import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AuditEvent } from '@medplum/fhirtypes';
import { auditFaults } from '../../src/command/verify/auditFaults.ts';
import { find } from '../../src/interaction/repository.ts';
import { makeDue } from '../../src/operation/audit/makeEvents.ts';
import { eachStore } from '../http/eachStore.ts';
import { makeLaunch } from '../../src/http/smart/launchContext.ts';
import { authorize, bearer, Browser, exchange, redirectUri, smartTest, type SmartTest } from './browser.ts';
import { tokenOf, world, type World } from './world.ts';

const scope = 'launch/patient openid fhirUser offline_access patient/*.cruds';

describe.each(eachStore('attackAudit'))('what attackers get is in the audit, on %s', (_, open) => {
  let server: SmartTest;
  let people: World;
  let token: string;
  beforeAll(async () => {
    server = await smartTest({ store: await open() });
    people = await world(server);
    await server.client({ id: 'app' });
    await server.client({ id: 'other' });
    const { json } = await tokenOf(server, { client: 'app', scope, account: people.patient });
    token = String(json['access_token']);
  });
  afterAll(() => server.close());

  const events = async (): Promise<AuditEvent[]> => {
    await makeDue(server.context);
    return find<AuditEvent>(server.context.store, 'AuditEvent', {});
  };
  const ofRequest = async (id: string): Promise<AuditEvent[]> =>
    (await events()).filter(({ entity }) => entity?.some(({ what }) => what?.identifier?.value === id));
  const whoIn = ({ agent }: AuditEvent): (string | undefined)[] =>
    agent.flatMap(({ who }) => who?.identifier?.value ?? []);
  /** The refusals of the authorization server since a moment: the error, the app. */
  async function refusalsOf(work: () => Promise<unknown>): Promise<string[]> {
    const before = new Set((await events()).map(({ id }) => id));
    await work();
    return (await events())
      .filter(({ id, subtype }) => !before.has(id) && subtype?.[0]?.code === 'request-refused')
      .map(
        (event) =>
          `${event.outcome ?? ''} ${event.entity?.[0]?.detail?.[0]?.valueString ?? ''} ${whoIn(event).join()}`,
      );
  }
  const patient = JSON.stringify({ resourceType: 'Patient', id: 'p1', name: [{ family: 'Changed' }] });

  test.each<readonly [string, string, number, { readonly method?: string; readonly body?: string }]>([
    ['another patient', 'Patient/p2', 404, {}],
    ['another patient by a search', 'Patient/p2/$everything', 404, {}],
    ['a type that the role has not', 'Task', 403, {}],
    ['a write', 'Patient/p1', 403, { method: 'PUT', body: patient }],
    ['a deletion of another', 'Patient/p2', 403, { method: 'DELETE' }],
    ['an injection', 'Patient?_filter=name%20eq%20%22x%22)%20or%20(1', 400, {}],
    ['a prototype key', 'Patient/__proto__', 404, {}],
  ])(
    'D attack: %s is refused, recorded with who it was, and changes nothing',
    async (what, path, status, sent) => {
      const id = `attack-${what.replace(/ /g, '-')}`;
      const headers = {
        ...bearer(token).headers,
        'x-request-id': id,
        'content-type': 'application/fhir+json',
      };
      const answer = await server.ask(`${server.base}/${path}`, { ...sent, headers });
      const [event, ...more] = await ofRequest(id);
      expect([answer.status, event?.outcome, event?.outcomeDesc, more.length]).toEqual([
        ...[status, '4', `HTTP ${status}`, 0],
      ]);
      expect(event && whoIn(event)).toEqual(expect.arrayContaining(['app']));
      expect(JSON.stringify(event)).toContain('Patient/p1'); // whose account it is
      for (const name of ['p1', 'p2'])
        expect((await server.context.store.read('Patient', name))?.version).toBe(1);
    },
  );

  test.each([
    ['none', {}],
    ['one that is none', bearer('x'.repeat(43)).headers],
    ['one without signature', bearer(`${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`).headers],
  ])(
    'D attack: a request with a token that is %s is refused and recorded as nobody’s',
    async (what, given) => {
      const id = `token-${what.replace(/ /g, '-')}`;
      const answer = await server.ask(`${server.base}/Patient/p1`, {
        headers: { ...given, 'x-request-id': id },
      });
      const [event] = await ofRequest(id);
      expect([answer.status, event?.outcome, event?.outcomeDesc]).toEqual([401, '4', 'HTTP 401']);
      expect(event && JSON.stringify(event.agent)).not.toMatch(/app|p1/);
    },
  );

  test('D attack: a code used twice, and one of another app, are refused, recorded, and what came of it is taken back', async () => {
    const launched = await authorize(server, new Browser(server), {
      client: 'app',
      scope,
      account: people.patient,
    });
    const first = await exchange(server, 'app', launched);
    expect(first.status).toBe(200);
    const refused = await refusalsOf(async () => {
      expect((await exchange(server, 'app', launched)).status).toBe(400);
      expect((await exchange(server, 'other', launched)).status).toBe(400);
      const form = { token: 'x', client_id: 'app', client_secret: 'guessed' };
      expect((await server.ask(`${server.issuer}/revoke`, { form })).status).toBe(401);
    });
    expect(refused).toEqual(['4 invalid_grant app', '4 invalid_grant other', '4 invalid_client app']);
    const read = await server.ask(`${server.base}/Patient/p1`, bearer(first.json['access_token']));
    expect(read.status).toBe(401);
  });

  test('D attack: a wrong redirect, a wrong audience (however it is told) and an unknown app are recorded', async () => {
    const asked = (over: Readonly<Record<string, string>>) => {
      const query = new URLSearchParams({
        ...{ response_type: 'code', client_id: 'app', redirect_uri: redirectUri, scope, state: 's' },
        ...{ aud: server.base, code_challenge: 'a'.repeat(43), code_challenge_method: 'S256' },
        ...over,
      });
      return server.ask(`${server.issuer}/authorize?${query.toString()}`);
    };
    const refused = await refusalsOf(async () => {
      expect((await asked({ redirect_uri: 'https://evil.example/' })).status).toBe(400);
      for (const mode of ['query', 'fragment', 'form_post'])
        await asked({ aud: 'https://evil.example/fhir', response_mode: mode });
      expect((await asked({ client_id: 'nobody' })).status).toBe(400);
    });
    const aud = '4 invalid_request app';
    expect(refused).toEqual(['4 invalid_redirect_uri app', aud, aud, aud, '4 invalid_client ']);
  });

  test('3.4.4 fhirContext of a launch: objects with a reference, and plain references for the first version', async () => {
    await server.client({ id: 'first', isFirstVersion: true, launchUri: 'https://app.example/launch' });
    await server.client({ id: 'second', launchUri: 'https://app.example/launch' });
    const fhirContext = [{ reference: 'Encounter/e-p1' }, { reference: 'Observation/o-laboratory' }];
    for (const [client, expected] of [
      ['first', fhirContext.map(({ reference }) => reference)],
      ['second', fhirContext],
    ] as const) {
      const launch = await makeLaunch(server.context.store.records, server.context.now, {
        ...{ client, account: people.biller.id, context: { patient: 'p1', encounter: 'e-p1', fhirContext } },
      });
      const { json } = await tokenOf(server, {
        ...{ client, scope: 'launch openid fhirUser patient/*.rs', account: people.biller, more: { launch } },
      });
      expect([json['patient'], json['fhirContext']]).toEqual(['p1', expected]);
    }
  });

  test('Done 5: after all of these the chain of the audit verifies, and each AuditEvent made of it', async () => {
    expect((await events()).length).toBeGreaterThan(20);
    const { records, faults } = await auditFaults(server.context.store);
    expect([records > 20, faults]).toEqual([true, []]);
  });
});
