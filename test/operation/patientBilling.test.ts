import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Invoice, ParametersParameter, PaymentNotice, Task } from '@medplum/fhirtypes';
import { openOf, trialBalance } from '../../src/billing/ledger/index.ts';
import { cents, toText } from '../../src/datatypes/cents.ts';
import type { Entry } from '../../src/datatypes/entry.ts';
import { find, readResource } from '../../src/interaction/repository.ts';
import {
  answerClaim,
  captureVisit,
  openPractice,
  submitVisit,
  type Practice,
} from '../fixture/answeredVisit.ts';
import { businessDate, called, payment, type Called } from '../fixture/called.ts';
import { amountOf, decisionsOf, stories, storyClaim } from '../fixture/storyClaim.ts';
import { testContext } from '../context.ts';

let practice: Practice;
beforeEach(async () => {
  practice = await openPractice(await testContext());
});

const call = (
  path: string,
  parameters: readonly ParametersParameter[] = [businessDate('2026-07-01')],
): Promise<Called> => called(practice.context, path, parameters);
const journal = (): Promise<Entry[]> => practice.context.store.journal(practice.account);
const invoices = async (): Promise<Invoice[]> => find<Invoice>(practice.context.store, 'Invoice', {});

/** A visit of the stories up to its payer's answer: Claim/<name>, ExplanationOfBenefit/<name>. */
async function answered(
  story: string,
  name: string,
  over: { payer?: string; next?: string } = {},
): Promise<void> {
  const decisions = decisionsOf(storyClaim(story));
  const charges = decisions.map((d) => d.submitted);
  await captureVisit(practice, { name, on: '2026-06-09', charges });
  await submitVisit(practice, { name, claim: name, on: '2026-06-10', charges });
  const reply = { name, claim: name, payer: 'first', on: '2026-06-24', decisions } as const;
  await answerClaim(practice, over.next === undefined ? reply : { ...reply, next: over.next });
}

describe('story 10', () => {
  const copay = payment(25, 'copay', [
    { name: 'encounter', valueReference: { reference: 'Encounter/ten' } },
    businessDate('2026-06-09'),
  ]);

  const play = async (): Promise<string> => {
    await captureVisit(practice, { name: 'ten', on: '2026-06-09', charges: [] });
    const atCheckIn = await call('Account/a/$record-payment', copay);
    expect(atCheckIn.codes).toEqual(['created', 'unapplied-credit']);
    await answered('10', 'ten');
    const billed = await call('ExplanationOfBenefit/ten/$generate-invoice', [businessDate('2026-06-24')]);
    const [invoice] = billed.all<Invoice>('invoice');
    expect(billed.codes).toEqual(['credit-applied', 'created']);
    expect(invoice?.totalNet?.value).toBe(131.26);
    const path = `Invoice/${invoice?.id ?? ''}/$record-payment`;
    await call(path, payment(60, 'card 1', [businessDate('2026-07-02')]));
    const [issued] = await invoices();
    expect(issued?.status).toBe('issued');
    const check = await call(path, payment(100, 'check 1', [businessDate('2026-07-20')]));
    expect(check.codes).toEqual(['created', 'payment-applied', 'unapplied-credit']);
    expect(check.all<Invoice>('invoice').map((i) => i.status)).toEqual(['balanced']);
    return invoice?.id ?? '';
  };

  test('is journalled row by row as worked out', async () => {
    await play();
    const words: Readonly<Record<string, string>> = {
      cash: 'cash',
      'unapplied-patient-credit': 'unapplied credit',
      'receivable-unbilled': 'receivable, unbilled',
      revenue: 'revenue',
      'receivable-insurance-open': 'insurance receivable',
      'contractual-adjustment': 'contractual adjustment',
      'receivable-patient-not-invoiced': 'patient receivable, not invoiced',
      'receivable-patient-invoiced': 'patient receivable, invoiced',
    };
    const rows = new Map<string, number>();
    for (const { on, postings } of await journal()) {
      const debits = [...new Set(postings.filter((p) => p.amount > 0).map((p) => p.account))];
      expect(debits).toHaveLength(1);
      for (const p of postings.filter((c) => c.amount < 0)) {
        const row = `${on} ${words[debits[0] ?? ''] ?? ''} / ${words[p.account] ?? ''}`;
        rows.set(row, (rows.get(row) ?? 0) - p.amount);
      }
    }
    expect([...rows].map(([row, amount]) => `${row} ${toText(cents(amount))}`)).toEqual(
      stories.journal10.map((j) => `${j.on} ${j.debit} / ${j.credit} ${j.amount}`),
    );
  });

  test('ends with nothing owed and a credit of 28.74, which the next Invoice takes up', async () => {
    const first = await play();
    const totals = trialBalance(await journal());
    expect(totals.get('receivable-patient-invoiced')).toBe(0);
    expect(totals.get('unapplied-patient-credit')).toBe(-2874);
    expect(totals.get('cash')).toBe(amountOf('198.58') + amountOf('185.00'));
    await answered('1', 'next');
    const billed = await call('ExplanationOfBenefit/next/$generate-invoice', [businessDate('2026-08-01')]);
    expect(billed.codes).toEqual(['credit-applied', 'nothing-owed']);
    expect(billed.all('invoice')).toEqual([]);
    expect(trialBalance(await journal()).get('unapplied-patient-credit')).toBe(-374);
    expect((await invoices()).map((i) => i.id)).toEqual([first]);
  });
});

