import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Invoice, ParametersParameter, PaymentNotice } from '@medplum/fhirtypes';
import { balance, openOf } from '../../src/billing/ledger/index.ts';
import { negate } from '../../src/datatypes/cents.ts';
import type { Entry } from '../../src/datatypes/entry.ts';
import {
  answerClaim,
  captureVisit,
  openPractice,
  submitVisit,
  type Practice,
} from '../fixture/answeredVisit.ts';
import { businessDate, called, payment, type Called } from '../fixture/called.ts';
import { decisionsOf, storyClaim } from '../fixture/storyClaim.ts';
import { testContext } from '../context.ts';

let practice: Practice;
let invoice: string; // of story 2: 25.00, 593.76 and 16.72

const call = (path: string, parameters: readonly ParametersParameter[]): Promise<Called> =>
  called(practice.context, path, parameters);
const journal = (): Promise<Entry[]> => practice.context.store.journal(practice.account);
const on = (day: string): ParametersParameter[] => [businessDate(day)];
const receiptOf = (answer: Called): PaymentNotice | undefined => answer.all<PaymentNotice>('receipt')[0];
const invoiceOf = (answer: Called): Invoice | undefined => answer.all<Invoice>('invoice')[0];
const credit = async (): Promise<number> =>
  negate(balance(await journal(), { account: 'unapplied-patient-credit' }));

async function invoiced(story: string, name: string): Promise<string> {
  const decisions = decisionsOf(storyClaim(story));
  const charges = decisions.map((d) => d.submitted);
  await captureVisit(practice, { name, on: '2026-03-11', charges });
  await submitVisit(practice, { name, claim: name, on: '2026-03-12', charges });
  await answerClaim(practice, { name, claim: name, payer: 'first', on: '2026-03-26', decisions });
  const answer = await call(`ExplanationOfBenefit/${name}/$generate-invoice`, on('2026-03-26'));
  return `Invoice/${invoiceOf(answer)?.id ?? ''}`;
}

beforeEach(async () => {
  practice = await openPractice(await testContext());
  invoice = await invoiced('2', 'two');
});

describe('what is refused leaves everything as it was', () => {
  const amount = "Parameters.parameter.where(name='amount').value";
  const money = (value: number, currency: 'USD' | 'EUR' = 'USD') => ({
    name: 'amount',
    valueMoney: { value, currency },
  });
  const others = payment(1, 'r').slice(1);
  test.each<[string, ParametersParameter[], number, string, string]>([
    ['a payment of nothing', payment(0, 'r'), 422, 'amount-not-positive', `${amount}.value`],
    ['a negative payment', payment(-5, 'r'), 422, 'amount-not-positive', `${amount}.value`],
    ['a part of a cent', payment(10.005, 'r'), 422, 'finer-than-a-cent', `${amount}.value`],
    ['another currency', [money(10, 'EUR'), ...others], 422, 'currency-not-billed', `${amount}.currency`],
    ['no amount', others, 400, 'missing-parameter', 'Parameters.parameter'],
    [
      'an unknown method',
      [money(5), { name: 'method', valueCode: 'barter' }, { name: 'reference', valueString: 'r' }],
      422,
      'payment-method',
      "Parameters.parameter.where(name='method').value",
    ],
    [
      'a day to come',
      [...payment(5, 'r'), { name: 'date', valueDate: '2999-01-01' }],
      422,
      'date-in-future',
      "Parameters.parameter.where(name='date').value",
    ],
  ])('%s', async (_name, parameters, status, code, expression) => {
    const before = await journal();
    for (const path of [`${invoice}/$record-payment`, 'Account/a/$record-payment']) {
      const answer = await call(path, parameters);
      expect([answer.status, answer.codes, answer.issues[0]?.expression]).toEqual([
        status,
        [code],
        [expression],
      ]);
    }
    expect(await journal()).toEqual(before);
    expect((await practice.context.store.entries({ count: 1000 })).entries).toEqual(before);
  });

  test('every fault of a payment is told at once', async () => {
    const bad = [money(0), { name: 'method', valueCode: 'barter' }, { name: 'reference', valueString: '1' }];
    const answer = await call(`${invoice}/$record-payment`, bad);
    expect(answer.codes).toEqual(['amount-not-positive', 'payment-method']);
  });

  test('a visit of another patient', async () => {
    const other = await openPractice(practice.context, 'b');
    await captureVisit(other, { name: 'theirs', on: '2026-03-11', charges: [] });
    const encounter = { name: 'encounter', valueReference: { reference: 'Encounter/theirs' } };
    const answer = await call('Account/a/$record-payment', payment(5, 'r', [encounter]));
    expect([answer.status, answer.codes]).toEqual([422, ['encounter-of-another-patient']]);
  });

  test('an Invoice that is not here', async () => {
    const answer = await call('Invoice/none/$record-payment', payment(5, 'r'));
    expect([answer.status, answer.codes]).toEqual([404, ['not-found']]);
  });
});

