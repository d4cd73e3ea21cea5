import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Claim, Extension, Invoice, Organization, Task } from '@medplum/fhirtypes';
import { beginSweeps, withBackground } from '../../../src/background.ts';
import type { Queue } from '../../../src/job/queue.ts';
import { automation } from '../../../src/operation/automation/automationJob.ts';
import { automationWork } from '../../../src/operation/automation/automationWork.ts';
import { openStore } from '../../../src/store/openStore.ts';
import type { Store } from '../../../src/store/store.ts';
import { openWorld, type World } from '../../claim/world.ts';
import { condition, coverage, drug, own, patient, visit } from '../../firm/visit.ts';
import { emptyDatabase } from '../../mongodb/database.ts';
import { AsAccount } from '../../smart/asAccount.ts';
import { until } from '../../until.ts';

/** A clock that goes as time does, on a day of its own. */
const began = Date.now();
const now = (): string => new Date(Date.parse('2026-06-05T15:00:00Z') + Date.now() - began).toISOString();
const clock = { now, base: 'http://127.0.0.1:8080/fhir' };
const stores: readonly [string, () => Promise<Store>][] = [
  ['sqlite', () => openStore('sqlite::memory:', clock)],
  ['mongodb', async () => openStore(await emptyDatabase('office_automation'), clock)],
];
const day = '2026-06-03';
const at = `${day}T09:10:00-04:00`;
const clinic = 'alder-street-clinic';
const all = ['capture', 'draft', 'submit', 'invoice'];
const switched = (steps: readonly string[]): Extension => ({
  url: own('automation'),
  extension: [
    ...steps.map((valueCode) => ({ url: 'step', valueCode })),
    { url: 'wait', valueUnsignedInt: 0 },
  ],
});

