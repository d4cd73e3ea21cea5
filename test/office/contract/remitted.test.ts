import { describe, expect, test } from '@jest/globals';
import type { Task } from '@medplum/fhirtypes';
import { callOperation } from '../../../src/operation/run.ts';
import { desk, reversalOf, story1Lines, type Clp, type Desk } from '../../posting/remittance.ts';

const short: Clp = { number: 'ONE', payerNumber: 'ICN1', lines: story1Lines };
const better: Clp = {
  ...short,
  payerNumber: 'ICN2',
  lines: [{ code: 'T1015', charge: 168.45, paid: 105, why: 'CO-45 38.45; PR-3 25' }, ...story1Lines.slice(1)],
};

async function withContract(content: string): Promise<Desk> {
  const d = await desk();
  const answer = await callOperation(
    d.context,
    'load-contract',
    { type: 'Organization', id: 'alder-street-clinic' },
    [
      { name: 'payer', valueReference: { reference: 'Organization/juniper-ridge' } },
      { name: 'start', valueDate: '2025-01-01' },
      { name: 'content', valueString: content },
    ],
  );
  expect([answer.status, String(answer.body)]).toEqual([200, expect.any(String)]);
  return d;
}

const told = (d: Desk) => {
  const task = async (code: string): Promise<Task | undefined> =>
    (await d.all<Task>('Task')).find((t) => t.code?.coding?.[0]?.code === code);
  const figures = async (): Promise<Record<string, unknown>> =>
    Object.fromEntries(
      ((await task('payment-expected'))?.output ?? []).map((o) => [o.id ?? '', o.valueMoney?.value] as const),
    );
  return { task, figures };
};

describe('expected against what an 835 allows', () => {
  test('12.6 what a later answer allows is recovered, and the Task is closed', async () => {
    const d = await withContract('code,price\nT1015,130\nQ2038,24.66\n');
    await d.sent('one');
    const { task, figures } = told(d);
    expect(await figures()).toEqual({ 'line-1': 130, 'line-2': 24.66 });
    await d.post({ trace: 'T1', clps: [short] });
    expect(await figures()).toMatchObject({ short: 8.13, over: 0, found: 8.13, recovered: 0 });
    expect((await task('underpayment'))?.status).toBe('requested');
    await d.post({ trace: 'T2', clps: [reversalOf(short), better] });
    expect(await figures()).toMatchObject({ short: 0, over: 0, found: 8.13, recovered: 8.13 });
    expect((await task('underpayment'))?.status).toBe('completed');
    expect(await d.faults()).toEqual([]);
  });

  test('12.6 neighbour: an answer to a further line leaves what is missing on the others', async () => {
    const d = await withContract('code,price\nT1015,130\nQ2038,30\n');
    await d.sent('one');
    const { task, figures } = told(d);
    const part = (payerNumber: string, ...lines: Clp['lines']): Clp => ({ ...short, payerNumber, lines });
    const [visit, vaccine] = story1Lines.map((line, i) => ({ ...line, number: `ONE-${i + 1}` }));
    const again = better.lines[0];
    if (!visit || !vaccine || !again) throw new Error('the claim has two lines');
    await d.post({ trace: 'T1', clps: [part('ICN1', visit)] });
    expect(await figures()).toMatchObject({ short: 8.13, found: 8.13, recovered: 0 });
    await d.post({ trace: 'T2', clps: [part('ICN2', vaccine)] });
    expect(await figures()).toMatchObject({ short: 13.47, over: 0, found: 13.47, recovered: 0 });
    expect((await task('underpayment'))?.status).toBe('requested');
    expect((await task('underpayment'))?.description).toContain('13.47 in all; line 1: ');
    await d.post({
      trace: 'T3',
      clps: [reversalOf(part('ICN1', visit)), part('ICN3', { ...again, number: 'ONE-1' })],
    });
    expect(await figures()).toMatchObject({ short: 5.34, over: 0, found: 13.47, recovered: 8.13 });
  });

  test('12.6 neighbour: what is denied is no underpayment', async () => {
    const d = await withContract('code,percent\n*,80\n');
    await d.sent('one');
    const [first, ...rest] = story1Lines;
    const denied = { code: first?.code ?? '', charge: 168.45, paid: 0, why: 'CO-197 168.45' };
    await d.post({ trace: 'T1', clps: [{ ...short, lines: [denied, ...rest] }] });
    const all = await d.all<Task>('Task');
    const text = all.find((t) => t.code?.coding?.[0]?.code === 'underpayment')?.description ?? '';
    expect(text).not.toContain('line 1');
  });
});
