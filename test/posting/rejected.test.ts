import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { PaymentReconciliation, Task } from '@medplum/fhirtypes';
import supertest from 'supertest';
import { createApp } from '../../src/app.ts';
import { storeFaults } from '../../src/command/verify/readBooks.ts';
import { sum } from '../../src/datatypes/cents.ts';
import type { LedgerAccount } from '../../src/datatypes/entry.ts';
import { openOffice, type Office } from '../firm/office.ts';
import { paidClp, sentClaims, sentNumber } from '../fixture/sentClaims.ts';
import { eachStore } from '../http/eachStore.ts';
import { interchangeText, type Remittance } from './remittance.ts';

const both: Remittance = { trace: 'T1', clps: [paidClp(sentNumber(0)), paidClp(sentNumber(1))] };
/** The interchange of a number. With a wrong count of segments its set is rejected. */
const sent = (n: number, of: Remittance, isDamaged = false): string => {
  const text = interchangeText(of).replaceAll('000000001', n.toString().padStart(9, '0'));
  return isDamaged ? text.replace(/~\nSE\*\d+/, '~\nSE*4') : text;
};

describe.each(eachStore('posting-rejected'))('an 835 that is rejected, on %s', (_, open) => {
  let office: Office;
  beforeEach(async () => {
    office = await openOffice(open, { payer: 'none' });
    await sentClaims(office.context, 0, { count: 2 });
  });
  afterEach(() => office.close());
  const handIn = async (text: string): Promise<string> => {
    const answer = await supertest(createApp(office.context))
      .post('/fhir/$process-x12')
      .set('Content-Type', 'application/EDI-X12')
      .send(text);
    expect(answer.status).toBe(200);
    return JSON.stringify(answer.body);
  };
  const payments = async (): Promise<string[]> =>
    (await office.find<PaymentReconciliation>('PaymentReconciliation')).map(
      (p) => `${p.status} ${p.outcome} ${p.paymentAmount.value ?? 0}`,
    );
  const waiting = async (): Promise<string[]> =>
    (await office.find<Task>('Task?status=requested'))
      .map((t) => t.code?.coding?.[0]?.code ?? '')
      .filter((code) => code.startsWith('remittance'));
  const stands = async (account: LedgerAccount): Promise<number> => {
    const { entries } = await office.context.store.entries({ count: 500 });
    const own = entries.flatMap((e) => e.postings).filter((p) => p.account === account);
    return sum(own.map((p) => p.amount)) / 100;
  };
  const expectSound = async (): Promise<void> => {
    const { store, now } = office.context;
    expect((await storeFaults(store, Date.parse(now()) + 3_600_000_000)).faults).toEqual([]);
  };

  test('its deposit is posted and its claims wait; its repeat takes its place and posts them', async () => {
    const told = await handIn(sent(1, both, true));
    expect(told).toContain('refused: 1');
    expect(told).toContain('its payer was told so');
    expect(await payments()).toEqual(['active error 135']);
    expect([await stands('cash'), await stands('unidentified-payer-cash')]).toEqual([135, -135]);
    expect(await waiting()).toEqual(['remittance-payment']);
    await expectSound();
    await handIn(sent(2, both, true));
    expect(await payments()).toEqual(['active error 135']);
    await handIn(sent(3, both));
    expect(await payments()).toEqual(['cancelled error 135', 'active complete 135']);
    expect([await stands('cash'), await stands('unidentified-payer-cash')]).toEqual([135, 0]);
    expect(await waiting()).toEqual([]);
    await handIn(sent(4, both, true));
    expect(await stands('cash')).toBe(135);
    await expectSound();
  });

  test('neighbour: a repeat with another payment brings that payment', async () => {
    await handIn(sent(1, { ...both, paid: 140 }, true));
    expect(await stands('cash')).toBe(140);
    await handIn(sent(2, both));
    expect(await payments()).toEqual(['cancelled error 140', 'active complete 135']);
    expect([await stands('cash'), await stands('unidentified-payer-cash')]).toEqual([135, 0]);
    await expectSound();
  });

  test('neighbour: a person posts what can be read of it, and its repeat changes nothing then', async () => {
    await handIn(sent(1, both, true));
    const [payment] = await office.find<PaymentReconciliation>('PaymentReconciliation');
    const posted = await office.call(`PaymentReconciliation/${payment?.id ?? ''}/$post`);
    expect([posted.status, (posted.body as PaymentReconciliation).outcome]).toEqual([200, 'complete']);
    await handIn(sent(2, both));
    expect(await payments()).toEqual(['active complete 135']);
    expect([await stands('cash'), await stands('unidentified-payer-cash')]).toEqual([135, 0]);
    expect(await waiting()).toEqual([]);
    await expectSound();
  });

  test('neighbour: one whose payment cannot be read brings nothing but the Task of its file', async () => {
    await handIn(sent(1, both, true).replace('BPR*I*135*', 'BPR*I*ABC*'));
    expect(await payments()).toEqual([]);
    expect((await office.find<Task>('Task?code=inbound')).map((t) => t.status)).toEqual(['requested']);
    await expectSound();
  });
});
