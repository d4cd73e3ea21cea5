import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Basic, Bundle, OperationOutcome } from '@medplum/fhirtypes';
import { shippedRoleResources } from '../../src/access/role.ts';
import type { Context } from '../../src/interaction/context.ts';
import { operations } from '../../src/operation/index.ts';
import { testContext } from '../context.ts';
import { put } from '../contract/caseTable.ts';
import { eachStore } from '../http/eachStore.ts';
import { roundsUntil } from '../until.ts';
import { AsAccount } from './asAccount.ts';
import { chartOf, directory } from './practices.ts';

const biller = { name: 'biller', kind: 'user' as const, roles: ['biller'], users: [], practices: ['alder'] };
const administrator = { ...biller, name: 'administrator', roles: ['administrator'], practices: [] };
const patient = { ...biller, name: 'patient', roles: ['patient'], users: ['Patient/ann'], practices: [] };
const frontDesk = { ...biller, name: 'front-desk', roles: ['front-desk'] };

const shipped = (name: string): Basic => {
  const found = shippedRoleResources.find(({ id }) => id === `access-role-${name}`);
  if (!found) throw new Error(`no role ${name}`);
  return found;
};
/** A role with one rule less, one rule more, or another content. */
const edited = (
  name: string,
  edit: (rule: string) => string | undefined,
  more: readonly object[] = [],
): unknown => {
  const basic = shipped(name);
  const [said] = basic.extension ?? [];
  const parts = (said?.extension ?? []).flatMap((one) => {
    if (one.url !== 'rule') return [one];
    const rule = edit(one.valueString ?? '');
    return rule === undefined ? [] : [{ ...one, valueString: rule }];
  });
  return { ...basic, extension: [{ ...said, extension: [...parts, ...more] }] };
};