describe.each(stores)('automation per practice, on %s', (_name, open) => {
  let world: World;
  let queue: Queue;
  let server: AsAccount;
  const practice = async (steps: readonly string[]): Promise<Organization & { id: string }> => {
    const { extension = [], ...rest } = await world.read<Organization>('Organization', clinic);
    const others = extension.filter(({ url }) => url !== own('automation'));
    return { ...rest, extension: steps.length === 0 ? others : [...others, switched(steps)] };
  };
  const claims = (name: string) => world.find<Claim>(`Claim?encounter=Encounter/${name}`);
  const invoices = (name: string) => world.find<Invoice>(`Invoice?subject=Patient/${name}`);
  const stops = (name: string) =>
    world.find<Task>(`Task?code=automation-stopped&encounter=Encounter/${name}`);
  const insured = (name: string) => coverage(name, name, { subscriberId: `JRH${name.toUpperCase()}` });
  const charted = (name: string) => drug(`${name}-drug`, { patient: name, encounter: name, at });
  const finished = async (name: string): Promise<void> => {
    await world.put(
      patient(name),
      insured(name),
      condition(name, name),
      charted(name),
      visit(name, name, day),
    );
  };
  const only = async <T>(found: Promise<readonly T[]>, fits: (one: T) => boolean): Promise<T | undefined> =>
    (await found).find(fits);

  beforeAll(async () => {
    const store = await open();
    world = await openWorld(() => Promise.resolve(store), { now });
    const given = withBackground(world.context, () => undefined);
    queue = given.queue;
    server = new AsAccount(world.context);
    const account = { kind: 'user' as const, users: [], practices: [clinic] };
    await server.is({ ...account, name: 'admin', roles: ['administrator'] });
    await server.is({ ...account, name: 'ehr', roles: ['system-client'] });
    await beginSweeps({ ...given.context, failed: () => undefined });
    queue.start();
  }, 60_000);
  afterAll(async () => {
    await queue.stop();
    await world.close();
  });

  test('12.5 it is off by default, and only who administers switches it', async () => {
    const on = await practice(all);
    const put = (who: string, body: Organization) => server.ask(who, 'put', `Organization/${clinic}`, body);
    const refused = await put('ehr', on);
    expect([refused.status, JSON.stringify(refused.body)]).toEqual([
      403,
      expect.stringContaining('not-permitted'),
    ]);
    expect((await put('admin', await practice(['sing']))).status).toBe(422);
    expect((await put('admin', on)).status).toBe(200);
    expect((await put('ehr', await practice([]))).status).toBe(403);
    expect((await put('ehr', await practice(all))).status).toBe(200);
  }, 60_000);

  test('12.5 a PUT of a finished Encounter ends in a sent claim and an issued Invoice', async () => {
    await finished('ann');
    const invoice = await until(() => only(invoices('ann'), ({ status }) => status === 'issued'));
    expect(invoice.totalNet?.value).toBeGreaterThan(0);
    expect((await claims('ann')).map(({ status }) => status)).toEqual(['active']);
    expect(await stops('ann')).toEqual([]);
    await world.put({ ...visit('ann', 'ann', day), length: { value: 20, unit: 'min' } });
    await finished('bob'); // its jobs come after those of the second write
    await until(() => only(invoices('bob'), ({ status }) => status === 'issued'));
    expect(await claims('ann')).toHaveLength(1);
    expect(await invoices('ann')).toHaveLength(1);
    expect(await world.faults()).toEqual([]);
  }, 180_000);

  test('12.5 a chart that changes after the claim was sent is a Task, and nothing is sent again', async () => {
    await world.put(drug('ann-late', { patient: 'ann', encounter: 'ann', at }));
    await until(() => only(world.find<Task>('Task?code=charge-review&encounter=Encounter/ann'), () => true));
    expect((await claims('ann')).map(({ status }) => status)).toEqual(['active']);
    expect(await invoices('ann')).toHaveLength(1);
  }, 180_000);

  test('12.5 what stops is one Task with its reason; it goes on when the chart does', async () => {
    await world.put(patient('cyd'), insured('cyd'), charted('cyd'), visit('cyd', 'cyd', day));
    const task = await until(() => only(stops('cyd'), () => true));
    expect(task.description).toContain('diagnosis');
    expect(task.owner?.reference).toBe(`Organization/${clinic}`);
    expect((await claims('cyd')).filter(({ status }) => status === 'active')).toEqual([]);
    await world.put(condition('cyd', 'cyd'));
    await until(() => only(invoices('cyd'), ({ status }) => status === 'issued'));
    expect((await stops('cyd')).map(({ status }) => status)).toEqual(['completed']);
    expect(await claims('cyd')).toHaveLength(1);
  }, 180_000);

  test('12.4 a chart that a coder has coded goes on by itself', async () => {
    const local = { system: 'https://ehr.example/procedures', code: 'EAR-LAV' };
    await finished('cora');
    await world.put(visit('cora', 'cora', day, { type: [{ coding: [local] }] }));
    const stop = await until(() => only(stops('cora'), () => true));
    expect(stop.description).toContain('no-map');
    const task = await until(() =>
      only(world.find<Task>('Task?code=coding&encounter=Encounter/cora'), () => true),
    );
    const code = { system: 'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code: 'T1015' };
    const accepted = await world.call(`Task/${task.id}/$accept-code`, [{ name: 'code', valueCoding: code }]);
    expect(accepted.status).toBe(200);
    await until(() => only(invoices('cora'), ({ status }) => status === 'issued'));
    expect((await stops('cora')).map(({ status }) => status)).toEqual(['completed']);
  }, 180_000);

  test('12.5 neighbour: what lay outside the chart is tried again at night', async () => {
    await world.put(patient('dee'), condition('dee', 'dee'), charted('dee'), visit('dee', 'dee', day));
    const task = await until(() => only(stops('dee'), () => true));
    await world.put(insured('dee'));
    const night = { date: '2026-06-06' };
    const items = await automationWork.next(world.context, night, { after: undefined, count: 100 });
    expect(items).toContain(`Task/${task.id}|`);
    for (const item of items)
      await world.context.store.transaction((tx) => automationWork.one(world.context, tx, item, night));
    await until(() => only(invoices('dee'), ({ status }) => status === 'issued'));
    expect((await stops('dee')).map(({ status }) => status)).toEqual(['completed']);
  }, 180_000);

  test('12.5 neighbour: two queues at one store make one claim and one Invoice', async () => {
    const second = withBackground(world.context, () => undefined).queue;
    second.start();
    await finished('gil');
    await until(() => only(invoices('gil'), ({ status }) => status === 'issued'));
    await finished('hal'); // its jobs come after those of gil
    await until(() => only(invoices('hal'), ({ status }) => status === 'issued'));
    await second.stop();
    expect((await claims('gil')).map(({ status }) => status)).toEqual(['active']);
    expect(await invoices('gil')).toHaveLength(1);
    expect(await world.faults()).toEqual([]);
  }, 180_000);

  test('12.5 neighbour: a job that is given up leaves one Task on its visit', async () => {
    const { store } = world.context;
    const key = 'given-up';
    await store.transaction((tx) =>
      tx.jobs.enqueue({
        key,
        kind: 'never',
        payload: JSON.stringify({ encounter: 'Encounter/gil' }),
        due: 0,
      }),
    );
    const job = await store.jobs.read(key);
    if (!job) throw new Error('no job');
    for (let n = 0; n < 2; n++)
      await store.transaction((tx) => automation(world.context).giveUp(tx, { job, owner: 'one', fence: 1 }));
    expect((await stops('gil')).map(({ status, description }) => [status, description])).toEqual([
      ['requested', 'Encounter/gil does not go on by itself: the server could not do the next step'],
    ]);
  }, 60_000);

  test('12.5 neighbour: switched off in the middle, a draft stays a draft', async () => {
    await world.put(await practice(['capture', 'draft']));
    await finished('eve');
    const draft = await until(() => only(claims('eve'), ({ item }) => item?.length === 2));
    await world.put(await practice([]));
    await world.put({ ...charted('eve'), status: 'entered-in-error' });
    await until(() => only(claims('eve'), ({ item }) => item?.length === 1)); // the sweep goes on
    expect((await claims('eve')).map(({ id, status }) => [id, status])).toEqual([[draft.id, 'draft']]);
  }, 180_000);
});
