import { describe, expect, test } from '@jest/globals';
import type { Claim, ClaimResponse, Organization, ParametersParameter, Task } from '@medplum/fhirtypes';
import { runJob } from '../../src/job/queue.ts';
import type { OperationContext } from '../../src/operation/operation.ts';
import { callOperation } from '../../src/operation/run.ts';
import { claimFollowUp } from '../../src/operation/submission/followUp.ts';
import { own } from '../firm/visit.ts';
import { coverageOf, story1, story7Second } from '../payer/stories.ts';
import { desk, reversalOf, story1Lines, type Clp, type Desk } from './remittance.ts';

const first = (number: string, over: Partial<Clp> = {}): Clp => ({
  number,
  payerNumber: 'ICN1',
  lines: story1Lines,
  ...over,
});
/** The secondary pays 20 of the 25 that the first one left. */
const second = (number: string): Clp => ({
  number,
  status: '2',
  payerNumber: 'SEC1',
  lines: [
    { code: 'T1015', charge: 168.45, paid: 20, why: 'OA-23 143.45; PR-2 5' },
    { code: 'Q2038', charge: 41.2, paid: 0, why: 'OA-23 41.2' },
    { code: 'G0008', charge: 36.75, paid: 0, why: 'OA-23 36.75' },
  ],
});

/** A claim of which a second coverage is to pay after the first. */
async function twoPayers(over: Partial<OperationContext> = {}): Promise<{
  readonly d: Desk;
  readonly number: string;
  readonly next: () => Promise<Claim | undefined>;
}> {
  const d = await desk(over);
  const other = {
    ...coverageOf({ ...story7Second, payer: 'state-family', member: 'SECOND1', plan: 'family-care' }),
    id: 'second',
  };
  await d.put(other);
  const number = await d.sent('one', story1, {
    insurance: [
      { sequence: 1, focal: true, coverage: { reference: `Coverage/${coverageOf(story1).id}` } },
      { sequence: 2, focal: false, coverage: { reference: 'Coverage/second' } },
    ],
  });
  const next = async (): Promise<Claim | undefined> =>
    (await d.all<Claim>('Claim')).findLast((c) => c.id !== 'one' && c.status !== 'cancelled');
  return { d, number, next };
}
const submitted = async (
  d: Desk,
  id: string,
  parameters: ParametersParameter[] = [],
): Promise<ClaimResponse> => {
  const { body } = await callOperation(d.context, 'submit', { type: 'Claim', id }, parameters);
  return JSON.parse(String(body)) as ClaimResponse;
};

