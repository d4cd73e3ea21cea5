import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Basic, Coverage, CoverageEligibilityRequest, Task } from '@medplum/fhirtypes';
import { changed } from '../../../src/datatypes/json.ts';
import { runJob } from '../../../src/job/queue.ts';
import { eligibilityAsking } from '../../../src/operation/eligibility/askingJob.ts';
import { askingKind } from '../../../src/operation/eligibility/asking.ts';
import { eligibilityWork } from '../../../src/operation/eligibility/nightlyCheck.ts';
import { settle } from '../../../src/operation/eligibility/settle.ts';
import { laterCall } from '../../../src/operation/submission/laterCall.ts';
import type { OperationContext } from '../../../src/operation/operation.ts';
import { extension, system } from '../../../src/terminology/system.ts';
import { eachStore } from '../../http/eachStore.ts';
import {
  eligibilityOffice,
  member,
  payer,
  practice,
  requestFor,
  resultOf,
  type Answer,
  type EligibilityOffice,
} from './eligibilityOffice.ts';

/** What the payer holds of a patient under a member number. */
const enrolled = (id: string, number: string, over: Partial<Basic> = {}): Basic & { id: string } => ({
  ...{ resourceType: 'Basic', id: `enrolled-${id}`, subject: { reference: `Patient/${id}` } },
  code: { coding: [{ system: system.basic, code: 'enrollment' }] },
  identifier: [{ system: system.memberId, value: number }],
  author: { reference: payer },
  extension: [{ url: extension.enrolledPlan, valueString: 'juniper-ppo-1500' }],
  ...over,
});

const act = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' };

