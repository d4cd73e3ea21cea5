import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Account } from '@medplum/fhirtypes';
import { numberOfMoney } from '../../../src/billing/payment/numberOfMoney.ts';
import { text } from '../../firm/overHttp.ts';
import { code, day, openOffice, type Office } from '../../firm/receipts.ts';
import { eachStore } from '../../http/eachStore.ts';

describe.each(eachStore('office-numbers'))('on %s', (_store, open) => {
  let office: Office;
  let invoice: string;
  beforeAll(async () => {
    office = await openOffice(open);
    invoice = await office.invoice(10_000);
  });
  afterAll(() => office.context.store.close());

  test('8 card numbers are refused as the reference of a payment, and not repeated', async () => {
    const answer = await office.pay(invoice, 10, '4111 1111 1111 1111');
    expect([answer.status, answer.codes]).toEqual([422, ['number-of-money']]);
    expect(JSON.stringify(answer.body)).not.toContain('1111');
    expect(answer.issues[0]?.expression).toEqual(['Parameters.parameter[2].valueString']);
    expect(await office.balance('invoiced')).toBe(100);
  });

  test('8 card numbers are refused in a note that a client writes, and not repeated', async () => {
    const account = await office.get<Account & { id: string }>('Account/a');
    const answer = await office.put({ ...account, description: 'card 5555-5555-5555-4444 exp 12/27' });
    expect([answer.status, answer.codes]).toEqual([422, ['number-of-money']]);
    expect(JSON.stringify(answer.body)).not.toContain('5555');
    const task = { resourceType: 'Task', id: 't', status: 'requested', intent: 'order' } as const;
    const noted = await office.put({ ...task, note: [{ text: 'routing 021000021, acct 123456789' }] });
    expect([noted.status, noted.codes]).toEqual([422, ['number-of-money']]);
  });

  test('8 card numbers neighbour: bank numbers are refused in the reason of a write-off', async () => {
    const told = [
      { name: 'amount', valueMoney: { value: 5, currency: 'USD' as const } },
      code('reason', 'charity'),
      text('reference', 'DE89 3704 0044 0532 0130 00'),
      day('2026-04-01'),
    ];
    expect((await office.call(`${invoice}/$write-off`, told)).codes).toEqual(['number-of-money']);
  });

  test('8 card numbers neighbour: the number of a check and the token of a processor are taken', async () => {
    expect((await office.pay(invoice, 1, '100245')).status).toBe(200);
    expect((await office.pay(invoice, 1, 'pi_3OqT2eLkdIwHu7ix0PzGZ5Yv')).status).toBe(200);
  });
});

test('8 numbers of money: a long text of many numbers is read in no time, and a card at its end is found', () => {
  const long = `1234 ${'1 '.repeat(40_000)}`;
  const began = performance.now();
  expect(numberOfMoney(long)).toBeUndefined();
  expect(numberOfMoney(`${long}4111 1111 1111 1111`)).toBe('card');
  expect(performance.now() - began).toBeLessThan(5000);
});

test.each([
  ['4111111111111111', 'card'],
  ['paid with VISA 4111-1111-1111-1111 12/27', 'card'],
  ['378282246310005', 'card'],
  ['6011 1111 1111 1117', 'card'],
  ['4111111111111112', undefined], // its check digit is another one
  ['1234567890123456', undefined],
  ['routing 021000021 account 000123456789', 'bank account'],
  ['checking account 12345678', 'bank account'],
  ['GB82 WEST 1234 5698 7654 32', 'bank account'],
  ['check 021000021', undefined],
  ['acct 100234 moved to 2026-03-04', undefined],
  ['835 trace 0123456789012345', undefined],
  ['4f2d4111-1111-4111-8111-111111111111', undefined],
  ['Account/41111111-1111-4111-8111-111111111111', undefined],
  ['NPI 1234567893', undefined],
] as const)('8 numbers of money: %s is %s', (said, kind) => {
  expect(numberOfMoney(said)).toBe(kind);
});