describe('a claim with a second payer', () => {
  test('gets its draft from the 835 of the first, and the 835 of the second decides what the patient owes', async () => {
    const { d, number, next } = await twoPayers();
    await d.post({ trace: 'T1', clps: [first(number)] });
    expect(await d.stands('receivable-patient-not-invoiced')).toBe(0);
    const draft = await next();
    expect(draft).toMatchObject({ status: 'draft', insurer: { reference: 'Organization/state-family' } });
    expect(draft?.insurance[0]?.claimResponse?.reference).toMatch(/^ClaimResponse/);
    await submitted(d, draft?.id ?? '');
    await d.post({ trace: 'S1', tin: '999999999', clps: [second(draft?.identifier?.[0]?.value ?? '')] });
    expect(await d.stands('receivable-patient-not-invoiced')).toBe(5);
    expect(await d.stands('cash')).toBe(169.92);
    expect(await d.faults()).toEqual([]);
  });

  test('that crossed over is not sent by us, and the answer under the first number is of the second claim', async () => {
    const { d, number, next } = await twoPayers();
    await d.post({
      trace: 'T1',
      clps: [first(number, { status: '19', more: ['NM1*TT*2*STATE FAMILY PLAN*****PI*SFP01'] })],
    });
    const draft = await next();
    await expect(submitted(d, draft?.id ?? '')).rejects.toMatchObject({ status: 422 });
    await d.post({ trace: 'S1', tin: '999999999', clps: [second(number)] });
    expect(await d.stands('receivable-patient-not-invoiced')).toBe(5);
    expect((await next())?.status).toBe('active');
    expect(await d.tasks()).toEqual([]);
    expect(await d.faults()).toEqual([]);
  });

  test('that crossed over and is not answered in the days of its payer is released to be sent by us', async () => {
    const clock = { now: '2026-11-20T15:00:00Z' };
    const { d, number, next } = await twoPayers({ now: () => clock.now });
    const family = await d.all<Organization>('Organization');
    const payer = family.find((o) => o.id === 'state-family') as Organization & { id: string };
    await d.put({ ...payer, extension: [{ url: own('usual-answer-days'), valuePositiveInt: 20 }] });
    await d.post({
      trace: 'T1',
      clps: [first(number, { status: '19', more: ['NM1*TT*2*STATE FAMILY PLAN*****PI*SFP01'] })],
    });
    const draft = await next();
    const name = `Claim/${draft?.id ?? ''}`;
    const job = await d.context.store.jobs.read(`follow-up|${name}`);
    expect([(job?.due ?? 0) - Date.parse(clock.now)]).toEqual([20 * 86_400_000]);
    const run = async (key: string): Promise<readonly [string | undefined, number]> => {
      await d.context.store.transaction((tx) => {
        if (!job) throw new Error('no job');
        return tx.jobs.enqueue({ ...job, due: 0, key });
      });
      const [lease] = await d.context.store.jobs.take({ kinds: ['claim-follow-up'], count: 1 });
      const engine = { store: d.context.store, now: () => 0, random: () => 0.5, failed: () => undefined };
      if (lease) await runJob(engine, claimFollowUp(d.context), lease);
      const after = await d.context.store.jobs.read(key);
      return [after?.state, (await d.all<Task>('Task')).filter((t) => t.focus?.reference === name).length];
    };
    clock.now = '2026-12-09T15:00:00Z';
    expect(await run('early')).toEqual(['due', 0]);
    clock.now = '2026-12-10T15:00:00Z';
    expect(await run('late')).toEqual(['done', 1]);
    const [task] = (await d.all<Task>('Task')).filter((t) => t.focus?.reference === name);
    expect([task?.code?.coding?.[0]?.code, task?.description]).toEqual([
      'no-answer',
      'the payer before sent the claim on, and it was not answered in 20 days: $submit sends it',
    ]);
    expect((await submitted(d, draft?.id ?? '')).outcome).toBe('queued');
    expect(await d.faults()).toEqual([]);
  });

  test('neighbour: forwarded to a payer that is none of the coverages, the draft is ours to send', async () => {
    const { d, number, next } = await twoPayers();
    await d.post({
      trace: 'T1',
      clps: [first(number, { status: '19', more: ['NM1*TT*2*SOMEBODY ELSE*****PI*XXX'] })],
    });
    expect((await submitted(d, (await next())?.id ?? '')).outcome).toBe('queued');
  });

  test('loses its draft when the first answer is taken back, and a claim that was sent is looked at', async () => {
    const { d, number, next } = await twoPayers();
    await d.post({ trace: 'T1', clps: [first(number)] });
    await d.post({ trace: 'T2', clps: [reversalOf(first(number))], plb: [['WO', number, -149.92]] });
    expect(await next()).toBeUndefined();
    expect(await d.faults()).toEqual([]);
    await d.post({ trace: 'T3', clps: [first(number, { payerNumber: 'ICN2' })] });
    await submitted(d, (await next())?.id ?? '');
    await d.post({
      trace: 'T4',
      clps: [reversalOf(first(number, { payerNumber: 'ICN2' }))],
      plb: [['WO', number, -149.92]],
    });
    expect(await d.tasks()).toContain('reversal-review Claim');
    expect((await next())?.status).toBe('active');
    expect(await d.faults()).toEqual([]);
  });
});