test('the same explanation gives the same Invoice, id and version, and posts once', async () => {
  await answered('2', 'two');
  const first = await call('ExplanationOfBenefit/two/$generate-invoice');
  const posted = await journal();
  const again = await call('ExplanationOfBenefit/two/$generate-invoice');
  expect(again.codes).toEqual(['already-there']);
  expect(again.all<Invoice>('invoice')).toEqual(first.all<Invoice>('invoice'));
  expect(await journal()).toEqual(posted);
});

test('a hundred calls at once give one Invoice and a hundred equal answers', async () => {
  await answered('2', 'two');
  const calls = Array.from({ length: 100 }, () => call('ExplanationOfBenefit/two/$generate-invoice'));
  const answers = await Promise.all(calls);
  expect(new Set(answers.map((a) => a.status))).toEqual(new Set([200]));
  const named = answers
    .flatMap((a) => a.all<Invoice>('invoice'))
    .map((i) => `${i.id ?? ''}/${i.meta?.versionId ?? ''}`);
  expect(named).toHaveLength(100);
  expect(new Set(named).size).toBe(1);
  expect(await invoices()).toHaveLength(1);
});

test('a dry run says what would be asked and writes nothing', async () => {
  await answered('2', 'two');
  const posted = await journal();
  const dry = [businessDate('2026-07-01'), { name: 'dryRun', valueBoolean: true }];
  const answer = await call('ExplanationOfBenefit/two/$generate-invoice', dry);
  expect(answer.all<Invoice>('invoice')[0]?.totalNet?.value).toBe(635.48);
  expect(await journal()).toEqual(posted);
  expect(await invoices()).toEqual([]);
});

test("a denial of group CO is never the patient's: no Invoice, and why", async () => {
  await answered('4', 'four');
  const answer = await call('ExplanationOfBenefit/four/$generate-invoice');
  expect(answer.codes).toEqual(['nothing-owed']);
  expect(answer.issues[0]?.details?.text).toContain('3,964.50 of Claim/four is denied');
  expect(await invoices()).toEqual([]);
});

test('PR-27 is invoiced, and one Task asks to look for other coverage', async () => {
  await answered('5', 'five');
  const answer = await call('ExplanationOfBenefit/five/$generate-invoice');
  expect(answer.codes).toEqual(['created', 'find-coverage']);
  expect(answer.all<Invoice>('invoice')[0]?.totalNet?.value).toBe(198.15);
  await call('ExplanationOfBenefit/five/$generate-invoice');
  const tasks = await find<Task>(practice.context.store, 'Task', {});
  expect(tasks.map((t) => [t.code?.coding?.[0]?.code, t.focus?.reference])).toEqual([
    ['find-coverage', 'Claim/five'],
  ]);
});

