import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Claim,
  ClaimResponse,
  Invoice,
  ParametersParameter,
  PaymentNotice,
  Task,
} from '@medplum/fhirtypes';
import { payerRefund } from '../../../src/billing/ledger/index.ts';
import type { Adjudicated } from '../../../src/datatypes/adjudication.ts';
import { cents, toMoney } from '../../../src/datatypes/cents.ts';
import { entry } from '../../../src/datatypes/entry.ts';
import { answerClaim, captureVisit, submitVisit } from '../../fixture/answeredVisit.ts';
import { updateResource } from '../../../src/interaction/repository.ts';
import { correctionKey, taskKey } from '../../../src/operation/uniqueKey.ts';
import { openStore } from '../../../src/store/openStore.ts';
import { checkBooks, readBooks } from '../../fixture/invariant.ts';
import { named, text } from '../../firm/overHttp.ts';
import { code, day, money, nameOf, openOffice, type Office } from '../../firm/receipts.ts';
import { eachStore } from '../../http/eachStore.ts';

const decision = (paid: number, group: 'CO' | 'PR', reason: string, amount: number): Adjudicated => ({
  ...{ sequence: 1, submitted: cents(paid + amount), allowed: cents(paid), paid: cents(paid) },
  adjustments: [{ group, reason, amount: cents(amount) }],
});

describe.each(eachStore('office-transfer'))('on %s', (_store, open) => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice(open);
    await office.put({
      resourceType: 'DocumentReference',
      id: 'waiver',
      status: 'current',
      content: [{ attachment: { title: 'waiver' } }],
    });
  });
  afterAll(() => office.context.store.close());
  const answered = async (name: string, one: Adjudicated): Promise<void> => {
    const visit = { name, claim: name, on: '2026-03-02', charges: [one.submitted] };
    await captureVisit(office.patient, visit);
    await submitVisit(office.patient, visit);
    const reply = { name, claim: name, payer: 'first', on: '2026-03-20' } as const;
    await answerClaim(office.patient, { ...reply, decisions: [one] });
  };
  const transfer = (claim: string, amount: number, more: readonly ParametersParameter[] = []) =>
    office.call(`Claim/${claim}/$transfer`, [
      money(amount),
      code('reason', 'signed-waiver'),
      text('reference', 'T1'),
      named('document', 'DocumentReference/waiver'),
      day('2026-04-01'),
      ...more,
    ]);

  test("8 transfer: a denied amount is the patient's by a second person, and is invoiced", async () => {
    await answered('denied', decision(6000, 'CO', '197', 4000));
    const waits = await transfer('denied', 30);
    expect(waits.codes).toEqual(['second-person-needed']);
    const [task] = waits.all<Task>('task');
    const done = await office.call(`Task/${task?.id ?? ''}/$approve`);
    expect(done.codes).toEqual(['transferred']);
    expect((await transfer('denied', 30)).codes).toEqual(['already-there']);
    const other = await transfer('denied', 31);
    expect([other.status, other.codes]).toEqual([409, ['reference-used']]);
    const billed = await office.call('ExplanationOfBenefit/denied/$generate-invoice', [day('2026-04-02')]);
    const [invoice] = billed.all<Invoice>('invoice');
    expect(invoice?.totalNet?.value).toBe(30);
    expect(await office.balance('insurance')).toBe(10);
  });

  test('8 transfer neighbour: more than was denied, and a document that is not here, are refused', async () => {
    const said = [money(90), code('reason', 'signed-waiver'), day('2026-04-01')];
    const waiver = named('document', 'DocumentReference/waiver');
    const above = await office.call('Claim/denied/$transfer', [...said, waiver]);
    expect([above.status, above.codes]).toEqual([422, ['above-denied-amount']]);
    const none = await office.call('Claim/denied/$transfer', [...said, named('document', 'Consent/none')]);
    expect(none.codes).toEqual(['document-unknown']);
    checkBooks(await readBooks(office.context.store, 'Account/a'));
  });

  test('8 refunds: an overpayment goes back to its payer, at most what it is, once', async () => {
    await answered('over', decision(5000, 'PR', '2', 1000));
    await office.context.store.transaction((tx) =>
      tx.append(
        entry({
          ...{
            id: office.context.newId(),
            account: 'Account/a',
            on: '2026-03-21',
            reason: 'insurer-payment',
          },
          ...{ text: 'paid again', cause: 'ClaimResponse/over/_history/1' },
          postings: [
            { account: 'cash', amount: cents(2000), claim: 'Claim/over', payer: 'Organization/first' },
            {
              account: 'unapplied-payer-credit',
              amount: cents(-2000),
              claim: 'Claim/over',
              payer: 'Organization/first',
            },
          ],
        }),
      ),
    );
    const refund = (amount: number, on = '2026-04-01') =>
      office.call('Account/a/$refund-payer', [
        named('claim', 'Claim/over'),
        money(amount),
        code('method', 'check'),
        text('reference', `r-${amount}`),
        day(on),
      ]);
    const above = await refund(20.01);
    expect([above.status, above.codes]).toEqual([422, ['above-payer-credit']]);
    const paid = await refund(20);
    expect(paid.codes).toEqual(['created']);
    expect(paid.all<PaymentNotice>('receipt')[0]?.amount).toEqual(toMoney(cents(-2000)));
    expect((await refund(20)).codes).toEqual(['already-there']);
    expect((await refund(1)).codes).toEqual(['above-payer-credit']);
    const receipt = nameOf(paid, 'receipt');
    const back = () =>
      office.call(`${receipt}/$reverse`, [text('reason', 'it came back'), day('2026-04-03')]);
    expect((await back()).codes).toEqual(['reversed']);
    expect((await back()).codes).toEqual(['already-there']);
    expect((await refund(20, '2026-04-04')).codes).toEqual(['created']);
    const cash = (await office.context.store.journal('Account/a'))
      .filter((e) => e.reason.startsWith('payer-refund'))
      .map((e) => e.postings.find((p) => p.account === 'cash')?.amount);
    expect(cash).toEqual([-2000, 2000, -2000]);
    checkBooks(await readBooks(office.context.store, 'Account/a'));
  });

  test('8 billed: a correction is waited for until its payer refuses it, or it stands in the place of the claim', async () => {
    await answered('wrong', decision(5000, 'PR', '2', 1000));
    const { context } = office;
    const write = (...all: (Claim | ClaimResponse)[]) =>
      context.store.transaction(async (tx) => {
        for (const one of all) await updateResource(context, tx, { ...one, id: one.id ?? '' });
      });
    const claim = await office.get<Claim>('Claim/wrong');
    const response = await office.get<ClaimResponse>('ClaimResponse/wrong');
    const answer: ClaimResponse = { ...response, id: 'mended', request: { reference: 'Claim/mended' } };
    await write({ ...claim, id: 'mended' });
    await context.store.transaction((tx) => tx.reserve(correctionKey('Claim/wrong').text, 'Claim/mended'));
    const bill = () => office.call('ExplanationOfBenefit/wrong/$generate-invoice', [day('2026-04-02')]);
    expect((await bill()).codes).toContain('correction-open');
    await write(answer); // it was paid, but what was paid before is not taken back yet
    await context.store.transaction((tx) => tx.reserve('response|Claim/mended', 'ClaimResponse/mended'));
    const paid = await bill();
    expect([paid.codes.includes('correction-open'), paid.all('invoice')]).toEqual([true, []]);
    const { item, ...refused } = answer;
    expect(item?.length).toBe(1);
    await write({ ...refused, outcome: 'error', error: [{ code: { text: 'refused' } }] });
    expect((await bill()).all<Invoice>('invoice').map((i) => i.totalNet?.value)).toEqual([10]);
  });
});

