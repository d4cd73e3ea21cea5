import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Basic, Claim, Extension, Parameters, Patient, Task } from '@medplum/fhirtypes';
import { threadsMade } from '../../../src/operation/rule/judgeApart.ts';
import { chartInfusion, openWorld, sent, type World } from '../../claim/world.ts';
import { coded, own } from '../../firm/visit.ts';
import { eachStore } from '../../http/eachStore.ts';
import { AsAccount } from '../../smart/asAccount.ts';
import { until } from '../../until.ts';

const practice = 'Organization/alder-street-clinic';
const infusion = "productOrService.coding.exists(code = 'J1745')";

/** A rule of the practice: what is billed needs an authorisation. */
function ruleOf(
  id: string,
  over: Readonly<Record<string, Omit<Extension, 'url'>>> = {},
): Basic & { id: string } {
  const parts: Record<string, Omit<Extension, 'url'>> = {
    name: { valueCode: id },
    status: { valueCode: 'draft' },
    severity: { valueCode: 'error' },
    each: { valueString: 'Claim.item' },
    when: { valueString: `${infusion} and %claim.insurance.where(focal = true).preAuthRef.empty()` },
    place: { valueString: 'productOrService' },
    text: { valueString: 'this service needs an authorisation of this payer' },
    carc: { valueCode: '197' },
    cure: { valueString: 'Ask the payer first.' },
    payer: { valueReference: { reference: 'Organization/juniper-ridge' } },
    ...over,
  };
  return {
    resourceType: 'Basic',
    id,
    code: coded('https://claimwright.example/fhir/CodeSystem/basic', 'scrub-rule'),
    author: { reference: practice },
    extension: [
      { url: own('scrub-rule'), extension: Object.entries(parts).map(([url, value]) => ({ url, ...value })) },
    ],
  };
}
const statusOf = (rule: Basic): string | undefined =>
  rule.extension?.[0]?.extension?.find(({ url }) => url === 'status')?.valueCode;
const counts = (body: unknown, name: string): Record<string, unknown> =>
  Object.fromEntries(
    ((body as Parameters).parameter?.find((p) => p.name === name)?.part ?? []).map((p) => [
      p.name,
      p.valueInteger ?? p.valueMoney?.value ?? p.valueReference?.reference,
    ]),
  );

