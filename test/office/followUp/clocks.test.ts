import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, Claim, Organization, Parameters, PractitionerRole, Task } from '@medplum/fhirtypes';
import { followUpWork } from '../../../src/operation/followUp/followUpWork.ts';
import type { OperationContext } from '../../../src/operation/operation.ts';
import { chartInfusion, openWorld, sent, type World } from '../../claim/world.ts';
import { openSender, type Sender } from '../../firm/payerAtTheEnd.ts';
import { condition, coverage, drug, own, patient, visit } from '../../firm/visit.ts';
import { eachStore } from '../../http/eachStore.ts';

const clinic = 'alder-street-clinic';
const lead: PractitionerRole & { id: string } = {
  resourceType: 'PractitionerRole',
  id: 'billing-lead',
  active: true,
  practitioner: { reference: 'Practitioner/ruth-abernathy' },
  organization: { reference: `Organization/${clinic}` },
};

/** Does the work of a night, three items at a time. */
async function byNight(context: OperationContext, date: string): Promise<void> {
  for (let after: string | undefined; ;) {
    const items = await followUpWork.next(context, { date }, { after, count: 3 });
    if (items.length === 0) return;
    for (const item of items)
      await context.store.transaction((tx) => followUpWork.one(context, tx, item, { date }));
    after = items.at(-1) ?? '';
  }
}