describe('a payment reference', () => {
  const pay = (value: number, at = invoice): Promise<Called> =>
    call(`${at}/$record-payment`, payment(value, 'check 7', on('2026-04-01')));

  test('used again for the same is answered with the first receipt and posts nothing', async () => {
    const first = await pay(100);
    const posted = await journal();
    const again = await pay(100);
    expect(again.codes).toEqual(['already-there']);
    expect(receiptOf(again)).toEqual(receiptOf(first));
    expect(await journal()).toEqual(posted);
  });

  test('used by a hundred calls at once gives one receipt, the same in every answer', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => pay(100)));
    expect(answers.map((a) => a.status)).toEqual(Array<number>(100).fill(200));
    const versions = new Set(
      answers.map((a) =>
        [...a.all<PaymentNotice>('receipt'), ...a.all<Invoice>('invoice')]
          .map((r) => `${r.id ?? ''}/${r.meta?.versionId ?? ''}`)
          .join(' '),
      ),
    );
    expect(versions.size).toBe(1);
    expect(openOf(await journal(), invoice)).toBe(53548);
  });

  test('used for another amount or Invoice is refused, naming the receipt', async () => {
    const first = await pay(100);
    const posted = await journal();
    const other = await invoiced('1', 'one');
    const after = await journal();
    for (const answer of [await pay(101), await pay(100, other)]) {
      expect([answer.status, answer.codes]).toEqual([409, ['reference-used']]);
      expect(answer.issues[0]?.details?.text).toContain(`PaymentNotice/${receiptOf(first)?.id ?? ''}`);
      expect(answer.issues[0]?.expression).toEqual(["Parameters.parameter.where(name='reference').value"]);
    }
    expect(posted.length).toBeLessThan(after.length);
    expect(await journal()).toEqual(after);
  });
});

test('a receipt names what was paid, how, when, to whom', async () => {
  const answer = await call(
    `${invoice}/$record-payment`,
    payment(100, 'check 7', [...on('2026-04-01'), { name: 'date', valueDate: '2026-03-30' }]),
  );
  expect(receiptOf(answer)).toMatchObject({
    resourceType: 'PaymentNotice',
    status: 'active',
    request: { reference: invoice },
    created: '2026-04-01',
    paymentDate: '2026-03-30',
    payment: {
      identifier: { system: 'https://claimwright.example/fhir/sid/payment-reference', value: 'check 7' },
    },
    recipient: { reference: 'Organization/clinic' },
    amount: { value: 100, currency: 'USD' },
    paymentStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/paymentstatus', code: 'paid' }],
    },
  });
});

