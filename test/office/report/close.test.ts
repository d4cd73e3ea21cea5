import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Account, Basic, ParametersParameter, PaymentNotice, Task } from '@medplum/fhirtypes';
import { storeFaults } from '../../../src/command/verify/readBooks.ts';
import type { Entry } from '../../../src/datatypes/entry.ts';
import { chargeCaptured } from '../../../src/billing/ledger/index.ts';
import type { Cents } from '../../../src/datatypes/cents.ts';
import { closedThrough, stepsOf } from '../../../src/operation/closing/closing.ts';
import { post } from '../../../src/operation/closing/post.ts';
import { laterCall } from '../../../src/operation/submission/delivery.ts';
import { on, openOffice, type Office, type Said } from '../../firm/office.ts';
import { coverage, drug, patient, visit } from '../../firm/visit.ts';
import { eachStore } from '../../http/eachStore.ts';
import { AsAccount } from '../../smart/asAccount.ts';

const clinic = 'alder-street-clinic';
const month = (valueDate: string): ParametersParameter => ({ name: 'month', valueDate });
const why: ParametersParameter = { name: 'reason', valueString: 'a deposit was left out' };
const paid = (value: number, reference: string): ParametersParameter[] => [
  { name: 'amount', valueMoney: { value, currency: 'USD' } },
  { name: 'method', valueCode: 'check' },
  { name: 'reference', valueString: reference },
];
const date = (valueDate: string): ParametersParameter => ({ name: 'date', valueDate });
const user = (name: string, role: string, practice: string) => ({
  ...{ name, kind: 'user' as const, roles: [role], users: [], practices: [practice] },
});