test('8 refunds: while a payer takes money back nobody is refunded', async () => {
  const office = await openOffice(() =>
    openStore('sqlite::memory:', { now: () => new Date().toISOString(), base: 'http://127.0.0.1:8080/fhir' }),
  );
  const one = decision(5000, 'PR', '2', 1000);
  const visit = { name: 'back', claim: 'back', on: '2026-03-02', charges: [one.submitted] };
  await captureVisit(office.patient, visit);
  await submitVisit(office.patient, visit);
  await answerClaim(office.patient, {
    name: 'back',
    claim: 'back',
    payer: 'first',
    on: '2026-03-20',
    decisions: [one],
  });
  await office.call('Account/a/$record-payment', [money(25), code('method', 'cash'), day('2026-03-21')]);
  const { context } = office;
  await context.store.transaction(async (tx) => {
    await updateResource(context, tx, {
      ...{ resourceType: 'Task', id: 'awaited', status: 'requested', intent: 'order' },
      ...{ code: { text: 'correction-awaited' }, focus: { reference: 'Claim/back' } },
    });
    await tx.reserve(taskKey('correction-awaited', 'Claim/back').text, 'Task/awaited');
  });
  const refund = () =>
    office.call('Account/a/$refund', [money(25), code('method', 'cash'), day('2026-03-22')]);
  const refused = await refund();
  expect([refused.status, refused.codes]).toEqual([422, ['takeback-open']]);
  await context.store.transaction((tx) =>
    updateResource(context, tx, {
      ...{ resourceType: 'Task', id: 'awaited', status: 'completed', intent: 'order' },
      focus: { reference: 'Claim/back' },
    }),
  );
  expect((await refund()).codes).toEqual(['created']);
  await context.store.close();
});

test('8 refunds: what goes back to a payer is its credit, out of cash', () => {
  const made = payerRefund({
    ...{ id: 'e', on: '2026-04-01', account: 'Account/a', cause: 'PaymentNotice/1/_history/1' },
    ...{ claim: 'Claim/c', payer: 'Organization/p', amount: cents(700) },
  });
  expect(made.postings.map((p) => [p.account, p.amount])).toEqual([
    ['unapplied-payer-credit', 700],
    ['cash', -700],
  ]);
});