test('a payment meets the lines in their order', async () => {
  await call(`${invoice}/$record-payment`, payment(30, 'r', on('2026-04-01')));
  const [entry] = (await journal()).slice(-1);
  expect(entry?.postings.map((p) => [p.account, p.item, p.amount])).toEqual([
    ['cash', undefined, 3000],
    ['receivable-patient-invoiced', 1, -2500],
    ['receivable-patient-invoiced', 2, -500],
  ]);
});

test('on a balanced Invoice all becomes credit, with a warning', async () => {
  await call(`${invoice}/$record-payment`, payment(635.48, 'r', on('2026-04-01')));
  const answer = await call(`${invoice}/$record-payment`, payment(10, 's', on('2026-04-02')));
  expect(answer.codes).toEqual(['created', 'unapplied-credit', 'invoice-balanced']);
  expect(answer.issues.at(-1)?.severity).toBe('warning');
  expect(invoiceOf(answer)?.status).toBe('balanced');
  expect(await credit()).toBe(1000);
});

test('a payment on an Account meets its Invoices, the oldest first', async () => {
  const second = await invoiced('1', 'one');
  const answer = await call('Account/a/$record-payment', payment(640.48, 'r', on('2026-04-01')));
  expect(answer.all<Invoice>('invoice').map((i) => [`Invoice/${i.id ?? ''}`, i.status])).toEqual([
    [invoice, 'balanced'],
    [second, 'issued'],
  ]);
  expect(openOf(await journal(), second)).toBe(2000);
  expect(await credit()).toBe(0);
});

test('a copay for one visit is not spent on the bill of another that is still with its payer', async () => {
  await captureVisit(practice, {
    name: 'later',
    on: '2026-04-01',
    charges: decisionsOf(storyClaim('1')).map((d) => d.submitted),
  });
  const encounter = { name: 'encounter', valueReference: { reference: 'Encounter/later' } };
  await call('Account/a/$record-payment', payment(25, 'copay', [encounter, ...on('2026-04-01')]));
  const other = await invoiced('5', 'five');
  expect(openOf(await journal(), other)).toBe(19815);
  expect(await credit()).toBe(2500);
});

test('a payment taken back opens the Invoice again, once', async () => {
  const paid = await call(`${invoice}/$record-payment`, payment(700, 'r', on('2026-04-01')));
  const id = receiptOf(paid)?.id ?? '';
  const reason = { name: 'reason', valueString: 'mistyped' };
  const back = await call(`PaymentNotice/${id}/$reverse`, [reason, ...on('2026-04-02')]);
  expect(back.codes).toEqual(['reversed']);
  expect([receiptOf(back)?.status, invoiceOf(back)?.status]).toEqual(['cancelled', 'issued']);
  expect(openOf(await journal(), invoice)).toBe(63548);
  expect(await credit()).toBe(0);
  const posted = await journal();
  const again = await call(`PaymentNotice/${id}/$reverse`, [reason, ...on('2026-04-03')]);
  expect(again.codes).toEqual(['already-there']);
  expect(receiptOf(again)).toEqual(receiptOf(back));
  expect(await journal()).toEqual(posted);
  const anew = await call(`${invoice}/$record-payment`, payment(700, 'r', on('2026-04-04')));
  expect(anew.codes).toEqual(['created', 'payment-applied', 'unapplied-credit']); // a reversed receipt frees its reference
});

test('a payment whose credit was refunded is taken back: the patient owes the bill and the refund', async () => {
  const paid = await call('Account/a/$record-payment', payment(700, 'r', on('2026-04-01')));
  const refunded = await call('Account/a/$refund', payment(64.52, 'back 1', on('2026-04-02')));
  expect(refunded.codes).toEqual(['created']);
  const reason = { name: 'reason', valueString: 'bounced' };
  const path = `PaymentNotice/${receiptOf(paid)?.id ?? ''}/$reverse`;
  const back = await call(path, [reason, ...on('2026-04-03')]);
  expect(back.codes).toEqual(['reversed', 'refund-owed']);
  expect(back.all<Invoice>('invoice').map((i) => i.totalNet?.value)).toEqual([635.48, 64.52]);
  expect(await credit()).toBe(0);
  expect(balance(await journal(), { account: 'receivable-patient-returned' })).toBe(6452);
  expect(balance(await journal(), { account: 'cash' })).toBe(9687 - 6452); // the insurer's, less what was refunded
  await call(`PaymentNotice/${receiptOf(refunded)?.id ?? ''}/$reverse`, [reason, ...on('2026-04-04')]);
  expect(await credit()).toBe(6452);
  expect((await call('Account/a/$apply-credit', on('2026-04-05'))).codes).toEqual(['credit-applied']);
});

