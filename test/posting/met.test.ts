import { describe, expect, test } from '@jest/globals';
import type { ParametersParameter, PaymentReconciliation } from '@medplum/fhirtypes';
import { takeRemittance } from '../../src/operation/remittance/postingJob.ts';
import { callOperation } from '../../src/operation/run.ts';
import {
  adviceIn,
  desk,
  interchangeText,
  reversalOf,
  story1Lines,
  type Clp,
  type Desk,
} from './remittance.ts';

const on = '2026-11-20';
const source = { binary: 'Binary/file', hash: 'file', position: 3 };
const good = (number: string): Clp => ({ number, lines: story1Lines });
const byHand = (ordinal: number, claim: string): ParametersParameter => ({
  name: 'claim',
  part: [
    { name: 'ordinal', valuePositiveInt: ordinal },
    { name: 'claim', valueReference: { reference: `Claim/${claim}` } },
  ],
});
const operate = async (
  d: Desk,
  code: 'post' | 'reverse',
  id: string,
  parameters: ParametersParameter[],
): Promise<PaymentReconciliation> => {
  const { body } = await callOperation(d.context, code, { type: 'PaymentReconciliation', id }, parameters);
  return JSON.parse(String(body)) as PaymentReconciliation;
};
const reason: ParametersParameter = { name: 'reason', valueString: 'by mistake' };

/** A file of two payers, whose payments have the same number and stand at the same place of their interchanges. */
async function twoPayers(d: Desk): Promise<readonly [a: PaymentReconciliation, b: PaymentReconciliation]> {
  const own = { trace: '1001', tin: '941234567', clps: [good(await d.sent('one'))] };
  await d.sent('two');
  const other = { trace: '1001', tin: '999999999', clps: [good('UNKNOWN')] };
  const text = interchangeText(own) + interchangeText(other);
  const data = Buffer.from(text).toString('base64');
  await d.put({ resourceType: 'Binary', id: 'file', contentType: 'application/EDI-X12', data });
  const made: PaymentReconciliation[] = [];
  for (const one of [own, other])
    made.push(
      (await takeRemittance(d.context, adviceIn(interchangeText(one)), { on, source })).reconciliation,
    );
  const [a, b] = made;
  if (!a || !b) throw new Error('not taken up');
  return [a, b];
}

describe('one number of two payers in one file', () => {
  test('what is held of the second is posted from the second', async () => {
    const d = await desk();
    const [a, b] = await twoPayers(d);
    expect([a.outcome, b.outcome]).toEqual(['complete', 'queued']);
    const posted = await operate(d, 'post', b.id ?? '', [byHand(1, 'two')]);
    expect([posted.outcome, posted.detail?.[0]?.request?.reference]).toEqual(['complete', 'Claim/two']);
    expect(await d.stands('unidentified-payer-cash')).toBe(0);
    expect(await d.stands('cash')).toBe(299.84);
    expect(await d.faults()).toEqual([]);
  });

  test('taking the second back leaves the first as it is', async () => {
    const d = await desk();
    const [a, b] = await twoPayers(d);
    await operate(d, 'reverse', b.id ?? '', [reason]);
    expect((await d.read<PaymentReconciliation>('PaymentReconciliation', a.id ?? '')).status).toBe('active');
    const changed = await d.post({ trace: '1001', tin: '941234567', clps: [good('OTHER')] });
    expect([changed.is, changed.reconciliation.id]).toEqual(['differs', a.id]);
    expect(await d.stands('cash')).toBe(149.92);
    expect(await d.faults()).toEqual([]);
  });
});