describe.each(eachStore('roleEdit'))('roles are edited on %s', (_, open) => {
  let context: Context;
  let server: AsAccount;
  beforeAll(async () => {
    const made = await testContext({ store: await open() });
    context = made;
    await put(context.store, ...directory(['alder']), ...chartOf('ann', 'alder'));
    server = new AsAccount(made);
    for (const account of [biller, administrator, patient, frontDesk]) await server.is(account);
  });
  afterAll(() => context.store.close());
  const path = 'Basic/access-role-biller';
  const codeOf = (body: unknown): string | undefined =>
    (body as OperationOutcome).issue[0]?.details?.coding?.[0]?.code;

  test('D.3 an administrator edits a role, in effect at the next look, and takes the edit back', async () => {
    const read = (): Promise<number> =>
      server.ask('biller', 'get', 'Claim/claim-ann').then(({ status }) => status);
    expect(await read()).toBe(200);
    const fewer = edited('biller', (rule) => rule.replace(/^(practice\/.*)Claim,/, '$1'));
    expect((await server.ask('administrator', 'put', path, fewer)).status).toBe(201);
    await server.is(biller);
    expect(await read()).toBe(403);
    expect((await server.ask('administrator', 'delete', path)).status).toBe(204);
    await server.is(biller);
    expect(await read()).toBe(200);
  });

  test('D.3 shipped roles are read over HTTP before anything is stored, and what is stored stands in their place', async () => {
    const named = async (): Promise<string[]> => {
      const answer = await server.ask('administrator', 'get', 'Basic?code=access-role&_count=100');
      return ((answer.body as Bundle).entry ?? []).map(({ resource }) => resource?.id ?? '').sort();
    };
    const ids = shippedRoleResources.map(({ id }) => id ?? '').sort();
    expect(ids).toContain('access-role-clinician');
    expect(await named()).toEqual(ids);
    const said = await server.ask('administrator', 'get', 'Basic/access-role-auditor');
    expect([said.status, (said.body as Basic).extension]).toEqual([200, shipped('auditor').extension]);
    expect((await server.ask('administrator', 'get', 'Basic/access-role-nobody')).status).toBe(404);
    expect((await server.ask('patient', 'get', 'Basic/access-role-auditor')).status).toBe(403);
    const other = edited('coder', (rule) => (rule.startsWith('chart/') ? undefined : rule));
    expect((await server.ask('administrator', 'put', 'Basic/access-role-coder', other)).status).toBe(201);
    const stored = (await server.ask('administrator', 'get', 'Basic/access-role-coder')).body as Basic;
    expect(stored.extension).toEqual((other as Basic).extension);
    expect(await named()).toEqual(ids);
  });

  test('D.3 a change of a role counts within five seconds without anybody being told', async () => {
    const account = { ...biller, name: 'watched' };
    const before = await server.accounts.of(account);
    expect(await server.accounts.of(account)).toBe(before);
    await put(context.store, { ...shipped('biller'), id: 'access-role-biller', extension: [] });
    let now = before;
    const took = await roundsUntil(async () => {
      now = await server.accounts.of(account);
      return now !== before;
    });
    expect(took).toBeLessThan(5000);
    expect(now.access.types.size).toBe(0); // a faulty role gives nothing
    expect((await server.ask('administrator', 'delete', path)).status).toBe(204);
  });

  test('D.3 nobody but an administrator writes a role, under whatever id or code', async () => {
    const { id: _id, ...role } = shipped('administrator');
    const mine = { author: { reference: 'Organization/alder' } };
    expect((await server.ask('biller', 'post', 'Basic', { ...role, ...mine })).status).toBe(403);
    const plain = { resourceType: 'Basic', code: { text: 'note' }, ...mine };
    const made = await server.ask('biller', 'post', 'Basic', plain);
    expect(made.status).toBe(201);
    const { id = '' } = made.body as Basic;
    expect((await server.ask('biller', 'put', `Basic/${id}`, { ...plain, id, code: role.code })).status).toBe(
      403,
    );
    const entry = { request: { method: 'POST', url: 'Basic' }, resource: { ...role, ...mine } };
    const sent = await server.ask('biller', 'post', '', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [entry],
    });
    expect(sent.status).toBe(403);
    expect((await server.ask('patient', 'put', path, shipped('biller'))).status).toBe(403);
  });

  test.each([
    ['a rule that is none', edited('biller', () => 'everywhere/Claim.rs')],
    ['criteria that no version answers', edited('biller', () => 'any/Claim.rs?patient.name=x')],
    [
      'an unknown permission',
      edited('biller', (rule) => rule, [{ url: 'permission', valueCode: 'anything' }]),
    ],
    ['another part', edited('biller', (rule) => rule, [{ url: 'rules', valueString: 'any/Claim.rs' }])],
  ])('D.3 neighbour: %s is refused where it is stored', async (_what, role) => {
    const { status, body } = (await server.ask('administrator', 'put', path, role)) as {
      status: number;
      body: unknown;
    };
    expect([status, codeOf(body)]).toEqual([422, 'access-role-invalid']);
  });

  test('D.3 neighbour: the administrator cannot be left without the permission to administer', async () => {
    const basic = shipped('administrator');
    const [said] = basic.extension ?? [];
    const parts = (said?.extension ?? []).filter(({ valueCode }) => valueCode !== 'administer');
    const role = { ...basic, extension: [{ ...said, extension: parts }] };
    expect((await server.ask('administrator', 'put', 'Basic/access-role-administrator', role)).status).toBe(
      422,
    );
  });

  test('D.3 every operation that changes something names the permission it needs', () => {
    const without = operations.filter(
      ({ definition, permission }) => definition.affectsState !== false && !permission,
    );
    expect(without.map(({ definition }) => definition.code)).toEqual([]);
  });

  test('D.3 operations are refused to who has no permission, before anything is read', async () => {
    const refused: string[] = [];
    const asked: string[] = [];
    const ofDesk: readonly string[] = ['check-eligibility', 'correct-coverage', 'record-payment', 'message'];
    for (const { definition, permission } of operations) {
      if (!permission) continue;
      const names: readonly string[] = definition.resource ?? [];
      const [type = ''] = names;
      const at = definition.system
        ? ''
        : definition.type
          ? `${type}/`
          : `${type === 'Resource' ? 'Claim' : type}/nowhere/`;
      const url = `${at}$${definition.code}`;
      asked.push(url);
      const { status } = await server.ask('patient', definition.affectsState === false ? 'get' : 'post', url);
      if (status === 403) refused.push(url);
      const desk = await server.ask('front-desk', definition.affectsState === false ? 'get' : 'post', url);
      expect([url, desk.status === 403]).toEqual([url, !ofDesk.includes(permission)]);
    }
    expect(refused).toEqual(asked);
  });
});
