import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Basic,
  OperationOutcome,
  Parameters,
  ParametersParameter,
  Resource,
  Task,
} from '@medplum/fhirtypes';
import { codeOfIssue } from '../../src/outcome/issue.ts';
import { eachStore } from '../http/eachStore.ts';
import { AsAccount } from '../smart/asAccount.ts';
import {
  balancePart,
  claimPart,
  close,
  creditPart,
  formerClaim,
  head,
  names,
  openWorld,
  type World,
} from './world.ts';

const user = (name: string, role: string, practice: string) => ({
  name,
  kind: 'user' as const,
  roles: [role],
  users: [],
  practices: [practice],
});
/** Who takes over the books of one practice: a biller's eyes, and a limit that these sums are above. */
const goLive: Basic & { id: string } = {
  resourceType: 'Basic',
  id: 'access-role-go-live',
  code: { coding: [{ system: 'https://claimwright.example/fhir/CodeSystem/basic', code: 'access-role' }] },
  extension: [
    {
      url: 'https://claimwright.example/fhir/StructureDefinition/access-role',
      extension: [
        {
          url: 'rule',
          valueString: 'practice/Account,Basic,Claim,ClaimResponse,Invoice,PaymentNotice,Task.crus',
        },
        { url: 'rule', valueString: 'any/Patient,Coverage,Organization,Practitioner.rs' },
        { url: 'permission', valueCode: 'load-opening' },
        { url: 'permission', valueCode: 'approve' },
        { url: 'limit', valueMoney: { value: 200, currency: 'USD' } },
      ],
    },
  ],
};