describe.each(eachStore('office_clocks'))('clocks of claims, on %s', (_name, open) => {
  let world: World;
  let draft: Claim | undefined;
  const tasks = (code: string, of = ''): Promise<(Task & { id: string })[]> =>
    world.find<Task>(`Task?code=${code}${of}`);
  beforeAll(async () => {
    world = await openWorld(open);
    const day = '2026-06-03'; // the plan gives 180 days: until 2026-11-30
    await world.put(
      ...[patient('ann'), coverage('ann', 'ann'), visit('ann', 'ann', day), condition('ann', 'ann')],
      ...[drug('ann-drug', { patient: 'ann', encounter: 'ann', at: `${day}T09:10:00-04:00` }), lead],
    );
    [draft] = await world.claims('ann', day);
  }, 60_000);
  afterAll(() => world.close());

  test('12.9 what is not sent has a Task, due before the time to file ends, once', async () => {
    await byNight(world.context, '2026-10-30');
    expect(await tasks('timely-filing')).toEqual([]);
    await byNight(world.context, '2026-11-02');
    await byNight(world.context, '2026-11-03');
    const [task, ...others] = await tasks('timely-filing');
    expect(others).toEqual([]);
    expect(task).toMatchObject({
      status: 'requested',
      owner: { reference: `Organization/${clinic}` },
      focus: { reference: `Claim/${draft?.id ?? ''}` },
      for: { reference: 'Patient/ann' },
      restriction: { period: { end: '2026-11-25' } },
    });
    expect(task?.description).toContain('ends on 2026-11-30');
  });

  test('12.9 one mechanism of assignment and snooze: $assign takes the Task of a clock', async () => {
    const [task] = await tasks('timely-filing');
    const answer = await world.call(`Task/${task?.id ?? ''}/$assign`, [
      { name: 'assignee', valueReference: { reference: 'Practitioner/ruth-abernathy' } },
      { name: 'snoozeUntil', valueDate: '2026-12-10' },
    ]);
    expect(answer.status).toBe(200);
  });

  test('12.9 work that is overdue goes to whom the practice names, after its days, once; not while it sleeps', async () => {
    await byNight(world.context, '2026-11-29');
    expect((await tasks('timely-filing'))[0]?.priority).toBeUndefined(); // nobody is named
    const practice = await world.read<Organization>('Organization', clinic);
    const settings = {
      url: own('follow-up-settings'),
      extension: [
        { url: 'escalate-days', valueUnsignedInt: 2 },
        { url: 'escalate-to', valueReference: { reference: 'PractitionerRole/billing-lead' } },
      ],
    };
    await world.put({ ...practice, extension: [...(practice.extension ?? []), settings] });
    await byNight(world.context, '2026-11-29');
    expect((await tasks('timely-filing'))[0]?.priority).toBeUndefined(); // it sleeps until 10 December
    await byNight(world.context, '2026-12-10');
    await byNight(world.context, '2026-12-11');
    const [task] = await tasks('timely-filing');
    expect(task).toMatchObject({
      priority: 'urgent',
      owner: { reference: 'PractitionerRole/billing-lead' },
      requester: { reference: `Organization/${clinic}` },
    });
    expect(task?.note).toHaveLength(1);
    expect((task?.extension ?? []).filter(({ url }) => url === own('escalated'))).toHaveLength(1);
  });

  test('12.9 neighbour: who is named and is not here is told once, and nothing is moved', async () => {
    const practice = await world.read<Organization>('Organization', clinic);
    const text = JSON.stringify(practice).replace('PractitionerRole/billing-lead', 'CareTeam/nobody');
    await world.put(JSON.parse(text) as Organization & { id: string });
    const [task] = await tasks('timely-filing');
    if (!task) throw new Error('no Task');
    await world.put({ ...task, restriction: { period: { end: '2026-12-12' } } });
    await byNight(world.context, '2026-12-20');
    const told = (await tasks('nightly-failed')).map(({ reasonCode }) => reasonCode?.text);
    expect(told).toEqual(['escalate-to']);
    expect((await tasks('timely-filing'))[0]?.owner?.reference).toBe('PractitionerRole/billing-lead');
  });

  test('12.9 the Task closes when the claim is sent', async () => {
    await world.submit(draft, '2026-11-24');
    await byNight(world.context, '2026-11-24');
    expect((await tasks('timely-filing')).map(({ status }) => status)).toEqual(['completed']);
  });

  test('12.9 a denial has a Task before the time to appeal ends; an appeal that is open closes it', async () => {
    await chartInfusion(world, 'bob');
    const [denied] = await world.claims('bob', sent);
    await world.submit(denied, sent);
    const { body } = await world.send('get', 'Task/$denial-worklist');
    const item = (body as Parameters).parameter?.find(({ name }) => name === 'item')?.part;
    const last = item?.find(({ name }) => name === 'deadline')?.valueDate ?? '';
    const before = (days: number): string =>
      new Date(Date.parse(last) - days * 86_400_000).toISOString().slice(0, 10);
    await byNight(world.context, before(31));
    expect(await tasks('appeal-ending')).toEqual([]);
    await byNight(world.context, before(30));
    await byNight(world.context, before(29));
    expect((await tasks('appeal-ending')).map((t) => [t.status, t.restriction?.period?.end])).toEqual([
      ['requested', before(5)],
    ]);
    const claim = item?.find(({ name }) => name === 'claim')?.valueReference?.reference ?? '';
    const appealed = await world.call(`${claim}/$appeal`, []);
    expect([appealed.status, appealed.codes]).toEqual([200, expect.anything()]);
    await byNight(world.context, before(28));
    expect((await tasks('appeal-ending')).map(({ status }) => status)).toEqual(['completed']);
  });
});

describe.each(eachStore('office_returned'))('claims that came back, on %s', (_name, open) => {
  let office: Sender;
  beforeAll(async () => {
    office = await openSender(open, { submitWait: 5000 });
  });
  afterAll(() => office.store.close());

  test('12.9 neighbour: a claim that its payer refused runs against the time to file', async () => {
    const claim = await office.draft('returned');
    office.payer.send = async (_t, judge) => {
      const said = await judge();
      return { ...said, response: { ...said.response, outcome: 'error', item: [], error: [] } };
    };
    await office.submit(claim);
    const sentOn = (await office.get<Claim>(claim)).created;
    const at = new Date(Date.parse(sentOn) + 400 * 86_400_000).toISOString().slice(0, 10);
    await byNight(office.context, at);
    const found = await office.get<Bundle>('Task?code=timely-filing');
    expect(found.entry?.map(({ resource }) => (resource as Task).focus?.reference)).toEqual([claim]);
  });
});