describe.each(eachStore('eligibility-correct'))('1 what payers say otherwise, on %s', (_store, open) => {
  let office: EligibilityOffice;
  beforeAll(async () => {
    office = await eligibilityOffice(open);
    await office.change(payer, (one) =>
      Object.assign(one, { extension: [{ url: extension.coverageDiscovery, valueBoolean: true }] }),
    );
  });
  afterAll(() => office.store.close());

  const proposals = (id: string): Promise<(Task & { id: string })[]> =>
    office.tasks('coverage-correction', `Coverage/${id}`);
  const apply = (
    task: (Task & { id: string }) | undefined,
    parameters: Parameters<typeof office.run>[1] = [],
  ) => office.run(`Task/${task?.id ?? ''}/$apply-correction`, parameters);
  const wrong = async (id: string, number: string): Promise<Task & { id: string }> => {
    await office.has(...member(id, `WRONG-${number}`), enrolled(id, number));
    await office.ask(requestFor(id));
    const [task, ...others] = await proposals(id);
    expect(others).toEqual([]);
    if (!task) throw new Error('nothing is proposed');
    return task;
  };

  test('1 another member number becomes a Task with the correction proposed, applied by one call', async () => {
    const task = await wrong('moved', 'JR-7001');
    expect(
      task.input?.map(({ type, valueCode, valueString }) => [type.text, valueCode ?? valueString]),
    ).toEqual([
      ['kind', 'member'],
      ['coverage', undefined],
      ['answer', undefined],
      ['member', 'JR-7001'],
    ]);
    const trial = await apply(task, [{ name: 'dryRun', valueBoolean: true }]);
    expect([trial.status, trial.one<Coverage>('coverage').subscriberId]).toEqual([200, 'JR-7001']);
    expect((await office.get<Coverage>('Coverage/moved')).subscriberId).toBe('WRONG-JR-7001');
    expect((await apply(task)).codes).toEqual(['applied']);
    expect((await office.get<Coverage>('Coverage/moved')).subscriberId).toBe('JR-7001');
    expect((await apply(task)).codes).toEqual(['already-there']);
  });

  test('1 a Coverage that was changed in between is 409, and stays as it is', async () => {
    const task = await wrong('changed', 'JR-7002');
    await office.change<Coverage>('Coverage/changed', (one) => (one.dependent = '01'));
    const { status, codes } = await apply(task);
    expect([status, codes]).toEqual([409, ['coverage-changed']]);
    // asked anew, the proposal is of the Coverage as it is now
    await office.ask(requestFor('changed', { servicedDate: '2026-11-26' }));
    expect((await apply((await proposals('changed'))[0])).codes).toEqual(['applied']);
  });

  test('1 neighbour: a Task that somebody wrote otherwise than the payer said is refused', async () => {
    const task = await wrong('forged', 'JR-7003');
    await office.change<Task>(`Task/${task.id}`, (one) => {
      for (const input of one.input ?? []) if (input.type.text === 'member') input.valueString = 'JR-9999';
    });
    const { status, codes } = await apply(task);
    expect([status, codes]).toEqual([422, ['proposal-differs']]);
    await office.change<Task>(`Task/${task.id}`, (one) => (one.status = 'rejected'));
    expect((await apply(task)).status).toBe(409);
  });

  test('1 neighbour: a coverage that has ended is proposed to end on that day', async () => {
    const period = { url: extension.enrolledPeriod, valuePeriod: { start: '2025-01-01', end: '2026-09-30' } };
    const held = enrolled('over', 'JR-7004');
    await office.has(...member('over', 'JR-7004'), {
      ...held,
      extension: [...(held.extension ?? []), period],
    });
    const { body } = await office.ask(requestFor('over'));
    expect(resultOf(body)).toBe('inactive');
    await apply((await proposals('over'))[0]);
    expect((await office.get<Coverage>('Coverage/over')).period?.end).toBe('2026-09-30');
  });

  test('1 neighbour: a payer who pays first is entered with the member number that the patient gives', async () => {
    await office.has(...member('second', 'FORCEDSECOND1'));
    const number = (
      (await office.get(payer)) as unknown as { identifier: { system: string; value: string }[] }
    ).identifier;
    await office.has({
      ...{ resourceType: 'Organization', id: 'first-payer', name: 'First' },
      identifier: [
        { system: number.find((i) => i.system === system.payerId)?.system ?? '', value: 'MEDICARE' },
      ],
    });
    await office.ask(requestFor('second'));
    const task = (await proposals('second')).find((one) => one.reasonCode?.text === 'other-payer');
    expect((await apply(task)).codes).toEqual(['member-missing']);
    const done = await apply(task, [{ name: 'member', valueString: 'MB-1' }]);
    expect(done.all<Coverage>('coverage').map((one) => [one.order, one.subscriberId])).toEqual([
      [1, 'MB-1'],
      [2, 'FORCEDSECOND1'],
    ]);
  });

  test('1 neighbour: each other payer that is named is proposed, and one whose Coverage is here is not entered again', async () => {
    await office.has(...member('several', 'JR-7006'), enrolled('several', 'JR-7006'));
    const { body } = await office.ask(requestFor('several'));
    const named = (payerId: string) => ({
      url: extension.otherPayer,
      extension: [
        { url: 'payerId', valueString: payerId },
        { url: 'order', valueCode: 'secondary' },
      ],
    });
    for (const id of ['OTHER1', 'OTHER2'])
      await office.has({
        ...{ resourceType: 'Organization', id: id.toLowerCase(), name: id },
        identifier: [{ system: system.payerId, value: id }],
      });
    const request = await office.get<CoverageEligibilityRequest>(body.request.reference ?? '');
    const { context } = office;
    await context.store.transaction((tx) =>
      settle(laterCall(context, tx, '2026-11-24'), changed(request, { id: request.id }), {
        response: {
          ...structuredClone(body),
          insurance: [
            {
              coverage: { reference: 'Coverage/several' },
              inforce: true,
              item: ['OTHER1', 'OTHER2'].map((id) => ({ extension: [named(id)] })),
            },
          ],
        },
      }),
    );
    const tasks = (await proposals('several')).filter(({ input = [] }) =>
      input.some(({ valueCode }) => valueCode === 'other-payer'),
    );
    const payerOf = ({ input = [] }: Task) => input.find(({ type }) => type.text === 'payerId')?.valueString;
    expect(tasks.map(payerOf).sort()).toEqual(['OTHER1', 'OTHER2']);
    const [, second] = member('several', 'MB-2', { payor: [{ reference: 'Organization/other1' }] });
    await office.has({ ...second, id: 'several-second', order: 2 });
    const of = (id: string) => tasks.find((task) => payerOf(task) === id);
    const number = [{ name: 'member', valueString: 'MB-2' }];
    const twice = await apply(of('OTHER1'), number);
    expect([twice.status, twice.codes]).toEqual([409, ['coverage-changed']]);
    const done = await apply(of('OTHER2'), number);
    expect(done.all<Coverage>('coverage').map((one) => one.order)).toEqual([3]);
  });

  test('1 the night asks of whoever comes tomorrow, once for each coverage and day', async () => {
    await office.has(...member('tomorrow', 'JRH100871102'));
    await office.has({
      ...({ resourceType: 'Appointment', id: 'tomorrow', status: 'booked' } as const),
      ...{ start: '2026-11-25T14:00:00Z', end: '2026-11-25T14:30:00Z' },
      participant: [{ actor: { reference: 'Patient/tomorrow' }, status: 'accepted' }],
    });
    await office.has({
      ...({ resourceType: 'Encounter', id: 'tomorrow', status: 'planned', class: act } as const),
      ...{ subject: { reference: 'Patient/tomorrow' }, period: { start: '2026-11-25T16:00:00-05:00' } },
      serviceProvider: { reference: practice },
    });
    await office.has({
      ...({ resourceType: 'Appointment', id: 'later', status: 'booked' } as const),
      ...{ start: '2026-11-28T14:00:00Z', end: '2026-11-28T14:30:00Z' },
      participant: [{ actor: { reference: 'Patient/tomorrow' }, status: 'accepted' }],
    });
    const context: OperationContext = office.context;
    const night = { date: '2026-11-24' };
    const names = await eligibilityWork.next(context, night, { after: undefined, count: 100 });
    expect(names.filter((name) => name.endsWith('/tomorrow'))).toEqual([
      'Appointment/tomorrow',
      'Encounter/tomorrow',
    ]);
    expect(names).not.toContain('Appointment/later');
    for (const again of [1, 2]) {
      expect(again).toBeGreaterThan(0);
      for (const name of names)
        await context.store.transaction((tx) => eligibilityWork.one(context, tx, name, night));
    }
    const engine = {
      store: context.store,
      now: () => Date.parse(context.now()),
      random: () => 0,
      failed: () => undefined,
    };
    for (const lease of await context.store.jobs.take({ kinds: [askingKind], count: 10 }))
      await runJob(engine, eligibilityAsking(context), lease);
    const answers = await office.found<Answer>('CoverageEligibilityResponse?patient=Patient/tomorrow');
    expect(answers.map((one) => [one.servicedDate, resultOf(one)])).toEqual([['2026-11-25', 'active']]);
  });

  test('1 $discover-coverage of a self-pay patient finds a proposal only; applied, it is a Coverage', async () => {
    const [found] = member('walk-in', '');
    await office.has(found, enrolled('walk-in', 'JR-7005'));
    const asked = await office.run('Patient/walk-in/$discover-coverage', [
      { name: 'practice', valueReference: { reference: practice } },
      { name: 'payer', valueReference: { reference: payer } },
    ]);
    expect([asked.status, asked.codes, asked.all<Answer>('response').map(resultOf)]).toEqual([
      200,
      ['asked'],
      ['active'],
    ]);
    expect(await office.found('Coverage?beneficiary=Patient/walk-in')).toEqual([]);
    const [task] = await office.tasks('coverage-found', 'Patient/walk-in');
    const done = await apply(task);
    expect(done.one<Coverage>('coverage')).toMatchObject({
      subscriberId: 'JR-7005',
      payor: [{ reference: payer }],
    });
    const again = await office.run('Patient/walk-in/$discover-coverage', [
      { name: 'practice', valueReference: { reference: practice } },
    ]);
    expect([again.status, again.codes]).toEqual([409, ['patient-covered']]);
  });

  test('1 neighbour: a payer that does not allow it is not asked', async () => {
    const [walkIn] = member('private', '');
    await office.has(walkIn);
    const other = (await office.found<{ id: string }>('Organization?_id:not=juniper-ridge'))[0]?.id ?? '';
    const refused = await office.run('Patient/private/$discover-coverage', [
      { name: 'practice', valueReference: { reference: practice } },
      { name: 'payer', valueReference: { reference: `Organization/${other}` } },
    ]);
    expect([refused.status, refused.codes]).toEqual([422, ['discovery-not-allowed']]);
  });
});