test('while a further payer is pending nothing is asked; afterwards the last payer counts, from either explanation', async () => {
  await answered('7 first', 'seven', { next: 'seven-2' });
  const early = await call('ExplanationOfBenefit/seven/$generate-invoice');
  expect(early.codes).toEqual(['further-payer-pending']);
  expect(await invoices()).toEqual([]);
  const coinsurance = { group: 'PR', reason: '2', amount: cents(439) } as const;
  const left = decisionsOf(storyClaim('7 second')).map((d, i) =>
    i > 0 ? d : { ...d, paid: cents(2000), adjustments: [...d.adjustments, coinsurance] },
  );
  await answerClaim(practice, {
    name: 'seven',
    claim: 'seven-2',
    payer: 'second',
    on: '2026-08-13',
    decisions: left,
  });
  const late = await call('ExplanationOfBenefit/seven/$generate-invoice', [businessDate('2026-08-14')]);
  expect(late.codes).toEqual(['last-payer', 'created']);
  const [invoice] = late.all<Invoice>('invoice');
  expect(invoice?.totalNet?.value).toBe(4.39);
  expect(invoice?.extension?.[0]?.valueReference?.reference).toBe('ExplanationOfBenefit/seven-2');
  const same = await call('ExplanationOfBenefit/seven-2/$generate-invoice', [businessDate('2026-08-14')]);
  expect(same.codes).toEqual(['already-there']);
  expect(same.all<Invoice>('invoice')[0]?.id).toBe(invoice?.id);
});

test('story 7: both payers leave nothing, and OA-23 posts nothing', async () => {
  await answered('7 first', 'seven', { next: 'seven-2' });
  const decisions = decisionsOf(storyClaim('7 second'));
  await answerClaim(practice, {
    name: 'seven',
    claim: 'seven-2',
    payer: 'second',
    on: '2026-08-13',
    decisions,
  });
  const answer = await call('ExplanationOfBenefit/seven/$generate-invoice', [businessDate('2026-08-14')]);
  expect(answer.codes).toEqual(['last-payer', 'nothing-owed']);
  const totals = trialBalance(await journal());
  expect(totals.get('cash')).toBe(amountOf('1,251.53'));
  expect(totals.get('contractual-adjustment')).toBe(amountOf('876.02'));
  expect(totals.get('receivable-insurance-open')).toBe(0);
  const shown = (await journal())
    .slice(3)
    .map((e) => [
      e.on,
      e.reason,
      toText(cents(e.postings.filter((p) => p.amount > 0).reduce((t, p) => t + p.amount, 0))),
    ]);
  expect(shown).toEqual([
    ['2026-06-10', 'claim-submitted', '2,127.55'],
    ['2026-06-24', 'contractual', '876.02'],
    ['2026-06-24', 'insurer-payment', '1,001.23'],
    ['2026-06-24', 'next-payer', '250.30'],
    ['2026-08-13', 'insurer-payment', '250.30'],
  ]);
});

test('an Account is billed for all its shares on one Invoice; a share that comes later replaces it', async () => {
  await answered('1', 'one');
  await answered('2', 'two');
  const account = { name: 'account', valueReference: { reference: 'Account/a' } };
  const answer = await call('ExplanationOfBenefit/$generate-invoice', [account, businessDate('2026-07-01')]);
  const [invoice] = answer.all<Invoice>('invoice');
  expect(invoice?.totalNet?.value).toBe(660.48);
  const patient = { name: 'patient', valueReference: { reference: 'Patient/a' } };
  const again = await call('ExplanationOfBenefit/$generate-invoice', [patient, businessDate('2026-07-01')]);
  expect(again.codes).toEqual(['already-there']);
  expect(again.all<Invoice>('invoice')[0]?.id).toBe(invoice?.id);
  const single = await call('ExplanationOfBenefit/one/$generate-invoice');
  expect(single.all<Invoice>('invoice')[0]?.id).toBe(invoice?.id);
});

test.each<[string, readonly ('account' | 'patient')[]]>([
  ['neither', []],
  ['both', ['account', 'patient']],
])('at type level exactly one of patient and account is given, not %s', async (_name, names) => {
  const references = { account: 'Account/a', patient: 'Patient/a' };
  const parameters = names.map((name) => ({
    name,
    valueReference: { reference: references[name] },
  }));
  const answer = await call('ExplanationOfBenefit/$generate-invoice', parameters);
  expect([answer.status, answer.codes]).toEqual([400, ['patient-or-account']]);
});