describe('a refund', () => {
  test('above the unapplied credit is refused and changes nothing', async () => {
    await call('Account/a/$record-payment', payment(700, 'r', on('2026-04-01')));
    const before = await journal();
    const answer = await call('Account/a/$refund', payment(64.53, 'back', on('2026-04-02')));
    expect([answer.status, answer.codes, answer.issues[0]?.expression]).toEqual([
      422,
      ['above-unapplied-credit'],
      ["Parameters.parameter.where(name='amount').value.value"],
    ]);
    expect(await journal()).toEqual(before);
  });

  test('before the money came is refused', async () => {
    await call('Account/a/$record-payment', payment(700, 'r', on('2026-04-10')));
    const answer = await call('Account/a/$refund', payment(10, 'back', on('2026-04-09')));
    expect([answer.status, answer.codes]).toEqual([422, ['above-unapplied-credit']]);
  });

  test('has a receipt of a negative amount; a repeat is answered with it', async () => {
    await call('Account/a/$record-payment', payment(700, 'r', on('2026-04-01')));
    const answer = await call('Account/a/$refund', payment(64.52, 'back', on('2026-04-02')));
    expect(receiptOf(answer)?.amount).toEqual({ value: -64.52, currency: 'USD' });
    const again = await call('Account/a/$refund', payment(64.52, 'back', on('2026-04-02')));
    expect(again.codes).toEqual(['already-there']);
    expect(receiptOf(again)).toEqual(receiptOf(answer));
    expect(await credit()).toBe(0);
  });
});

describe('a write-off', () => {
  const reason = (valueCode: string) => ({ name: 'reason', valueCode });
  const writeOff = (value: number, why: string): Promise<Called> =>
    call(`${invoice}/$write-off`, [payment(value, '')[0] ?? reason(why), reason(why), ...on('2026-05-01')]);

  test.each([
    ['bad-debt', 'bad-debt-expense'],
    ['charity', 'charity-adjustment'],
    ['small-balance', 'small-balance-adjustment'],
  ] as const)('of reason %s is booked as %s', async (why, account) => {
    const answer = await writeOff(35.48, why);
    expect(answer.codes).toEqual(['written-off']);
    expect(invoiceOf(answer)?.status).toBe('issued');
    expect(balance(await journal(), { account })).toBe(3548);
    expect(openOf(await journal(), invoice)).toBe(60000);
  });

  test('of all that is open balances the Invoice; more is refused', async () => {
    await call(`${invoice}/$record-payment`, payment(600, 'r', on('2026-04-01')));
    const above = await writeOff(35.49, 'charity');
    expect([above.status, above.codes]).toEqual([422, ['above-open-amount']]);
    expect(invoiceOf(await writeOff(35.48, 'charity'))?.status).toBe('balanced');
  });

  test('without a reason we know is refused', async () => {
    const answer = await writeOff(1, 'whim');
    expect([answer.status, answer.codes]).toEqual([422, ['write-off-reason']]);
  });
});

test('a payment is never posted before the Invoice it meets', async () => {
  const answer = await call(`${invoice}/$record-payment`, payment(100, 'r', on('2026-03-01')));
  expect(receiptOf(answer)?.created).toBe('2026-03-26');
  expect((await journal()).at(-1)?.on).toBe('2026-03-26');
});
