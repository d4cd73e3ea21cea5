import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Binary, Claim, OperationOutcome, Parameters, Task } from '@medplum/fhirtypes';
import { codeOfIssue } from '../../src/outcome/issue.ts';
import { eachStore } from '../http/eachStore.ts';
import { AsAccount } from '../smart/asAccount.ts';
import { chartInfusion, openWorld, sent, type World } from './world.ts';

const account = (name: string, role: string, practice = 'alder-street-clinic') => ({
  ...{ name, kind: 'user' as const, roles: [role], users: [`Practitioner/${name}`], practices: [practice] },
});
const reason = { name: 'reason', valueString: 'wrong' };
const given = [
  { name: 'amount', valueMoney: { value: 3945.2, currency: 'USD' } },
  { name: 'reason', valueCode: 'no-authorization' },
  { name: 'reference', valueString: 'WO-9' },
];

describe.each(eachStore('claim_rights'))('who may correct, void and write off, on %s', (_name, open) => {
  let world: World;
  let server: AsAccount;
  let claim: string;
  beforeAll(async () => {
    world = await openWorld(open);
    await chartInfusion(world, 'rights');
    const [denied] = await world.claims('rights', sent);
    await world.submit(denied, sent);
    claim = `Claim/${denied?.id ?? ''}`;
    server = new AsAccount(world.context);
    await server.is(account('one', 'biller'));
    await server.is(account('two', 'biller'));
    await server.is(account('elsewhere', 'biller', 'bellwater-hospital'));
    await server.is(account('desk', 'front-desk'));
    await server.is(account('coder', 'coder'));
  });
  afterAll(() => world.close());

  const post = async (who: string, path: string, parameter: readonly object[] = []) => {
    const answer = await server.ask(who, 'post', path, {
      resourceType: 'Parameters',
      ...(parameter.length > 0 ? { parameter } : {}),
    });
    const body = answer.body as Parameters | OperationOutcome;
    const named = (name: string) =>
      body.resourceType === 'Parameters' ? body.parameter?.find((p) => p.name === name)?.resource : undefined;
    const outcome = body.resourceType === 'OperationOutcome' ? body : (named('outcome') as OperationOutcome);
    return { status: answer.status, codes: outcome.issue.map(codeOfIssue), named };
  };

  test('5 who has not the permission is refused, and who does not see the claim finds none', async () => {
    const dry = { name: 'dryRun', valueBoolean: true };
    expect((await post('desk', `${claim}/$correct`, [reason])).status).toBe(403);
    for (const who of ['desk', 'coder']) {
      expect((await post(who, `${claim}/$void`, [reason])).status).toBe(403);
      expect((await post(who, `${claim}/$write-off`, given)).status).toBe(403);
    }
    expect((await post('coder', `${claim}/$correct`, [reason, dry])).status).toBe(200);
    const none = await post('elsewhere', `Claim/none/$correct`, [reason]);
    for (const code of ['correct', 'void'])
      expect(await post('elsewhere', `${claim}/$${code}`, [reason]).then((r) => [r.status, r.codes])).toEqual(
        [404, none.codes],
      );
    expect((await server.ask('elsewhere', 'get', `${claim}/$state`)).status).toBe(404);
    expect((await server.ask('one', 'get', `${claim}/$state`)).status).toBe(200);
    expect(await world.find<Claim>('Claim?patient=Patient/rights')).toHaveLength(1);
  });

  test('5 $rebill needs the same permission as $void, and a visit elsewhere is not there', async () => {
    const coverage = { name: 'coverage', valueReference: { reference: 'Coverage/rights' } };
    const before = await world.standing('rights');
    for (const who of ['desk', 'coder'])
      expect((await post(who, 'Encounter/rights/$rebill', [coverage])).status).toBe(403);
    const none = await post('elsewhere', 'Encounter/none/$rebill', [coverage]);
    const other = await post('elsewhere', 'Encounter/rights/$rebill', [coverage]);
    expect([other.status, other.codes]).toEqual([404, none.codes]);
    expect(await world.standing('rights')).toEqual(before);
  });

  test.each(['$form', '$x12', '$state', '$form?part=outcome'])(
    '5 %s of a claim that its caller does not see is that of a claim that is not there',
    async (code) => {
      const codes = ({ body }: { body: unknown }) => (body as OperationOutcome).issue.map(codeOfIssue);
      const none = await server.ask('elsewhere', 'get', `Claim/none/${code}`);
      const other = await server.ask('elsewhere', 'get', `${claim}/${code}`);
      expect([other.status, codes(other)]).toEqual([none.status, codes(none)]);
      expect(other.status).toBe(404);
      expect((await server.ask('one', 'get', `${claim}/${code}`)).status).toBe(200);
    },
  );

  test('5 $form and $x12 tell nothing that a token for claims alone does not reach', async () => {
    const secrets = /Marlow|MARLOW|Quince|QUINCE|1970-?05-?05|JRHRIGHTS/;
    const textOf = ({ data = '' }: Binary): string => Buffer.from(data, 'base64').toString('latin1');
    const whole = await server.ask('one', 'get', `${claim}/$x12`);
    expect(textOf(whole.body as Binary)).toMatch(secrets);
    await server.is(account('one', 'biller'), { scope: 'user/Claim.rs' });
    const form = await server.ask('one', 'get', `${claim}/$form`);
    const x12 = await server.ask('one', 'get', `${claim}/$x12`);
    await server.is(account('one', 'biller'));
    expect([form.status, x12.status]).toEqual([422, 422]);
    for (const { body } of [form, x12]) expect(JSON.stringify(body)).not.toMatch(secrets);
  });

  test('5 neighbour: a denied receivable above the limit of one is given up by a second person', async () => {
    const before = await world.standing('rights');
    const proposed = await post('one', `${claim}/$write-off`, given);
    expect([proposed.status, proposed.codes]).toEqual([200, ['second-person-needed']]);
    expect(await world.standing('rights')).toEqual(before);
    const path = `Task/${(proposed.named('task') as Task).id ?? ''}/$approve`;
    expect((await post('one', path)).codes).toEqual(['same-person']);
    expect((await post('two', path)).codes).toEqual(['written-off']);
    expect((await world.standing('rights'))['denial-write-off']).toBe(394520);
    expect((await post('one', `${claim}/$write-off`, given)).codes).toEqual(['already-there']);
    expect(await world.faults()).toEqual([]);
  });
});
