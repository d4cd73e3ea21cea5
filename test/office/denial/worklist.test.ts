import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Claim, ConceptMap, Parameters, ParametersParameter, Task } from '@medplum/fhirtypes';
import { chartInfusion, later, openWorld, sent, text, type World } from '../../claim/world.ts';
import { eachStore } from '../../http/eachStore.ts';
import { AsAccount } from '../../smart/asAccount.ts';

type Rows = { readonly body: Parameters; readonly items: ParametersParameter[][] };
const value = (
  item: readonly ParametersParameter[] | undefined,
  name: string,
): ParametersParameter | undefined => item?.find((p) => p.name === name);

describe.each(eachStore('office_denial_list'))('the denial worklist, on %s', (_name, open) => {
  let world: World;
  let server: AsAccount;
  const claims = new Map<string, Claim & { id: string }>();
  beforeAll(async () => {
    world = await openWorld(open);
    for (const name of ['ann', 'bob', 'cyd', 'dee']) {
      await chartInfusion(world, name);
      const [claim] = await world.claims(name, sent);
      await world.submit(claim, sent);
      claims.set(name, await world.read<Claim>('Claim', claim?.id ?? ''));
    }
    server = new AsAccount(world.context);
    const account = { kind: 'user' as const, practices: ['alder-street-clinic'] };
    await server.is({ ...account, name: 'one', roles: ['biller'], users: ['Practitioner/one'] });
    await server.is({
      ...{ ...account, name: 'else', roles: ['biller'], users: ['Practitioner/else'] },
      practices: ['bellwater-hospital'],
    });
  });
  afterAll(() => world.close());

  const list = async (query = ''): Promise<Rows> => {
    const { status, body } = await world.send('get', `Task/$denial-worklist${query}`);
    expect([query, status]).toEqual([query, 200]);
    const of = body as Parameters;
    return {
      body: of,
      items: (of.parameter ?? []).flatMap((p) => (p.name === 'item' ? [p.part ?? []] : [])),
    };
  };
  const taskOf = async (name: string): Promise<string> => {
    const [task] = await world.find<Task>(`Task?code=denial&focus=Claim/${claims.get(name)?.id ?? ''}`);
    return `Task/${task?.id ?? ''}`;
  };
  const work = (tasks: readonly string[], more: readonly ParametersParameter[]) =>
    world.call('Task/$work-denials', [
      ...tasks.map((reference) => ({ name: 'task', valueReference: { reference } })),
      ...more,
    ]);
  const results = (body: unknown): (string | undefined)[] =>
    ((body as Parameters).parameter ?? []).flatMap((p) =>
      p.name === 'item' ? [value(p.part, 'result')?.valueCode] : [],
    );

  test('12.7 each denial says what stands open, its odds, cause, who works it, the next step and the evidence', async () => {
    const { body, items } = await list();
    expect(body.parameter?.find((p) => p.name === 'total')?.valueInteger).toBe(4);
    const [first] = items;
    expect(value(first, 'recoverable')?.valueMoney?.value).toBe(3964.5);
    expect(value(first, 'carc')?.valueCoding).toMatchObject({
      code: '197',
      display: 'Authorisation is missing',
    });
    expect(value(first, 'odds')?.valueDecimal).toBe(0.45);
    expect(value(first, 'expected')?.valueMoney?.value).toBe(1784.03);
    expect(value(first, 'oddsFrom')?.valueString).toBe('assumed: 45 of 100');
    expect([value(first, 'step')?.valueCode, value(first, 'desk')?.valueCode]).toEqual([
      'authorization',
      'authorization',
    ]);
    expect(value(first, 'nextStep')?.valueString).toContain('authorisation');
    expect(value(first, 'cause')?.valueString).toContain('authorisation');
    expect(value(first, 'evidence')?.valueString).toBe('the number of the authorisation');
    expect(value(first, 'deadline')?.valueDate).toMatch(/^202\d-\d\d-\d\d$/);
  });

  test('12.7 neighbour: filters and pages; a wrong value is refused, and what is elsewhere is not there', async () => {
    expect((await list('?payer=Organization/juniper-ridge&carc=197')).items).toHaveLength(4);
    expect((await list('?payer=Organization/nobody')).items).toHaveLength(0);
    expect((await list('?olderThan=4000')).items).toHaveLength(0);
    const page = await list('?count=3');
    expect([page.items.length, value(page.body.parameter, 'next')?.valueInteger]).toEqual([3, 3]);
    const rest = await list('?count=3&offset=3');
    expect([rest.items.length, value(rest.body.parameter, 'next')]).toEqual([1, undefined]);
    expect((await world.send('get', 'Task/$denial-worklist?count=0')).status).toBe(400);
    expect((await world.send('get', 'Task/$denial-worklist?dueBy=2026-13-01')).status).toBe(422);
    const own = (await server.ask('one', 'get', 'Task/$denial-worklist')).body as Parameters;
    expect(value(own.parameter, 'total')?.valueInteger).toBe(4);
    const others = (await server.ask('else', 'get', 'Task/$denial-worklist')).body as Parameters;
    expect(value(others.parameter, 'total')?.valueInteger).toBe(0);
  });

  test('12.7 what is assigned, dated and snoozed is found so; the practice goes on to see it', async () => {
    const [ann, bob] = [await taskOf('ann'), await taskOf('bob')];
    const assignee = { name: 'assignee', valueReference: { reference: 'Practitioner/dr-hollis' } };
    const practitioners = await world.find<Task>('Practitioner');
    const who = `Practitioner/${practitioners[0]?.id ?? ''}`;
    const given = [
      { ...assignee, valueReference: { reference: who } },
      { name: 'due', valueDate: '2026-12-01' },
      { name: 'action', valueCode: 'assign' },
    ];
    const done = await work([ann, 'Task/none', bob], given);
    expect([done.status, results(done.body)]).toEqual([200, ['done', 'refused', 'done']]);
    expect((await list(`?owner=${who}`)).items).toHaveLength(2);
    expect((await list('?dueBy=2026-11-30')).items).toHaveLength(2);
    const seen = await server.ask('one', 'get', ann);
    expect([seen.status, (seen.body as Task).owner?.reference]).toEqual([200, who]);
    const snooze = [{ name: 'snoozeUntil', valueDate: '2026-12-24' }];
    expect((await world.call(`${ann}/$assign`, snooze)).codes).toEqual(['assigned']);
    expect((await world.call(`${ann}/$assign`, snooze)).codes).toEqual(['already-there']);
    expect([(await list()).items.length, (await list('?snoozed=true')).items.length]).toEqual([3, 4]);
    expect(
      (await world.call(`${ann}/$assign`, [{ name: 'snoozeUntil', valueDate: '2026-11-24' }])).codes,
    ).toEqual(['assigned']);
    expect((await list()).items).toHaveLength(4);
    expect((await world.call(`${ann}/$assign`, [{ name: 'due', valueDate: '2026-11-01' }])).codes).toEqual([
      'due-in-past',
    ]);
    expect((await world.call(`${ann}/$assign`)).codes).toEqual(['nothing-asked']);
  });

  test('12.7 many are written off with an outcome each; a repeat posts nothing again, and history moves the odds', async () => {
    const tasks = [await taskOf('bob'), await taskOf('cyd')];
    const given = [text('reason', 'no-authorization'), { name: 'action', valueCode: 'write-off' }];
    const dry = await work(tasks, [...given, { name: 'dryRun', valueBoolean: true }]);
    expect([results(dry.body), (await list()).items.length]).toEqual([['done', 'done'], 4]);
    const done = await work(tasks, given);
    expect([done.status, results(done.body)]).toEqual([200, ['done', 'done']]);
    expect((await world.standing('bob'))['denial-write-off']).toBe(396450);
    const again = await work(tasks, given);
    expect(results(again.body)).toEqual(['refused', 'refused']);
    expect((await world.standing('bob'))['denial-write-off']).toBe(396450);
    const [left] = (await list()).items;
    expect(value(left, 'oddsFrom')?.valueString).toContain('0 of 2 such denials');
    expect(value(left, 'odds')?.valueDecimal).toBeLessThan(0.45 * 0.7);
    const unlike = await work(tasks, [text('reason', 'because'), { name: 'action', valueCode: 'write-off' }]);
    expect(results(unlike.body)).toEqual(['refused', 'refused']);
    expect((await work([], [{ name: 'action', valueCode: 'assign' }])).status).toBe(400);
    expect(await world.faults()).toEqual([]);
  });

  test('12.7 a biller alone gives up no more than the limit: the item waits for a second person', async () => {
    const parameter = [
      { name: 'task', valueReference: { reference: await taskOf('dee') } },
      { name: 'action', valueCode: 'write-off' },
      text('reason', 'no-authorization'),
    ];
    const asked = { resourceType: 'Parameters', parameter };
    const given = await server.ask('one', 'post', 'Task/$work-denials', asked);
    expect([given.status, results(given.body)]).toEqual([200, ['waiting']]);
    const elsewhere = await server.ask('else', 'post', 'Task/$work-denials', asked);
    expect([elsewhere.status, results(elsewhere.body)]).toEqual([200, ['refused']]);
    expect((await world.standing('dee'))['denial-write-off']).toBeUndefined();
  });

  test('12.7 a denial that is corrected is sent again, and what came of it is counted', async () => {
    const task = await taskOf('dee');
    await world.send('patch', 'Encounter/dee', [
      {
        ...{ op: 'add', path: '/extension' },
        value: [
          { url: 'https://claimwright.example/fhir/StructureDefinition/pre-auth-ref', valueString: 'PA-1' },
        ],
      },
    ]);
    const done = await work(
      [task],
      [text('reason', 'authorisation was there'), { name: 'action', valueCode: 'resubmit' }],
    );
    expect(results(done.body)).toEqual(['done']);
    const ended = await world.read<Task>('Task', task.replace('Task/', ''));
    expect([ended.status, ended.businessStatus?.coding?.[0]?.code]).toEqual(['completed', 'recovered']);
    expect(await world.faults()).toEqual([]);
  });

  test('12.7 the guide is data: an office changes a row, for all payers or for one', async () => {
    const shown = await world.send('get', 'Task/$denial-guide');
    const guide = shown.body as ConceptMap;
    const row = guide.group?.[0]?.element.find((e) => e.code === '197');
    expect(row?.target?.[0]?.product?.find((p) => p.property === 'odds')?.value).toBe('45');
    const target = {
      ...{
        code: 'appeal-records',
        equivalence: 'relatedto' as const,
        comment: 'write to the medical director',
      },
      dependsOn: [{ property: 'payer', value: 'Organization/juniper-ridge' }],
      product: [{ property: 'desk', value: 'clinician' }],
    };
    const own: ConceptMap & { id: string } = {
      ...{ resourceType: 'ConceptMap', id: 'own-guide', status: 'active', url: guide.url ?? '' },
      group: [
        {
          source: 'https://x12.org/codes/claim-adjustment-reason-codes',
          element: [{ code: '197', target: [target] }],
        },
      ],
    };
    await world.put(own);
    const [first] = (await list()).items;
    expect([value(first, 'step')?.valueCode, value(first, 'nextStep')?.valueString]).toEqual([
      'appeal-records',
      'write to the medical director',
    ]);
    await world.put({ ...own, status: 'retired' });
    expect(value((await list()).items[0], 'step')?.valueCode).toBe('authorization');
  });

  test('12.7 what repeats is a row of its own, with what came of it', async () => {
    const { body } = await world.send('get', `Task/$denial-patterns?from=${sent}&to=${later(30)}&atLeast=2`);
    const rows = ((body as Parameters).parameter ?? []).flatMap((p) =>
      p.name === 'pattern' ? [p.part] : [],
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(value(rows[0], 'carc')?.valueCoding?.code).toBe('197');
    expect([value(rows[0], 'count')?.valueInteger, value(rows[0], 'lost')?.valueInteger]).toEqual([4, 2]);
    expect(value(rows[0], 'recovered')?.valueInteger).toBe(1);
    const none = await world.send('get', 'Task/$denial-patterns?atLeast=50');
    expect(((none.body as Parameters).parameter ?? []).filter((p) => p.name === 'pattern')).toEqual([]);
  });
});
