import { describe, expect, test } from '@jest/globals';
import type { Claim, ClaimResponse, ParametersParameter } from '@medplum/fhirtypes';
import { callOperation } from '../../src/operation/run.ts';
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
async function twoPayers(): Promise<{
  readonly d: Desk;
  readonly number: string;
  readonly next: () => Promise<Claim | undefined>;
}> {
  const d = await desk();
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
