import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Invoice, Organization } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { named, text } from './overHttp.ts';
import { code, day, money, nameOf, openOffice, type Office } from './receipts.ts';

describe.each(eachStore('firm-2-12-returned'))('on %s', (_store, open) => {
  let office: Office;
  beforeEach(async () => {
    office = await openOffice(open);
  });
  afterEach(async () => {
    await office.check();
    await office.context.store.close();
  });
  const reason = text('reason', 'bounced');
  const refund = (amount: number, reference: string) =>
    office.call('Account/a/$refund', [
      money(amount),
      code('method', 'check'),
      text('reference', reference),
      day('2026-04-02'),
    ]);

  /** A check of 130.00 on an Invoice of 100.00, its 30.00 refunded, then the check bounces. */
  async function bounced() {
    const invoice = await office.invoice(10_000);
    const paid = await office.pay(invoice, 130, 'b-1');
    await refund(30, 'back-1');
    const back = await office.call(`${nameOf(paid, 'receipt')}/$reverse`, [reason, day('2026-04-09')]);
    const asked = back.all<Invoice>('invoice').find((i) => `Invoice/${i.id ?? ''}` !== invoice);
    return { invoice, back, asked, receipt: nameOf(paid, 'receipt') };
  }

  test('2.12 a check that bounces after its credit was refunded: the Invoices reopen, the refund is owed', async () => {
    const { invoice, back, asked } = await bounced();
    expect([back.status, back.codes]).toEqual([200, ['reversed', 'refund-owed']]);
    expect(await office.open(invoice)).toBe('issued');
    expect([asked?.status, asked?.totalNet?.value, asked?.lineItem?.length]).toEqual(['issued', 30, 1]);
    expect(asked?.lineItem?.[0]?.chargeItemReference).toBeUndefined();
    const figures = ['patient', 'invoiced', 'unapplied', 'total'].map((name) => office.balance(name));
    expect(await Promise.all(figures)).toEqual([130, 130, 0, 130]);
    const journal = await office.context.store.journal('Account/a');
    const returned = journal.flatMap((e) =>
      e.postings.filter((p) => p.account === 'receivable-patient-returned'),
    );
    expect(returned.map((p) => [p.amount, p.invoice, p.charge])).toEqual([
      [3000, `Invoice/${asked?.id ?? ''}`, undefined],
    ]);
  });

  test('2.12 the Invoice for the refund is paid by $record-payment, and reopens when that bounces too', async () => {
    const { asked } = await bounced();
    const name = `Invoice/${asked?.id ?? ''}`;
    const paid = await office.pay(name, 30, 'b-2', { on: '2026-04-10' });
    expect(paid.codes).toEqual(['created', 'payment-applied']);
    expect(await office.open(name)).toBe('balanced');
    const back = await office.call(`${nameOf(paid, 'receipt')}/$reverse`, [reason, day('2026-04-12')]);
    expect(back.codes).toEqual(['reversed']);
    expect(await office.open(name)).toBe('issued');
  });

  test('2.12 neighbour: the bounce told a second time changes nothing', async () => {
    const { receipt } = await bounced();
    const again = await office.call(`${receipt}/$reverse`, [reason, day('2026-04-10')]);
    expect(again.codes).toEqual(['already-there']);
    expect(await office.balance('total')).toBe(130);
  });

  test('2.12 neighbour: the refund that never arrived is credit, and meets what the bounce asked for', async () => {
    const { asked, invoice } = await bounced();
    const refunds = (
      await office.get<{ entry: { resource: { id: string; amount: { value: number } } }[] }>('PaymentNotice')
    ).entry.map((e) => e.resource);
    const id = refunds.find((r) => r.amount.value < 0)?.id ?? '';
    await office.call(`PaymentNotice/${id}/$reverse`, [reason, day('2026-04-11')]);
    expect(await office.balance('unapplied')).toBe(30);
    const applied = await office.call('Account/a/$apply-credit', [
      named('invoice', `Invoice/${asked?.id ?? ''}`),
      day('2026-04-12'),
    ]);
    expect(applied.codes).toEqual(['credit-applied']);
    expect([await office.open(`Invoice/${asked?.id ?? ''}`), await office.open(invoice)]).toEqual([
      'balanced',
      'issued',
    ]);
  });

  test('2.12 $apply-credit puts credit on the open Invoices, the oldest first', async () => {
    const [older, newer] = [await office.invoice(3000), await office.invoice(4000)];
    await office.call('Account/a/$record-payment', [
      ...[money(50), code('method', 'check'), text('reference', 'd-1'), day('2026-02-01')],
      named('encounter', 'Encounter/visit-1'),
    ]);
    // the deposit came after the Invoices were made, though it counts from before
    const answer = await office.call('Account/a/$apply-credit', [day('2026-04-01')]);
    expect(answer.codes).toEqual(['credit-applied', 'credit-applied']);
    expect([await office.open(older), await office.open(newer)]).toEqual(['balanced', 'issued']);
    expect([await office.balance('invoiced'), await office.balance('unapplied')]).toEqual([20, 0]);
    const none = await office.call('Account/a/$apply-credit', [day('2026-04-01')]);
    expect([none.status, none.codes]).toEqual([200, ['nothing-applied']]);
  });

  test('2.12 $apply-credit with an Invoice and an amount; more than there is or is open is refused', async () => {
    const [older, newer] = [await office.invoice(3000), await office.invoice(400)];
    await office.pay('Account/a', 50, 'd-1', { on: '2026-02-01' });
    const apply = (amount: number, invoice: string) =>
      office.call('Account/a/$apply-credit', [money(amount), named('invoice', invoice), day('2026-04-01')]);
    expect((await apply(51, older)).codes).toEqual(['above-unapplied-credit']);
    expect((await apply(5, newer)).codes).toEqual(['above-open-amount']);
    expect((await apply(3, newer)).all<Invoice>('invoice').map((i) => i.id)).toEqual([newer.slice(8)]);
    expect([await office.balance('invoiced'), await office.balance('unapplied')]).toEqual([31, 47]);
    const other = await office.invoice(100, 'b');
    expect((await apply(1, other)).codes).toEqual(['invoice-of-another-account']);
  });

  test('2.12 neighbour: a deposit that bounces after it met an Invoice opens that Invoice again', async () => {
    const invoice = await office.invoice(3000);
    const paid = await office.pay('Account/a', 50, 'd-1', { on: '2026-02-01' });
    await office.call('Account/a/$apply-credit', [day('2026-04-01')]);
    expect(await office.open(invoice)).toBe('balanced');
    const back = await office.call(`${nameOf(paid, 'receipt')}/$reverse`, [reason, day('2026-04-02')]);
    expect(back.codes).toEqual(['reversed', 'credit-released']);
    expect([await office.open(invoice), await office.balance('unapplied')]).toEqual(['issued', 0]);
  });

  const writeOff = (invoice: string, amount: number, why: string, reference?: string, on = '2026-05-01') =>
    office.call(`${invoice}/$write-off`, [
      money(amount),
      code('reason', why),
      ...(reference === undefined ? [] : [text('reference', reference)]),
      day(on),
    ]);

  test('2.12 $write-off has a reference and is once: a repeat answers the first', async () => {
    const invoice = await office.invoice(10_000);
    expect((await writeOff(invoice, 10, 'charity', 'w1')).codes).toEqual(['written-off']);
    expect((await writeOff(invoice, 10, 'charity', ' W1 ')).codes).toEqual(['already-there']);
    const other = await writeOff(invoice, 11, 'charity', 'w1');
    expect([other.status, other.codes]).toEqual([409, ['reference-used']]);
    expect((await writeOff(invoice, 10, 'charity', 'w2')).codes).toEqual(['written-off']);
    expect(await office.balance('invoiced')).toBe(80);
  });

  test('2.12 neighbour: ten equal write-offs without a reference at once are one', async () => {
    const invoice = await office.invoice(10_000);
    const answers = await Promise.all(Array.from({ length: 10 }, () => writeOff(invoice, 10, 'charity')));
    expect(answers.map((a) => a.status)).toEqual(Array<number>(10).fill(200));
    expect(await office.balance('invoiced')).toBe(90);
  });

  test('2.12 $write-off takes reasons of the practice, each with its account', async () => {
    const invoice = await office.invoice(10_000);
    const clinic = await office.get<Organization & { id: string }>('Organization/clinic');
    const url = 'https://claimwright.example/fhir/StructureDefinition/write-off-reason';
    const own = (reasonCode: string, account: string) => ({
      url,
      extension: [
        { url: 'code', valueCode: reasonCode },
        { url: 'account', valueCode: account },
      ],
    });
    await office.put({ ...clinic, extension: [own('hardship', 'charity-adjustment'), own('bent', 'cash')] });
    expect((await writeOff(invoice, 10, 'hardship')).codes).toEqual(['written-off']);
    expect((await writeOff(invoice, 10, 'bent')).codes).toEqual(['write-off-reason']);
    expect((await writeOff(invoice, 10, 'whim')).codes).toEqual(['write-off-reason']);
    const [entry] = (await office.context.store.journal('Account/a')).filter((e) => e.reason === 'write-off');
    expect(entry?.postings.map((p) => [p.account, p.amount])).toEqual([
      ['charity-adjustment', 1000],
      ['receivable-patient-invoiced', -1000],
    ]);
  });

  test('2.12 a write-off can be reversed, once, and its reference is free then', async () => {
    const invoice = await office.invoice(1000);
    await writeOff(invoice, 10, 'charity', 'w1');
    expect(await office.open(invoice)).toBe('balanced');
    const back = (reference: string) =>
      office.call(`${invoice}/$reverse-write-off`, [text('reference', reference), day('2026-05-02')]);
    expect((await back('w9')).codes).toEqual(['write-off-unknown']);
    expect((await back('w1')).codes).toEqual(['reversed']);
    expect((await back('w1')).codes).toEqual(['already-there']);
    expect([await office.open(invoice), await office.balance('invoiced')]).toEqual(['issued', 10]);
    expect((await writeOff(invoice, 4, 'bad-debt', 'w1', '2026-05-02')).codes).toEqual(['written-off']);
  });
});