describe.each(eachStore('office-close'))('closing the books on %s', (_, open) => {
  let o: Office;
  let accounts: AsAccount;
  let account: string; // its id
  const close = (of: string, practice = clinic): Promise<Said> =>
    o.call(`Organization/${practice}/$close-period`, [month(of)]);
  const journal = (): Promise<Entry[]> => o.context.store.journal(`Account/${account}`);
  const record = async (): Promise<Basic & { id: string }> => {
    const held = await o.context.store.holder(`closing|Organization/${clinic}`);
    return o.read<Basic>('Basic', held?.split('/')[1] ?? '');
  };
  /** What stands on each ledger account at the end of a day. */
  const standing = async (day: string): Promise<Record<string, number>> => {
    const sums: Record<string, number> = {};
    for (const e of await journal())
      if (e.on <= day) for (const p of e.postings) sums[p.account] = (sums[p.account] ?? 0) + p.amount;
    return sums;
  };
  const ask = async (who: string, path: string, parameter: readonly ParametersParameter[] = []) => {
    const body = { resourceType: 'Parameters', ...(parameter.length > 0 ? { parameter } : {}) };
    const answer = (await accounts.ask(who, 'post', path, body)) as { status: number; body: unknown };
    const text = JSON.stringify(answer.body);
    const task = /"resourceType":"Task","id":"([^"]+)"/.exec(text)?.[1] ?? /"id":"([^"]+)"/.exec(text)?.[1];
    return { status: answer.status, text, task };
  };

  beforeAll(async () => {
    o = await openOffice(open, { payer: 'none' });
    accounts = new AsAccount(o.context);
    for (const name of ['one', 'two']) await accounts.is(user(name, 'biller', clinic));
    await accounts.is(user('coder', 'coder', clinic));
    await accounts.is(user('hospital', 'biller', 'bellwater-hospital'));
    await o.put(patient('ada'), coverage('ada', 'ada'), visit('v1', 'ada', '2026-10-20'));
    const captured = await o.call('Encounter/v1/$capture-charges', [on('2026-10-20')]);
    expect(captured.status).toBe(200);
    account = (await o.find<Account>('Account?subject=Patient/ada'))[0]?.id ?? '';
  });
  afterAll(() => o.close());

  test('a month that is not over is not closed, and month is a month', async () => {
    const early = await close('2026-11');
    expect([early.status, early.codes]).toEqual([422, ['period-not-over']]);
    const day = await close('2026-10-31');
    expect([day.status, day.codes]).toEqual([400, ['malformed-value']]);
    expect((await close('2026-10', 'nobody')).status).toBe(404);
  });

  test('who may not close is 403, also for the books of another practice, and nothing is written', async () => {
    const path = `Organization/${clinic}/$close-period`;
    for (const who of ['coder', 'hospital'])
      expect((await ask(who, path, [month('2026-10')])).status).toBe(403);
    expect(await o.context.store.holder(`closing|Organization/${clinic}`)).toBeUndefined();
  });

  test('a dry run closes nothing', async () => {
    const dry = { name: 'dryRun', valueBoolean: true };
    const said = await o.call(`Organization/${clinic}/$close-period`, [month('2026-10'), dry]);
    expect([said.status, said.codes]).toEqual([200, ['created']]);
    expect(await o.context.store.holder(`closing|Organization/${clinic}`)).toBeUndefined();
  });

  test('of two who close a month at once one closes it, and again changes nothing', async () => {
    const both = await Promise.all([close('2026-10'), close('2026-10')]);
    expect(both.map((b) => b.status)).toEqual([200, 200]);
    expect(both.flatMap((b) => b.codes).sort()).toEqual(['already-there', 'created']);
    expect((await close('2026-09')).codes).toEqual(['already-there']);
    expect(stepsOf(await record())).toHaveLength(1);
    expect(closedThrough(await record())).toBe('2026-10-31');
  });

  test('a day that the caller names in a closed month is 409 period-closed, and nothing is posted', async () => {
    const before = await journal();
    const path = `Account/${account}/$record-payment`;
    for (const given of [on('2026-10-31'), date('2026-10-25')]) {
      const said = await o.call(path, [...paid(20, 'CHK-1'), given]);
      expect([said.status, said.codes]).toEqual([409, ['period-closed']]);
      expect(said.issues[0]?.expression).toEqual([`Parameters.parameter.where(name='${given.name}').value`]);
    }
    expect(await journal()).toEqual(before);
    expect(await o.find<PaymentNotice>('PaymentNotice')).toEqual([]);
  });

  test('money that came in a closed month is posted in an open one, and keeps its day', async () => {
    const given = [...paid(20, 'CHK-1'), date('2026-10-25'), on('2026-11-03')];
    const said = await o.call(`Account/${account}/$record-payment`, given);
    expect(said.status).toBe(200);
    expect(said.all<PaymentNotice>('receipt')[0]?.paymentDate).toBe('2026-10-25');
    expect((await journal()).at(-1)?.on).toBe('2026-11-03');
  });

  test('work without a caller that is dated in a closed month is posted on the first open day', async () => {
    const before = await standing('2026-10-31');
    const { context } = o;
    await context.store.transaction(async (tx) => {
      const head = {
        id: 'late-1',
        on: '2026-10-28',
        account: `Account/${account}`,
        cause: 'Encounter/v1/_history/1',
      };
      const call = laterCall(context, tx, '2026-10-28');
      await post(
        call,
        chargeCaptured({
          ...head,
          encounter: 'Encounter/v1',
          charge: 'ChargeItem/late',
          amount: 500 as Cents,
        }),
      );
    });
    const last = (await journal()).at(-1);
    expect([last?.on, last?.dated]).toEqual(['2026-11-01', '2026-10-28']);
    expect(await standing('2026-10-31')).toEqual(before);
  });

  test('a chart that changes after the close is posted in an open month', async () => {
    const before = await standing('2026-10-31');
    await o.put(drug('d1', { patient: 'ada', encounter: 'v1', at: '2026-10-20T09:10:00-05:00' }));
    const said = await o.call('Encounter/v1/$capture-charges');
    expect(said.status).toBe(200);
    expect((await journal()).at(-1)?.on).toBe('2026-11-24');
    expect(await standing('2026-10-31')).toEqual(before);
  });

  test('the balance of an Account at the end of a closed month is by posting date', async () => {
    const { body } = await o.send('get', `Account/${account}/$balance?asOf=2026-10-31`);
    const total =
      body.resourceType === 'Parameters' ? body.parameter?.find((p) => p.name === 'total') : undefined;
    expect(total?.valueMoney?.value).toBe(168.45);
  });

  test('what says which months are closed changes by its operations only', async () => {
    const kept = await record();
    const put = await o.send('put', `Basic/${kept.id}`, { ...kept, extension: undefined });
    expect([put.status, put.codes]).toEqual([409, ['kept-by-the-books']]);
    expect((await o.send('delete', `Basic/${kept.id}`)).status).toBe(409);
    const { id: _, meta: _meta, ...copy } = kept;
    expect((await o.send('post', 'Basic', copy)).status).toBe(201); // it holds no key: it closes nothing
    expect(closedThrough(await record())).toBe('2026-10-31');
  });

  test('a closed month is opened again by two people, with a reason', async () => {
    const path = `Organization/${clinic}/$reopen-period`;
    expect((await ask('one', path, [month('2026-10')])).status).toBe(400);
    const asked = await ask('one', path, [month('2026-10'), why]);
    expect([asked.status, asked.text.includes('second-person-needed')]).toEqual([200, true]);
    const tasks = await o.find<Task>('Task?code=approval');
    const [task] = tasks;
    expect([tasks.length, task?.input?.map((i) => i.type.text)]).toEqual([
      1,
      ['operation', 'month', 'reason'],
    ]);
    expect(closedThrough(await record())).toBe('2026-10-31');
    const approve = `Task/${task?.id ?? ''}/$approve`;
    expect((await ask('one', approve)).text).toContain('same-person');
    expect((await ask('hospital', approve)).status).toBe(404);
    expect((await ask('two', approve)).status).toBe(200);
    expect(closedThrough(await record())).toBe('2026-09-30');
    expect(stepsOf(await record()).at(-1)).toMatchObject({
      step: 'reopen',
      by: 'two',
      reason: why.valueString,
    });
    const said = await o.call(`Account/${account}/$record-payment`, [...paid(5, 'CHK-2'), on('2026-10-31')]);
    expect(said.status).toBe(200);
    expect((await ask('one', path, [month('2026-10'), why])).text).toContain('already-there');
  });

  test('postings and a close at the same time: nothing lands in a month after it was closed', async () => {
    const path = `Account/${account}/$record-payment`;
    const pay = (i: number): Promise<Said> => o.call(path, [...paid(1, `RUN-${i}`), on('2026-10-15')]);
    const [closed, ...posted] = await Promise.all([close('2026-10'), ...[1, 2, 3, 4, 5, 6].map(pay)]);
    expect(closed.codes).toEqual(['created']);
    for (const { status, codes } of posted)
      expect([status, codes[0]]).toEqual(status === 200 ? [200, codes[0]] : [409, 'period-closed']);
    const landed = (await journal()).filter((e) => e.on === '2026-10-15').length;
    expect(landed).toBe(posted.filter((p) => p.status === 200).length);
    const late = await pay(7);
    expect(late.codes).toEqual(['period-closed']);
  });

  test('the books are sound', async () => {
    const { faults } = await storeFaults(o.context.store, Date.parse(o.context.now()) + 3_600_000);
    expect(faults.filter((f) => !f.includes('ChargeItem/late'))).toEqual([]);
  });
});
