import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Claim, ParametersParameter, Task } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { chartInfusion, later, openWorld, sent, text, type World } from './world.ts';

const give = (value: number, reason: string, reference?: string): ParametersParameter[] => [
  { name: 'amount', valueMoney: { value, currency: 'USD' } },
  { name: 'reason', valueCode: reason },
  ...(reference === undefined ? [] : [text('reference', reference)]),
];

describe.each(eachStore('claim_write_off'))('Claim/$write-off, on %s', (_name, open) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(open);
  });
  afterAll(() => world.close());

  const denied = async (name: string): Promise<Claim & { id: string }> => {
    await chartInfusion(world, name);
    const [claim] = await world.claims(name, sent);
    await world.submit(claim, sent);
    return world.read<Claim>('Claim', claim?.id ?? '');
  };

  test('5 a denied receivable is written off with a reason, once for each reference; nothing reaches the patient', async () => {
    const claim = await denied('given');
    const first = await world.act(claim, 'write-off', give(19.3, 'no-authorization', 'wo-1'));
    expect([first.status, first.codes]).toEqual([200, ['written-off']]);
    expect((await world.act(claim, 'write-off', give(19.3, 'no-authorization', ' WO-1 '))).codes).toEqual([
      'already-there',
    ]);
    const other = await world.act(claim, 'write-off', give(20, 'no-authorization', 'WO-1'));
    expect([other.status, other.codes]).toEqual([409, ['reference-used']]);
    const above = await world.act(claim, 'write-off', give(3945.21, 'other', 'WO-2'));
    expect([above.status, above.codes]).toEqual([422, ['above-denied-amount']]);
    await world.act(claim, 'write-off', give(3945.2, 'medical-necessity', 'WO-3'));
    expect(await world.standing('given')).toEqual({ 'denial-write-off': 396450, revenue: -396450 });
    const tasks = await world.find<Task>(`Task?focus=Claim/${claim.id}&code=denial`);
    expect(tasks.map((t) => t.status)).toEqual(['completed']);
    expect(await world.faults()).toEqual([]);
  });

  test('5 neighbour: it is taken back by its reference, and by the reversal of the answer', async () => {
    const claim = await denied('back');
    await world.act(claim, 'write-off', give(100, 'other', 'WO-1'));
    await world.act(claim, 'write-off', give(50, 'other', 'WO-2'));
    const back = await world.act(claim, 'reverse-write-off', [text('reference', 'wo-1')]);
    expect(back.codes).toEqual(['reversed']);
    expect((await world.act(claim, 'reverse-write-off', [text('reference', 'wo-1')])).codes).toEqual([
      'already-there',
    ]);
    expect((await world.standing('back'))['denial-write-off']).toBe(5000);
    await world.redo(claim, 'void', later(3));
    expect(await world.standing('back')).toEqual({ 'receivable-unbilled': 396450, revenue: -396450 });
    expect(await world.faults()).toEqual([]);
  });

  test('5 neighbour: a paid claim, a wrong reason and a wrong amount are refused; dryRun posts nothing', async () => {
    const paid = await world.billed('paid');
    const refused = await world.act(paid, 'write-off', give(1, 'other'));
    expect([refused.status, refused.codes]).toEqual([409, ['claim-state']]);
    const claim = await denied('wrong');
    const wrong = await world.act(claim, 'write-off', give(0, 'bad-debt'));
    expect([wrong.status, wrong.codes.includes('write-off-reason')]).toEqual([422, true]);
    const before = await world.standing('wrong');
    const dry = [...give(5, 'other'), { name: 'dryRun', valueBoolean: true }];
    expect((await world.act(claim, 'write-off', dry)).status).toBe(200);
    expect(await world.standing('wrong')).toEqual(before);
  });

  test('5 an appeal holds a denied claim back until its Task is done', async () => {
    const claim = await denied('appeal');
    const task: Task & { id: string } = {
      resourceType: 'Task',
      id: 'appeal-task',
      status: 'in-progress',
      intent: 'order',
      code: { coding: [{ system: 'https://claimwright.example/fhir/CodeSystem/task', code: 'appeal' }] },
      focus: { reference: `Claim/${claim.id}` },
      for: { reference: 'Patient/appeal' },
    };
    await world.put(task);
    expect(await world.state(claim)).toBe('appealed');
    for (const [code, more] of [
      ['write-off', give(5, 'other', 'WO-1')],
      ['correct', [text('reason', 'wrong')]],
      ['void', [text('reason', 'wrong')]],
    ] as const) {
      const refused = await world.act(claim, code, more);
      expect([code, refused.status, refused.codes]).toEqual([code, 409, ['claim-state']]);
      expect(refused.text('claim-state')).toContain('under appeal');
    }
    const coverage = { name: 'coverage', valueReference: { reference: 'Coverage/appeal' } };
    const visit = { resourceType: 'Encounter', id: 'appeal' };
    expect((await world.act(visit, 'rebill', [coverage])).codes).toEqual(['claim-state']);
    await world.put({ ...task, status: 'completed' });
    expect(await world.state(claim)).toBe('denied');
    expect((await world.act(claim, 'write-off', give(5, 'other', 'WO-1'))).codes).toEqual(['written-off']);
    expect(await world.faults()).toEqual([]);
  });

  test('5 neighbour: an appeal of a claim that its payer did not decide changes nothing', async () => {
    const waiting = await world.billed('waiting', { member: 'FORCEDPENDED7' });
    await world.put({
      ...{ resourceType: 'Task', id: 'waiting-task', status: 'requested', intent: 'order' },
      code: { coding: [{ system: 'https://claimwright.example/fhir/CodeSystem/task', code: 'appeal' }] },
      focus: { reference: `Claim/${waiting.id}` },
    });
    expect(await world.state(waiting)).toBe('pended');
  });
});