describe.each(eachStore('opening-rights'))('who takes over the books of a practice, on %s', (_, open) => {
  let w: World;
  let accounts: AsAccount;
  const said = head(150, 40, 60);
  const parts = [
    claimPart(formerClaim('R-1', 'ada'), 150),
    balancePart('B-1', 'ada', 40),
    creditPart('C-1', 'ada', 60),
  ];
  const ask = async (who: string, path: string, parameter: readonly ParametersParameter[] = []) => {
    const { status, body } = (await accounts.ask(who, 'post', path, {
      resourceType: 'Parameters',
      ...(parameter.length > 0 ? { parameter } : {}),
    })) as { status: number; body: Parameters | OperationOutcome };
    const named = (name: string): Resource | undefined =>
      body.resourceType === 'Parameters' ? body.parameter?.find((p) => p.name === name)?.resource : undefined;
    const outcome = body.resourceType === 'OperationOutcome' ? body : (named('outcome') as OperationOutcome);
    return { status, named, codes: outcome.issue.map(codeOfIssue) };
  };

  beforeAll(async () => {
    w = await openWorld(open, ['ada']);
    await w.put(goLive);
    accounts = new AsAccount(w.context);
    await accounts.is(user('biller', 'biller', 'alder-street-clinic'));
    await accounts.is(user('one', 'go-live', 'alder-street-clinic'));
    await accounts.is(user('two', 'go-live', 'alder-street-clinic'));
    await accounts.is(user('hospital', 'go-live', 'bellwater-hospital'));
  });
  afterAll(() => w.close());

  test('who may not load is 403, and nothing is written', async () => {
    const before = await w.written();
    const answer = await ask('biller', '$load-opening', [...said, ...parts]);
    expect([answer.status, answer.codes]).toEqual([403, ['not-permitted']]);
    expect(await w.written()).toBe(before);
  });

  test('the books of another practice are 403, and nothing is written', async () => {
    const before = await w.written();
    for (const given of [head(1, 1, 1), said]) {
      const answer = await ask('hospital', '$load-opening', given);
      expect([answer.status, answer.codes]).toEqual([403, ['outside-access']]);
    }
    expect(await w.written()).toBe(before);
  });

  test('above the limit of one person the sums wait for a second one, and nothing is loaded before', async () => {
    const asked = await ask('one', '$load-opening', [...said, ...parts, close]);
    expect([asked.status, asked.codes]).toEqual([200, ['second-person-needed']]);
    const task = asked.named('task') as Task & { id: string };
    expect(task.input?.map((i) => i.type.text)).toEqual([
      'operation',
      'practice',
      'date',
      'source',
      'insuranceTotal',
      'patientTotal',
      'creditTotal',
    ]);
    expect(await w.entries()).toEqual([]);
    const again = await ask('one', '$load-opening', [...said, ...parts, close]);
    expect([again.codes, again.named('task')?.id]).toEqual([['already-there'], task.id]);
    expect((await ask('one', `Task/${task.id}/$approve`)).codes).toEqual(['same-person']);
    expect((await ask('two', `Task/${task.id}/$approve`)).status).toBe(200);
    expect(await w.entries()).toEqual([]);
    const loaded = await ask('one', '$load-opening', [...said, ...parts, close]);
    expect([loaded.status, loaded.codes]).toEqual([200, ['opening-loaded', 'opening-closed']]);
    expect(await w.faults()).toEqual([]);
  });

  test('of an opening that is there others learn nothing', async () => {
    for (const given of [head(1, 0, 0), [...said, close], [...said, ...parts]]) {
      const answer = await ask('hospital', '$load-opening', given);
      expect([answer.status, answer.codes]).toEqual([403, ['outside-access']]);
    }
  });

  test('another sum than the one that was confirmed waits again', async () => {
    const first = await ask('two', '$load-opening', [
      ...head(100, 0, 0).filter((p) => p.name !== 'source'),
      { name: 'source', valueString: 'Older books' },
    ]);
    expect([first.status, first.codes]).toEqual([200, ['opening-loaded', 'opening-underway']]);
    const more = [
      ...head(900, 0, 0).filter((p) => p.name !== 'source'),
      { name: 'source', valueString: 'Older books' },
    ];
    expect((await ask('two', '$load-opening', more)).codes).toEqual(['opening-differs']);
    const restated = await ask('two', '$load-opening', [...more, { name: 'restate', valueBoolean: true }]);
    expect(restated.codes).toEqual(['second-person-needed']);
    const task = restated.named('task') as Task & { id: string };
    expect((await ask('one', `Task/${task.id}/$approve`)).status).toBe(200);
    expect((await ask('two', '$load-opening', more)).codes).toEqual(['opening-loaded', 'opening-underway']);
  });

  test('what was loaded changes by operations only', async () => {
    const kept = await Promise.all(
      [
        'Claim',
        'ClaimResponse',
        'Invoice',
        'PaymentNotice',
        'Basic?code=opening',
        'Task?code=submission',
      ].map((q) => w.find(q)),
    );
    const all = kept.flat();
    expect(all.map((r) => r.resourceType).sort()).toEqual([
      'Basic',
      'Basic',
      'Claim',
      'ClaimResponse',
      'Invoice',
      'PaymentNotice',
      'Task',
    ]);
    for (const resource of all) {
      const path = `${resource.resourceType}/${resource.id}`;
      const extension =
        resource.resourceType === 'Task'
          ? { ...resource, status: 'completed' }
          : { ...resource, extension: [], status: 'cancelled' };
      const put = await w.send('put', path, withoutStatus(extension));
      expect([path, put.status, put.codes]).toEqual([path, 409, ['kept-by-the-books']]);
      const gone = await w.send('delete', path);
      expect([path, gone.status]).toEqual([path, 409]);
    }
    expect(await w.faults()).toEqual([]);
  });

  test('an Account of another practice is refused whoever asks', async () => {
    await w.put({
      resourceType: 'Account',
      id: 'theirs',
      status: 'active',
      subject: [{ reference: 'Patient/ada' }],
      owner: { reference: 'Organization/bellwater-hospital' },
    });
    const part = {
      name: 'balance',
      part: [
        { name: 'reference', valueString: 'X' },
        names('account', 'Account/theirs'),
        { name: 'amount', valueMoney: { value: 1, currency: 'USD' as const } },
      ],
    };
    const unseen = await ask('one', '$load-opening', [...said, part]);
    expect(unseen.status).toBe(404);
    const seen = await w.load(...said, part);
    expect([seen.status, seen.codes]).toEqual([422, ['account-of-another-practice']]);
  });
});

/** A Basic has no status. */
const withoutStatus = (resource: object): object =>
  'resourceType' in resource && resource.resourceType === 'Basic'
    ? Object.fromEntries(
        Object.entries(resource).filter(([name]) => name !== 'status' && name !== 'extension'),
      )
    : Object.fromEntries(
        Object.entries(resource).filter(
          ([name, value]) => name !== 'extension' || (Array.isArray(value) && value.length > 0),
        ),
      );