describe.each(eachStore('office_rule'))('scrub rules as data, on %s', (_name, open) => {
  let world: World;
  let server: AsAccount;
  beforeAll(async () => {
    world = await openWorld(open);
    const threads = threadsMade();
    for (const name of ['ann', 'bob']) {
      await chartInfusion(world, name);
      const [claim] = await world.claims(name, sent);
      await world.submit(claim, sent); // denied: no authorisation
    }
    await world.billed('cyd'); // paid
    expect(threadsMade()).toBe(threads); // no rule is on: nothing is done
    server = new AsAccount(world.context);
    const account = { kind: 'user' as const, practices: ['alder-street-clinic'] };
    await server.is({ ...account, name: 'biller', roles: ['biller'], users: ['Practitioner/one'] });
    await server.is({ ...account, name: 'coder', roles: ['coder'], users: ['Practitioner/two'] });
    await server.is({
      ...{ ...account, name: 'else', roles: ['biller'], users: ['Practitioner/else'] },
      practices: ['bellwater-hospital'],
    });
  });
  afterAll(() => world.close());

  const put = (rule: Basic & { id: string }) => world.send('put', `Basic/${rule.id}`, rule);
  const step = (id: string, code: string, more: Parameters['parameter'] = []) =>
    world.call(`Basic/${id}/$${code}`, more);
  const draftFor = async (name: string): Promise<Claim & { id: string }> => {
    await chartInfusion(world, name);
    const [claim] = await world.claims(name, sent);
    return claim as Claim & { id: string };
  };

  test('12.7 a denial becomes a draft of a rule by one call, with its back-test; the same pattern is the same draft', async () => {
    const tasks = await world.find<Task>('Task?code=denial');
    const path = (i: number): string => `Task/${tasks[i]?.id ?? ''}/$propose-rule`;
    const dry = await world.call(path(0), [{ name: 'dryRun', valueBoolean: true }]);
    expect([dry.status, counts(dry.body, 'total')['rightly']]).toEqual([200, 2]);
    const rules = () => world.find<Basic>('Basic?code=scrub-rule');
    const before = (await rules()).length;
    const made = await world.call(path(0));
    expect(counts(made.body, 'total')).toMatchObject({ stopped: 2, rightly: 2, wrongly: 0 });
    expect((await rules()).length).toBe(before + 1);
    const [rule] = made.all<Basic>('rule');
    expect(statusOf(rule as Basic)).toBe('draft');
    expect(rule?.author?.reference).toBe(practice);
    expect((await world.call(path(1))).all<Basic>('rule')[0]?.id).toBe(rule?.id);
    expect((await rules()).length).toBe(before + 1);
    expect((await step(rule?.id ?? '', 'activate')).status).toBe(200);
    expect((await step(rule?.id ?? '', 'deactivate')).status).toBe(200);
    const path0 = path(0);
    const call = { resourceType: 'Parameters' };
    expect((await server.ask('coder', 'post', path0, call)).status).toBe(403);
    expect((await server.ask('else', 'post', path0, call)).status).toBe(404);
    const [other] = await world.find<Task>('Task?code=submission');
    expect((await world.call(`Task/${other?.id ?? ''}/$propose-rule`)).codes).toEqual(['not-a-denial']);
  });

  test('12.7 a rule is tested on past claims, switched on by an operation, and then stops what it would have stopped', async () => {
    expect((await put(ruleOf('needs-auth'))).status).toBe(201);
    const early = await step('needs-auth', 'activate');
    expect([early.status, early.codes]).toEqual([409, ['back-test-missing']]);
    const dry = await step('needs-auth', 'back-test', [{ name: 'dryRun', valueBoolean: true }]);
    expect(counts(dry.body, 'total')['stopped']).toBe(2);
    expect((await step('needs-auth', 'activate')).status).toBe(409);

    const tested = await step('needs-auth', 'back-test');
    expect(tested.status).toBe(200);
    const found = { claims: 3, stopped: 2, rightly: 2, wrongly: 0, missed: 0, prevented: 7929 };
    expect(counts(tested.body, 'total')).toEqual(found);
    expect(counts(tested.body, 'row')).toEqual({ payer: 'Organization/juniper-ridge', ...found });
    const csv = (tested.body as Parameters).parameter?.find((p) => p.name === 'csv')?.valueString;
    expect(csv).toBe(
      'payer,claims,stopped,rightly,wrongly,missed,prevented\r\nOrganization/juniper-ridge,3,2,2,0,0,7929.00\r\nall,3,2,2,0,0,7929.00\r\n',
    );

    const draft = await draftFor('dee');
    const before = await world.call(`Claim/${draft.id}/$scrub`);
    expect(before.codes).not.toContain('scrub-rule');
    expect((await step('needs-auth', 'activate')).codes).toEqual(['updated']);
    expect((await step('needs-auth', 'activate')).codes).toEqual(['already-there']);
    const stopped = await world.call(`Claim/${draft.id}/$submit`, [
      { name: 'businessDate', valueDate: sent },
    ]);
    expect([stopped.status, stopped.codes]).toEqual([422, expect.arrayContaining(['scrub-rule'])]);
    const issue = stopped.issues.find((i) => i.details?.coding?.some((c) => c.code === 'scrub-rule'));
    expect(issue?.expression).toEqual(['Claim.item[0].productOrService']);
    expect(issue?.details?.coding?.map((c) => c.code)).toEqual(['scrub-rule', 'needs-auth', '197']);
    expect(issue?.diagnostics).toContain('Ask the payer first.');

    expect((await step('needs-auth', 'deactivate')).codes).toEqual(['updated']);
    const on = [{ name: 'businessDate', valueDate: sent }];
    expect((await world.call(`Claim/${draft.id}/$submit`, on)).status).toBe(200);
  });

  test('12.7 neighbour: a plain write switches nothing, changes nothing that is on, and forges no test', async () => {
    expect((await put(ruleOf('plain', { status: { valueCode: 'active' } }))).codes).toEqual([
      'scrub-rule-active',
    ]);
    await put(ruleOf('plain'));
    expect((await put(ruleOf('plain', { status: { valueCode: 'active' } }))).status).toBe(409);
    await step('plain', 'back-test');
    const kept = await world.read<Basic>('Basic', 'plain');
    const forged = {
      ...ruleOf('plain'),
      extension: [...(kept.extension ?? []), kept.extension?.at(-1) ?? {}],
    };
    expect((await put(forged as Basic & { id: string })).codes).toEqual(['kept-by-the-books']);
    const another = {
      ...kept,
      extension: [
        ...(ruleOf('plain', { when: { valueString: 'true' } }).extension ?? []),
        ...(kept.extension ?? []).slice(1),
      ],
    };
    expect((await put(another)).status).toBe(200);
    expect((await step('plain', 'activate')).codes).toEqual(['back-test-missing']); // another condition
    await put(kept);
    expect((await step('plain', 'activate')).status).toBe(200);
    const active = await world.read<Basic>('Basic', 'plain');
    for (const over of [{ when: { valueString: 'false' } }, { status: { valueCode: 'draft' } }]) {
      const answer = await put({ ...ruleOf('plain', over) });
      expect([answer.status, answer.codes]).toEqual([409, ['scrub-rule-active']]);
    }
    expect((await world.send('delete', 'Basic/plain')).status).toBe(409);
    expect(statusOf(await world.read<Basic>('Basic', 'plain'))).toBe('active');
    expect((await put(active)).status).toBe(200); // says the same
    await step('plain', 'deactivate');
    expect((await world.send('delete', 'Basic/plain')).status).toBeLessThan(300);
  });

  test('12.7 a rule that does not end is switched off with a Task; the claim is told that it was not run, and goes', async () => {
    // it ends on the claims before, and does not on that of Eve
    const grown = `%claim.item${'.select(%claim | %claim.item | %patient)'.repeat(20)}`;
    const lazily = `%patient.where(id = 'eve').select(${grown}).count() > 3`;
    await put(ruleOf('endless', { each: { valueString: 'Claim' }, when: { valueString: lazily } }));
    await put(ruleOf('sound', { severity: { valueCode: 'warning' } }));
    for (const id of ['endless', 'sound']) {
      expect((await step(id, 'back-test')).codes).toEqual(['back-tested']);
      expect((await step(id, 'activate')).status).toBe(200);
    }
    const draft = await draftFor('eve');
    const answer = await world.call(`Claim/${draft.id}/$submit`, [{ name: 'businessDate', valueDate: sent }]);
    expect(answer.status).toBe(200);
    const notes = JSON.stringify(answer.body);
    expect(notes).toContain('scrub-rule-not-run: rule endless was not run');
    expect(notes).toContain('scrub-rule: this service needs an authorisation');
    const task = await until(async () => (await world.find<Task>('Task?focus=Basic/endless'))[0]);
    expect([task.status, task.owner?.reference]).toEqual(['requested', practice]);
    expect(statusOf(await world.read<Basic>('Basic', 'endless'))).toBe('draft');
    expect(statusOf(await world.read<Basic>('Basic', 'sound'))).toBe('active');
    const tested = await step('endless', 'back-test'); // Eve's claim is among the past ones now
    expect(tested.codes).toContain('scrub-rule-unfinished');
    expect((await step('endless', 'activate')).codes).toEqual(['back-test-missing']);
    await step('sound', 'deactivate');
    await put(ruleOf('endless')); // another condition: tested, it is on again, and the work is done
    await step('endless', 'back-test');
    expect((await step('endless', 'activate')).status).toBe(200);
    expect((await world.read<Task>('Task', task.id)).status).toBe('completed');
    await step('endless', 'deactivate');
  });

  test('12.7 neighbour: a rule of all practices, and a claim that is scrubbed as part of a transaction', async () => {
    const { author: _, ...ofAll } = ruleOf('of-every-practice', { severity: { valueCode: 'warning' } });
    await put(ofAll);
    expect((await step('of-every-practice', 'back-test')).status).toBe(200);
    expect((await step('of-every-practice', 'activate')).status).toBe(200);
    const draft = await draftFor('fay');
    const answer = await world.send('post', '', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          request: { method: 'POST', url: `Claim/${draft.id}/$scrub` },
          resource: { resourceType: 'Parameters' },
        },
      ],
    });
    expect(answer.status).toBe(200);
    expect(JSON.stringify(answer.body)).toContain('of-every-practice');
    await step('of-every-practice', 'deactivate');
  });

  test('12.7 neighbour: an identifier or a mark that the patient has since is seen at once', async () => {
    const when = {
      valueString: "%patient.identifier.where(system = 'urn:plan').empty() or %patient.meta.tag.empty()",
    };
    await put(
      ruleOf('needs-number', { each: { valueString: 'Claim' }, when, place: { valueString: 'patient' } }),
    );
    await step('needs-number', 'back-test');
    expect((await step('needs-number', 'activate')).status).toBe(200);
    const draft = await draftFor('gil');
    const scrubbed = async (): Promise<boolean> =>
      JSON.stringify((await world.call(`Claim/${draft.id}/$scrub`)).body).includes('needs-number');
    expect(await scrubbed()).toBe(true);
    const patient = await world.read<Patient>('Patient', 'gil');
    const known = {
      ...patient,
      identifier: [...(patient.identifier ?? []), { system: 'urn:plan', value: '7' }],
    };
    await world.send('put', 'Patient/gil', known);
    expect(await scrubbed()).toBe(true); // the mark is missing still
    await world.send('put', 'Patient/gil', { ...known, meta: { tag: [{ system: 'urn:mark', code: 'a' }] } });
    expect(await scrubbed()).toBe(false);
    await step('needs-number', 'deactivate');
  });

  test.each([
    ['no FHIRPath', 'item.where('],
    ['too long', `'${'a'.repeat(3000)}' = 'b'`],
    ['too deep', `${'('.repeat(40)}true${')'.repeat(40)}`],
    ['the clock', 'today() > %on'],
    ['what prints', "item.trace('x').exists()"],
    ['nothing', ' '],
  ])('12.7 neighbour: a condition that is %s is refused', async (_what, valueString) => {
    const answer = await put(ruleOf('unsound', { when: { valueString } }));
    expect([answer.status, answer.codes]).toEqual([422, expect.arrayContaining(['scrub-rule-invalid'])]);
  });

  test('12.7 neighbour: who may not write rules, and who is of another practice', async () => {
    await put(ruleOf('guarded'));
    const own = await server.ask(
      'biller',
      'put',
      'Basic/guarded',
      ruleOf('guarded', { cure: { valueString: 'Ask.' } }),
    );
    expect(own.status).toBe(200);
    expect((await server.ask('coder', 'put', 'Basic/guarded', ruleOf('guarded'))).status).toBe(403);
    const call = { resourceType: 'Parameters' };
    expect((await server.ask('coder', 'post', 'Basic/guarded/$back-test', call)).status).toBe(403);
    expect((await server.ask('else', 'post', 'Basic/guarded/$back-test', call)).status).toBe(404);
    expect((await server.ask('else', 'post', 'Basic/guarded/$activate', call)).status).toBe(404);
    expect((await server.ask('biller', 'post', 'Basic/guarded/$back-test', call)).status).toBe(200);
    const { author: _, ...ofAll } = ruleOf('of-all');
    expect((await server.ask('biller', 'post', 'Basic', ofAll)).status).toBe(403);
    expect(
      (await world.call('Basic/guarded/$back-test', [{ name: 'from', valueDate: '2026-12-01' }])).codes,
    ).toEqual(['period-turned']);
  });
});
