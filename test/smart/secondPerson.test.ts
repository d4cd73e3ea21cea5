import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { OperationOutcome, Parameters, Resource, Task } from '@medplum/fhirtypes';
import type { Context } from '../../src/interaction/context.ts';
import { codeOfIssue } from '../../src/outcome/issue.ts';
import { testContext } from '../context.ts';
import { answerClaim, captureVisit, openPractice, submitVisit } from '../fixture/answeredVisit.ts';
import { businessDate, called, payment } from '../fixture/called.ts';
import { decisionsOf, storyClaim } from '../fixture/storyClaim.ts';
import { eachStore } from '../http/eachStore.ts';
import { AsAccount } from './asAccount.ts';

const biller = (name: string, more: object = {}) => ({
  name,
  kind: 'user' as const,
  roles: ['biller'],
  users: [`Practitioner/${name}`],
  practices: ['clinic'],
  ...more,
});

describe.each(eachStore('secondPerson'))('two people above a limit on %s', (_, open) => {
  let context: Context;
  let server: AsAccount;
  let invoice: string;
  beforeAll(async () => {
    const made = await testContext({ store: await open() });
    context = made;
    const practice = await openPractice(made);
    const decisions = decisionsOf(storyClaim('2'));
    const charges = decisions.map((d) => d.submitted);
    await captureVisit(practice, { name: 'two', on: '2026-03-11', charges });
    await submitVisit(practice, { name: 'two', claim: 'two', on: '2026-03-12', charges });
    await answerClaim(practice, { name: 'two', claim: 'two', payer: 'first', on: '2026-03-26', decisions });
    const billed = await called(made, 'ExplanationOfBenefit/two/$generate-invoice', [
      businessDate('2026-03-26'),
    ]);
    invoice = `Invoice/${billed.all('invoice')[0]?.id ?? ''}`;
    server = new AsAccount(made);
    await server.is(biller('one'));
    await server.is(biller('two'));
    await server.is(biller('one-again', { users: ['Practitioner/one'] }));
    await server.is(biller('elsewhere', { practices: ['other'] }));
    await server.is(biller('desk', { roles: ['front-desk'] }));
    await server.is(biller('coder', { roles: ['coder'] }));
  });
  afterAll(() => context.store.close());

  const amount = (value: number) => ({ name: 'amount', valueMoney: { value, currency: 'USD' } });
  const post = async (who: string, path: string, parameter: readonly object[] = []) => {
    const { status, body } = (await server.ask(who, 'post', path, {
      resourceType: 'Parameters',
      ...(parameter.length > 0 ? { parameter } : {}),
    })) as {
      status: number;
      body: Parameters | OperationOutcome;
    };
    const named = (name: string): Resource | undefined =>
      body.resourceType === 'Parameters' ? body.parameter?.find((p) => p.name === name)?.resource : undefined;
    const outcome = body.resourceType === 'OperationOutcome' ? body : (named('outcome') as OperationOutcome);
    return { status, named, codes: outcome.issue.map(codeOfIssue) };
  };
  const writeOff = (who: string, value: number, reference: string) =>
    post(who, `${invoice}/$write-off`, [
      amount(value),
      { name: 'reason', valueCode: 'charity' },
      { name: 'reference', valueString: reference },
    ]);
  const entries = async (): Promise<number> => (await context.store.journal('Account/a')).length;

  test('D.3 a write-off above the limit is posted once, when a second person approves it', async () => {
    const before = await entries();
    const proposed = await writeOff('one', 250, 'WO-1');
    expect([proposed.status, proposed.codes, proposed.named('invoice')]).toEqual([
      200,
      ['second-person-needed'],
      undefined,
    ]);
    const task = proposed.named('task') as Task;
    expect(task.status).toBe('requested');
    expect(task.input?.find(({ type }) => type.text === 'amount')?.valueMoney).toEqual({
      value: 250,
      currency: 'USD',
    });
    expect(await entries()).toBe(before);
    const path = `Task/${task.id ?? ''}/$approve`;
    for (const who of ['one', 'one-again']) expect((await post(who, path)).codes).toEqual(['same-person']);
    expect((await post('desk', path)).status).toBe(403);
    expect((await post('coder', path)).status).toBe(403);
    expect((await post('elsewhere', path)).status).toBe(404);
    expect(await entries()).toBe(before);
    const repeated = await writeOff('one', 250, 'WO-1');
    expect([repeated.codes, repeated.named('task')?.id]).toEqual([['already-there'], task.id]);
    const done = await post('two', path);
    expect([done.status, done.codes, (done.named('task') as Task).status]).toEqual([
      200,
      ['written-off'],
      'completed',
    ]);
    expect(await entries()).toBe(before + 1);
    expect((await post('two', path)).codes).toEqual(['already-there']);
    expect((await writeOff('one', 250, 'WO-1')).codes).toEqual(['already-there']);
    expect(await entries()).toBe(before + 1);
  });

  test('D.3 neighbour: small write-offs count as the one they add up to', async () => {
    const before = await entries();
    expect((await writeOff('one', 1, 'WO-2')).codes).toEqual(['second-person-needed']);
    expect(await entries()).toBe(before);
  });

  test('D.3 neighbour: of two people who approve at once one posts', async () => {
    await server.is(biller('three'));
    const { id = '' } = (await writeOff('one', 120, 'WO-3')).named('task') as Task;
    const before = await entries();
    const both = await Promise.all(['two', 'three'].map((who) => post(who, `Task/${id}/$approve`)));
    expect(both.map(({ codes }) => codes[0]).sort()).toEqual(['already-there', 'written-off']);
    expect(await entries()).toBe(before + 1);
  });

  test('D.3 neighbour: the Task is not written by hand, but for its rejection, and what is rejected is not done', async () => {
    const { id = '' } = (await writeOff('one', 110, 'WO-4')).named('task') as Task;
    const task = (await server.ask('two', 'get', `Task/${id}`)).body as Task;
    const put = (who: string, content: object) =>
      server.ask(who, 'put', `Task/${id}`, content).then(({ status }) => status);
    const smaller = task.input?.map((one) =>
      one.valueMoney ? { ...one, valueMoney: { value: 1, currency: 'USD' } } : one,
    );
    expect(await put('one', { ...task, input: smaller })).toBe(409);
    expect(await put('one', { ...task, requester: { reference: 'Practitioner/two' } })).toBe(409);
    expect(await put('one', { ...task, status: 'completed' })).toBe(409);
    expect(await put('one', { ...task, code: { text: 'other' } })).toBe(409);
    const { id: _id, ...fresh } = task;
    expect((await server.ask('one', 'post', 'Task', fresh)).status).toBe(403);
    expect(await put('two', { ...task, status: 'rejected', statusReason: { text: 'no' } })).toBe(200);
    const before = await entries();
    expect((await post('two', `Task/${id}/$approve`)).status).toBe(409);
    expect(await put('one', { ...task, status: 'requested' })).toBe(409);
    expect(await entries()).toBe(before);
  });

  test('D.3 neighbour: what cannot be done is refused when it is proposed, and a dry run leaves no Task', async () => {
    expect((await writeOff('one', 100_000, 'WO-5')).codes).toEqual(['above-open-amount']);
    const dry = await post('one', `${invoice}/$write-off`, [
      amount(105),
      { name: 'reason', valueCode: 'charity' },
      { name: 'dryRun', valueBoolean: true },
    ]);
    expect(dry.codes).toEqual(['second-person-needed']);
    const { status } = await server.ask('one', 'get', `Task/${dry.named('task')?.id ?? ''}`);
    expect(status).toBe(404);
  });

  test('D.3 a refund above the limit waits too, one below is given', async () => {
    await called(context, 'Account/a/$record-payment', payment(900, 'check 1', [businessDate('2026-04-01')]));
    const refund = (value: number, reference: string) =>
      post('one', 'Account/a/$refund', payment(value, reference));
    expect((await refund(40, 'r-1')).codes).toContain('created');
    const waiting = await refund(80, 'r-2');
    expect(waiting.codes).toEqual(['second-person-needed']);
    const done = await post('two', `Task/${waiting.named('task')?.id ?? ''}/$approve`);
    expect([done.status, done.named('receipt')?.resourceType]).toEqual([200, 'PaymentNotice']);
  });

  test('2.9 who lacks the permission dates no step other than today', async () => {
    await server.is(biller('desk', { roles: ['front-desk'] }));
    const dated = await post(
      'desk',
      'Account/a/$record-payment',
      payment(5, 'check 2', [businessDate('2026-04-01')]),
    );
    expect([dated.status, dated.codes]).toEqual([403, ['business-date-forbidden']]);
    expect((await post('desk', 'Account/a/$record-payment', payment(5, 'check 2'))).status).toBe(200);
  });
});
