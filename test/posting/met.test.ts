import { describe, expect, test } from '@jest/globals';
import type { ParametersParameter, PaymentReconciliation, Task } from '@medplum/fhirtypes';
import { begin, takeRemittance, work } from '../../src/operation/remittance/postingJob.ts';
import { readSource } from '../../src/operation/remittance/readSource.ts';
import { callOperation } from '../../src/operation/run.ts';
import { laterCall } from '../../src/operation/submission/laterCall.ts';
import type { Store } from '../../src/store/store.ts';
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

/** The store, in which somebody else does something once, after the first transaction. */
function interrupted(store: Store, meanwhile: () => Promise<unknown>): Store {
  let isFirst = true;
  const transaction: Store['transaction'] = async (run) => {
    const result = await store.transaction(run);
    if (isFirst) {
      isFirst = false;
      await meanwhile();
    }
    return result;
  };
  return new Proxy(store, {
    get(target, name): unknown {
      if (name === 'transaction') return transaction;
      const found: unknown = Reflect.get(target, name, target);
      return typeof found === 'function' ? (found as () => unknown).bind(target) : found;
    },
  });
}

describe('a person beside the job', () => {
  test('who posts a held claim keeps it posted', async () => {
    const d = await desk();
    await d.sent('one');
    const text = interchangeText({ trace: 'T', clps: [good('UNKNOWN')], plb: [['L6', '', -1]] });
    const data = Buffer.from(text).toString('base64');
    await d.put({ resourceType: 'Binary', id: 'file', contentType: 'application/EDI-X12', data });
    const advice = await readSource(d.context.store, source);
    const begun = await d.context.store.transaction((tx) =>
      begin(laterCall(d.context, tx, on), advice, { source }),
    );
    if (!begun.lease) throw new Error('no work');
    const id = begun.reconciliation.id;
    const store = interrupted(d.context.store, () => operate(d, 'post', id, [byHand(1, 'one')]));
    await work({ ...d.context, store }, begun.lease, advice);
    const now = await d.read<PaymentReconciliation>('PaymentReconciliation', id);
    expect([now.outcome, now.detail?.[0]?.request?.reference]).toEqual(['complete', 'Claim/one']);
    expect(await d.tasks()).toEqual([]);
    expect(await d.faults()).toEqual([]);
  });
});

describe('a payment that was taken back', () => {
  test('its reversal comes again and is posted when its answer is there', async () => {
    const d = await desk();
    const number = await d.sent('one');
    const back = {
      trace: 'T2',
      clps: [reversalOf({ ...good(number), payerNumber: 'ICN1' })],
      plb: [['WO', number, -149.92]] as const,
    };
    const first = await d.post(back);
    await operate(d, 'reverse', first.reconciliation.id, [reason]);
    expect((await d.post(back)).is).toBe('new');
    await d.post({ trace: 'T1', clps: [{ ...good(number), payerNumber: 'ICN1' }] });
    const open = (await d.all<Task>('Task')).filter((t) => t.status === 'requested');
    expect(open.map((t) => t.code?.coding?.[0]?.code)).toEqual(['correction-awaited']);
    expect(await d.stands('payer-recoupment')).toBe(-149.92);
    expect(await d.faults()).toEqual([]);
  });
});
