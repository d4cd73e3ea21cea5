import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AuditEvent } from '@medplum/fhirtypes';
import { createLog } from '../../src/http/log.ts';
import { makeDue } from '../../src/operation/audit/makeEvents.ts';
import { parsePairs } from '../../src/search/parse.ts';
import { resourceOf } from '../../src/store/version.ts';
import { authorize, bearer, Browser, exchange, password, smartTest, type SmartTest } from './browser.ts';
import { world, type World } from './world.ts';

const lines: string[] = [];
let server: SmartTest;
let people: World;
beforeAll(async () => {
  const log = createLog('debug', () => new Date().toISOString(), { write: (text) => lines.push(text) });
  server = await smartTest({}, { log });
  people = await world(server);
  await server.client({ id: 'app' });
});
afterAll(() => server.close());

async function events(): Promise<AuditEvent[]> {
  await makeDue(server.context);
  const query = parsePairs('AuditEvent', [
    ['type', '110114'],
    ['_count', '1000'],
  ]);
  const { matches } = await server.context.store.search(query);
  return matches.map((match) => resourceOf(match) as AuditEvent);
}
const told = ({ subtype, outcome, agent }: AuditEvent): string =>
  [subtype?.[0]?.code, outcome, ...agent.map(({ who }) => who?.identifier?.value)].join(' ');

test('D.5 sign-in, refused ones too, consent and tokens are recorded, and no secret is written anywhere', async () => {
  const account = people.patient;
  await server.accounts.signIn('one', 'no such password'); // of the accounts themselves: nothing to record
  const scope = 'launch/patient openid fhirUser offline_access patient/*.rs';
  const launched = await authorize(server, new Browser(server), { client: 'app', scope, account });
  const token = await exchange(server, 'app', launched);
  const [access, refresh] = [String(token.json['access_token']), String(token.json['refresh_token'])];
  await server.ask(`${server.base}/Patient/p1?_elements=name`, bearer(access));
  const form = { token: refresh, client_id: 'app' };
  expect((await server.ask(`${server.issuer}/revoke`, { form })).status).toBe(200);
  const browser = new Browser(server);
  await browser.open(`${server.issuer}/sign-in`);
  await browser.submit({ do: 'sign-in' }, { name: 'one', password: 'wrong horse battery' });

  const found = (await events()).map(told);
  const { id } = account;
  expect(found).toEqual(
    expect.arrayContaining([
      `110122 0 ${id}`,
      `110122 4 ${id}`,
      `consent 0 ${id} app`,
      `token-issued 0 ${id} app`,
      `token-taken-back 0 ${id} app`,
    ]),
  );
  const { audit } = server.context.store;
  const chains = await audit.chains();
  const blocks = await Promise.all(chains.map(({ chain }) => audit.blocks({ chain, seq: 0 }, 1000)));
  const kept = blocks.flat().flatMap((block) => block.lines);
  expect(kept.join('\n')).toContain('_elements=name');
  const secrets = [password, 'wrong horse battery', launched.code, access, refresh];
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(10);
    expect(lines.join('\n')).not.toContain(secret);
    expect(kept.join('\n')).not.toContain(secret);
  }
  expect(lines.join('\n')).not.toMatch(/Patient\/p1|_elements|eyJ/);
});
