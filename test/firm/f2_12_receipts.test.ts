import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { PaymentNotice } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { named, text } from './overHttp.ts';
import { allocation, code, day, money, nameOf, openOffice, type Office } from './receipts.ts';

describe.each(eachStore('firm-2-12'))('on %s', (_store, open) => {
  let office: Office;
  beforeEach(async () => {
    office = await openOffice(open);
  });
  afterEach(async () => {
    await office.check();
    await office.context.store.close();
  });
  const reason = text('reason', 'mistyped');

  test('2.12 a reference is unique per payer of the money and method', async () => {
    const invoice = await office.invoice(10_000);
    expect((await office.pay(invoice, 10, 'c-1')).codes).toContain('created');
    const other = await office.pay(invoice, 11, 'c-1');
    expect([other.status, other.codes]).toEqual([409, ['reference-used']]);
    const repeat = await office.pay(invoice, 10, 'c-1');
    expect([repeat.status, repeat.codes]).toEqual([200, ['already-there']]);
    expect(await office.balance('invoiced')).toBe(90);
  });

  test('2.12 a reversed receipt frees its reference', async () => {
    const invoice = await office.invoice(2500);
    const wrong = await office.pay(invoice, 2.5, 'check-77');
    await office.call(`${nameOf(wrong, 'receipt')}/$reverse`, [reason, day('2026-04-02')]);
    const right = await office.pay(invoice, 25, 'check-77', { on: '2026-04-02' });
    expect([right.status, right.codes]).toEqual([200, ['created', 'payment-applied']]);
    expect(await office.open(invoice)).toBe('balanced');
  });

  test('2.12 the same amount as the reversed receipt is posted again too', async () => {
    const invoice = await office.invoice(2500);
    const wrong = await office.pay(invoice, 2.5, 'check-77');
    await office.call(`${nameOf(wrong, 'receipt')}/$reverse`, [reason, day('2026-04-02')]);
    const again = await office.pay(invoice, 2.5, 'check-77', { on: '2026-04-02' });
    expect(again.codes).toEqual(['created', 'payment-applied']);
    expect(await office.balance('invoiced')).toBe(22.5);
  });

  test('2.12 " xr1 " is XR1', async () => {
    const invoice = await office.invoice(10_000);
    const first = await office.pay(invoice, 10, 'XR1');
    const repeat = await office.pay(invoice, 10, ' xr1 ');
    expect(repeat.codes).toEqual(['already-there']);
    expect(nameOf(repeat, 'receipt')).toBe(nameOf(first, 'receipt'));
    expect((await office.pay(invoice, 12, 'xr1')).status).toBe(409);
  });

  test('2.12 elsewhere the same number is a warning', async () => {
    const [own, others] = [await office.invoice(10_000), await office.invoice(10_000, 'b')];
    await office.pay(own, 10, '101');
    const payer = await office.pay(others, 10, '101');
    const method = await office.pay(own, 10, '101', { method: 'card' });
    for (const answer of [payer, method]) {
      expect([answer.status, answer.codes]).toEqual([
        200,
        ['created', 'payment-applied', 'reference-elsewhere'],
      ]);
      expect(answer.issues.at(-1)?.severity).toBe('warning');
    }
    expect((await office.pay(others, 11, '101')).status).toBe(409);
  });

  test('2.12 cash gets our receipt number, a check without one is refused', async () => {
    const invoice = await office.invoice(10_000);
    const paid = await office.pay(invoice, 10, undefined, { method: 'cash' });
    const [receipt] = paid.all<PaymentNotice>('receipt');
    expect(receipt?.payment.identifier?.value).toMatch(/^RCPT-[A-Z0-9]{12}$/);
    const check = await office.pay(invoice, 10, undefined);
    expect([check.status, check.codes]).toEqual([422, ['reference-missing']]);
  });

  test('2.12 neighbour: two cash payments without a number are two payments', async () => {
    const invoice = await office.invoice(10_000);
    const first = await office.pay(invoice, 10, undefined, { method: 'cash' });
    const second = await office.pay(invoice, 10, undefined, { method: 'cash' });
    expect(nameOf(first, 'receipt')).not.toBe(nameOf(second, 'receipt'));
    expect(await office.balance('invoiced')).toBe(80);
  });

  test('2.12 neighbour: a key of a store of before still answers a repeat, and is free when reversed', async () => {
    const invoice = await office.invoice(10_000);
    const first = await office.pay(invoice, 10, 'Old-7');
    const receipt = nameOf(first, 'receipt');
    await office.context.store.transaction(async (tx) => {
      for (const key of [
        'payment|Organization/clinic|Patient/a|check|OLD-7',
        'payment-number|Organization/clinic|OLD-7',
      ]) {
        expect(await tx.holder(key)).toBe(receipt);
        await tx.release(key);
      }
      await tx.reserve('payment|Organization/clinic|Old-7', receipt);
    });
    expect((await office.pay(invoice, 10, 'Old-7')).codes).toEqual(['already-there']);
    expect((await office.pay(invoice, 12, 'Old-7')).status).toBe(409);
    await office.call(`${receipt}/$reverse`, [reason, day('2026-04-02')]);
    expect((await office.pay(invoice, 12, 'Old-7')).codes).toContain('created');
  });

  test('2.12 neighbour: a named payer who pays for two patients uses his number once', async () => {
    const [own, others] = [await office.invoice(10_000), await office.invoice(10_000, 'b')];
    const payer = { more: [named('payer', 'Patient/b')] };
    await office.pay(own, 10, 'm-1', payer);
    expect((await office.pay(others, 10, 'm-1', payer)).status).toBe(409);
    const nobody = await office.pay(own, 5, 'm-2', { more: [named('payer', 'Patient/nobody')] });
    expect([nobody.status, nobody.codes]).toEqual([422, ['payer-unknown']]);
  });

  test('2.12 neighbour: a refund number is free when its refund was taken back', async () => {
    await office.pay('Account/a', 50, 'd-1');
    const refund = (amount: number) =>
      office.call('Account/a/$refund', [
        money(amount),
        code('method', 'check'),
        text('reference', ' r1'),
        day('2026-04-03'),
      ]);
    const first = await refund(10);
    expect((await refund(10)).codes).toEqual(['already-there']);
    expect((await refund(11)).status).toBe(409);
    await office.call(`${nameOf(first, 'receipt')}/$reverse`, [reason, day('2026-04-04')]);
    expect((await refund(11)).codes).toEqual(['created']);
    expect(await office.balance('unapplied')).toBe(39);
  });

  test('2.12 one receipt pays several Invoices, also of several Accounts', async () => {
    const [own, second, others] = [
      await office.invoice(3000),
      await office.invoice(2000),
      await office.invoice(4000, 'b'),
    ];
    const paid = await office.pay('Account/a', 90, 'fam-1', {
      more: [allocation(own, 30), allocation(second, 10), allocation(others, 40)],
    });
    expect(paid.status).toBe(200);
    expect(paid.all('invoice')).toHaveLength(3);
    expect([await office.open(own), await office.open(second), await office.open(others)]).toEqual([
      'balanced',
      'issued',
      'balanced',
    ]);
    expect([await office.balance('unapplied'), await office.balance('unapplied', 'b')]).toEqual([10, 0]);
    const { entries } = await office.context.store.entries({ count: 1000 });
    const own2 = entries.filter((e) => e.reason === 'patient-payment');
    expect(own2.map((e) => [e.account, e.postings.reduce((t, p) => t + p.amount, 0)])).toEqual([
      ['Account/a', 0],
      ['Account/b', 0],
    ]);
    const back = await office.call(`${nameOf(paid, 'receipt')}/$reverse`, [reason, day('2026-04-05')]);
    expect(back.all('invoice')).toHaveLength(3);
    expect([await office.balance('invoiced'), await office.balance('invoiced', 'b')]).toEqual([50, 40]);
  });

  test('2.12 neighbour: an allocation above the payment, above what is open or of nothing here is refused', async () => {
    const [own, others] = [await office.invoice(3000), await office.invoice(4000, 'b')];
    const refused = async (amount: number, parts: readonly (readonly [string, number])[]) => {
      const more = parts.map(([invoice, part]) => allocation(invoice, part));
      const { status, codes } = await office.pay(own, amount, 'x', { more });
      return [status, ...codes];
    };
    expect(
      await refused(10, [
        [own, 6],
        [others, 6],
      ]),
    ).toEqual([422, 'allocated-above-amount']);
    expect(await refused(90, [[own, 31]])).toEqual([422, 'above-open-amount']);
    expect(await refused(90, [['Invoice/none', 1]])).toEqual([422, 'invoice-unknown']);
    expect(
      await refused(90, [
        [own, 1],
        [own, 2],
      ]),
    ).toEqual([422, 'invoice-repeated']);
    expect(await office.balance('invoiced')).toBe(30);
  });
});