test('the credit of a bounced copay is asked for again: a successor takes over the payments', async () => {
  await captureVisit(practice, { name: 'ten', on: '2026-06-09', charges: [] });
  const encounter = { name: 'encounter', valueReference: { reference: 'Encounter/ten' } };
  const copay = await call(
    'Account/a/$record-payment',
    payment(25, 'copay', [encounter, businessDate('2026-06-09')]),
  );
  await answered('10', 'ten');
  const first = (await call('ExplanationOfBenefit/ten/$generate-invoice')).all<Invoice>('invoice')[0];
  const name = `Invoice/${first?.id ?? ''}`;
  await call(`${name}/$record-payment`, payment(60, 'card', [businessDate('2026-07-02')]));
  const id = copay.all<PaymentNotice>('receipt')[0]?.id ?? '';
  const reason = { name: 'reason', valueString: 'bounced' };
  const back = await call(`PaymentNotice/${id}/$reverse`, [reason, businessDate('2026-07-03')]);
  expect(back.codes).toEqual(['reversed', 'credit-released']);
  expect(back.all<PaymentNotice>('receipt')[0]?.status).toBe('cancelled');
  const next = await call('ExplanationOfBenefit/ten/$generate-invoice', [businessDate('2026-07-04')]);
  const [successor] = next.all<Invoice>('invoice');
  expect(successor?.totalNet?.value).toBe(96.26); // 156.26 less the 60.00
  const old = await readResource<Invoice>(practice.context.store, 'Invoice', first?.id ?? '');
  expect(old).toEqual({
    ...old,
    ...first,
    meta: old.meta,
    extension: [
      ...(first?.extension ?? []),
      {
        url: 'https://claimwright.example/fhir/StructureDefinition/replaced-by',
        valueReference: { reference: `Invoice/${successor?.id ?? ''}` },
      },
    ],
    status: 'cancelled',
    cancelledReason: `replaced by Invoice/${successor?.id ?? ''}`,
  });
  const late = await call(`${name}/$record-payment`, payment(5, 'late', [businessDate('2026-07-05')]));
  expect([late.status, late.codes]).toEqual([409, ['invoice-cancelled']]);
  expect(late.issues[0]?.details?.text).toContain(`Invoice/${successor?.id ?? ''}`);
  expect(openOf(await journal(), `Invoice/${successor?.id ?? ''}`)).toBe(9626);
  expect(openOf(await journal(), name)).toBe(0);
});

test('a payment that balanced an Invoice which was replaced since is taken back from the successor, not from it', async () => {
  await captureVisit(practice, { name: 'ten', on: '2026-06-09', charges: [] });
  const encounter = { name: 'encounter', valueReference: { reference: 'Encounter/ten' } };
  const copay = await call(
    'Account/a/$record-payment',
    payment(25, 'copay', [encounter, businessDate('2026-06-09')]),
  );
  await answered('10', 'ten');
  const [first] = (await call('ExplanationOfBenefit/ten/$generate-invoice')).all<Invoice>('invoice');
  const name = `Invoice/${first?.id ?? ''}`;
  const card = await call(`${name}/$record-payment`, payment(131.26, 'card', [businessDate('2026-07-02')]));
  const reverse = (answer: Called, day: string): Promise<Called> =>
    call(`PaymentNotice/${answer.all<PaymentNotice>('receipt')[0]?.id ?? ''}/$reverse`, [
      { name: 'reason', valueString: 'bounced' },
      businessDate(day),
    ]);
  await reverse(copay, '2026-07-03');
  const next = await call('ExplanationOfBenefit/ten/$generate-invoice', [businessDate('2026-07-04')]);
  const [successor] = next.all<Invoice>('invoice');
  expect(successor?.totalNet?.value).toBe(25);
  await reverse(card, '2026-07-05');
  expect(openOf(await journal(), name)).toBe(0);
  const last = await call('ExplanationOfBenefit/ten/$generate-invoice', [businessDate('2026-07-06')]);
  expect(last.all<Invoice>('invoice')[0]?.totalNet?.value).toBe(156.26);
});
