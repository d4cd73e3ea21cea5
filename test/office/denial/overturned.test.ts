import { describe, expect, test } from '@jest/globals';
import type { Claim, ClaimResponse, Parameters, ParametersParameter, Task } from '@medplum/fhirtypes';
import { addBusinessDays } from '../../../src/datatypes/businessDay.ts';
import { callOperation } from '../../../src/operation/run.ts';
import { desk, reversalOf, story1Lines, type Clp, type Desk } from '../../posting/remittance.ts';

const denied = (number: string): Clp => ({
  ...{ number, payerNumber: 'ICN1' },
  lines: story1Lines.map(({ code, charge }) => ({ code, charge, paid: 0, why: `CO-50 ${charge}` })),
});
const paid = (number: string): Clp => ({ number, payerNumber: 'ICN1A', lines: story1Lines });

const run = async (
  d: Desk,
  type: string,
  id: string,
  code: string,
  given: ParametersParameter[],
): Promise<Task> => {
  const { body } = await callOperation(d.context, code, { type, id }, given);
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
  const task = (JSON.parse(text) as Parameters).parameter?.find((p) => p.name === 'task')?.resource;
  return task as Task;
};
const state = (task: Task | undefined): string | undefined => task?.businessStatus?.coding?.[0]?.code;

describe('an appeal and the answer that follows', () => {
  const appealed = async (
    name: string,
    given: ParametersParameter[] = [],
    first: (number: string) => Clp = denied,
  ): Promise<{ d: Desk; number: string; appeal: Task; claim: string }> => {
    const d = await desk();
    const number = await d.sent(name);
    await d.post({ trace: 'T1', clps: [first(number)] });
    const [claim] = await d.all<Claim>('Claim');
    const made = await run(d, 'Claim', claim?.id ?? '', 'appeal', given);
    const appeal = await run(d, 'Task', made.id ?? '', 'file-appeal', [
      { name: 'method', valueCode: 'mail' },
    ]);
    expect(state(appeal)).toBe('filed');
    return { d, number, appeal, claim: claim?.id ?? '' };
  };
  const tasks = async (d: Desk, code: string): Promise<Task[]> =>
    (await d.all<Task>('Task')).filter((t) => t.code?.coding?.[0]?.code === code);

  test('12.7 a corrected remittance overturns it: posted by the usual answer, the denial counts as recovered', async () => {
    const { d, number } = await appealed('one');
    await d.post({ trace: 'T2', clps: [reversalOf(denied(number)), paid(number)] });
    expect((await tasks(d, 'appeal')).map((t) => [t.status, state(t)])).toEqual([
      ['completed', 'overturned'],
    ]);
    expect((await tasks(d, 'denial')).map((t) => [t.status, state(t)])).toEqual([['completed', 'recovered']]);
    expect(await d.stands('receivable-insurance-denied')).toBe(0);
    expect(await d.stands('cash')).toBe(149.92);
  });

  test('12.7 neighbour: the same again upholds it, and the denial is to be worked', async () => {
    const { d, number } = await appealed('two');
    await d.post({
      trace: 'T2',
      clps: [reversalOf(denied(number)), { ...denied(number), payerNumber: 'ICN1B' }],
    });
    expect((await tasks(d, 'appeal')).map((t) => [t.status, state(t)])).toEqual([['completed', 'upheld']]);
    expect((await tasks(d, 'denial')).map((t) => [t.status, state(t)])).toEqual([['requested', undefined]]);
  });

  test('12.7 neighbour: where a part was in dispute, its decision is held against that part', async () => {
    const amount: ParametersParameter = { name: 'amount', valueMoney: { value: 25, currency: 'USD' } };
    const { d, number } = await appealed('part', [amount]);
    const lines = story1Lines.map(({ code, charge }, i) =>
      i === 0
        ? { code, charge, paid: 25, why: `CO-50 ${(charge - 25).toString()}` }
        : { code, charge, paid: 0, why: `CO-50 ${charge.toString()}` },
    );
    await d.post({
      trace: 'T2',
      clps: [reversalOf(denied(number)), { number, payerNumber: 'ICN1A', lines }],
    });
    expect((await tasks(d, 'appeal')).map((t) => [t.status, state(t)])).toEqual([
      ['completed', 'overturned'],
    ]);
  });

  test('12.7 neighbour: where nothing was denied, an answer that pays no more upholds the payment', async () => {
    const amount: ParametersParameter = { name: 'amount', valueMoney: { value: 25, currency: 'USD' } };
    const { d, number } = await appealed('paid', [amount], paid);
    const again = { ...paid(number), payerNumber: 'ICN1B' };
    await d.post({ trace: 'T2', clps: [reversalOf(paid(number)), again] });
    expect((await tasks(d, 'appeal')).map((t) => [t.status, state(t)])).toEqual([['completed', 'upheld']]);
  });

  test('12.7 neighbour: an answer that upholds it opens the next level, once', async () => {
    const { d, number, claim } = await appealed('next');
    const again = { ...denied(number), payerNumber: 'ICN1B' };
    await d.post({ trace: 'T2', clps: [reversalOf(denied(number)), again] });
    const next = await run(d, 'Claim', claim, 'appeal', []);
    expect(next.description).toBe('second payment dispute before the payer');
    expect((await run(d, 'Claim', claim, 'appeal', [])).id).toBe(next.id);
  });

  test('12.7 neighbour: an appeal that was taken back can be made again', async () => {
    const { d, claim, appeal } = await appealed('back');
    await run(d, 'Task', appeal.id ?? '', 'decide-appeal', [{ name: 'decision', valueCode: 'withdrawn' }]);
    const again = await run(d, 'Claim', claim, 'appeal', []);
    expect([again.id === appeal.id, again.description]).toEqual([false, 'payment dispute before the payer']);
  });

  test('12.7 a reversal alone is asked after by a job, until there is a correction', async () => {
    const { d, number, appeal } = await appealed('three');
    await d.post({ trace: 'T2', clps: [reversalOf(denied(number))] });
    const job = await d.context.store.jobs.read(`follow-up|${appeal.focus?.reference ?? ''}`);
    expect(job?.state).toBe('due');
    expect(JSON.parse(job?.payload ?? '{}')).toMatchObject({ days: 14, gateway: '' });
    const answers = await d.all<ClaimResponse>('ClaimResponse');
    expect(answers.map((r) => r.status)).toContain('cancelled');
  });

  test('12.7 the No Surprises Act: open negotiation and dispute resolution by business days, only where a remark says so', async () => {
    const d = await desk();
    const number = await d.sent('act');
    const marked = denied(number);
    await d.post({
      trace: 'T1',
      clps: [{ ...marked, lines: marked.lines.map((l) => ({ ...l, remarks: ['N877'] })) }],
    });
    const [claim] = await d.all<Claim>('Claim');
    const route = { name: 'route', valueCode: 'no-surprises' };
    const made = await run(d, 'Claim', claim?.id ?? '', 'appeal', [route]);
    expect(made.description).toBe('open negotiation before the plan');
    const filed = await run(d, 'Task', made.id ?? '', 'file-appeal', [
      { name: 'method', valueCode: 'portal' },
    ]);
    const due = filed.restriction?.period?.end ?? '';
    expect(due).toBe(addBusinessDays(filed.lastModified?.slice(0, 10) ?? '', 30));
    await run(d, 'Task', made.id ?? '', 'decide-appeal', [{ name: 'decision', valueCode: 'upheld' }]);
    const next = await run(d, 'Claim', claim?.id ?? '', 'appeal', [route]);
    expect(next.description).toBe('independent dispute resolution before a certified entity');
    expect(next.restriction?.period?.end).toBe(addBusinessDays(due, 4));
    const early = run(d, 'Task', next.id ?? '', 'file-appeal', [{ name: 'method', valueCode: 'portal' }]);
    await expect(early).rejects.toMatchObject({ status: 422 });
  });

  test('12.7 neighbour: without such a remark there is no open negotiation', async () => {
    const d = await desk();
    const number = await d.sent('plain');
    await d.post({ trace: 'T1', clps: [denied(number)] });
    const [claim] = await d.all<Claim>('Claim');
    await expect(
      run(d, 'Claim', claim?.id ?? '', 'appeal', [{ name: 'route', valueCode: 'no-surprises' }]),
    ).rejects.toMatchObject({ status: 422 });
  });
});
