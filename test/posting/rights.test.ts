import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, ParametersParameter, PaymentReconciliation, Task } from '@medplum/fhirtypes';
import supertest from 'supertest';
import { createApp } from '../../src/app.ts';
import { storeFaults } from '../../src/command/verify/readBooks.ts';
import { openOffice, type Office } from '../firm/office.ts';
import { paidClp, sentClaims, sentNumber } from '../fixture/sentClaims.ts';
import { eachStore } from '../http/eachStore.ts';
import { AsAccount } from '../smart/asAccount.ts';
import { interchangeText, type Clp } from './remittance.ts';

const hospitalNpi = '1603928171';
/** A dollar of its first line is paid less than it says. */
const shortClp = (number: string): Clp => {
  const clp = paidClp(number);
  return { ...clp, lines: clp.lines.map((line, i) => (i === 0 ? { ...line, paid: line.paid - 1 } : line)) };
};
const user = (name: string, role: string, practice: string) => ({
  name,
  kind: 'user' as const,
  roles: [role],
  users: [],
  practices: [practice],
});
const parameters = (...parameter: ParametersParameter[]) => ({ resourceType: 'Parameters', parameter });
const reason: ParametersParameter = { name: 'reason', valueString: 'by mistake' };
const claimOf = (id: string): ParametersParameter => ({
  name: 'claim',
  valueReference: { reference: `Claim/${id}` },
});
const writtenOff: ParametersParameter = {
  name: 'adjustment',
  part: [
    { name: 'group', valueCode: 'CO' },
    { name: 'reason', valueCode: '45' },
    { name: 'amount', valueMoney: { value: 1, currency: 'USD' } },
    { name: 'line', valuePositiveInt: 1 },
  ],
};
const dryRun: ParametersParameter = { name: 'dryRun', valueBoolean: false };
const byHand = (ordinal: number, ...said: ParametersParameter[]): ParametersParameter => ({
  name: 'claim',
  part: [{ name: 'ordinal', valuePositiveInt: ordinal }, ...said],
});

describe.each(eachStore('posting-rights'))('an 835 for several practices, on %s', (_, open) => {
  let office: Office;
  let accounts: AsAccount;
  let payment: PaymentReconciliation & { id: string };
  const state = async (): Promise<string> => {
    const found = await Promise.all(
      ['PaymentReconciliation', 'ClaimResponse', 'Task'].map((type) => office.find(type)),
    );
    return JSON.stringify(found.flat().map((r) => [r.id, r.meta?.versionId]));
  };

  beforeAll(async () => {
    office = await openOffice(open, { payer: 'none' });
    const { context } = office;
    await sentClaims(context, 0, { count: 1 });
    await sentClaims(context, 1, { count: 3, practice: 'bellwater-hospital' });
    const [own = '', theirs = '', third = '', short = ''] = [0, 1, 2, 3].map(sentNumber);
    const clps = [
      paidClp(own),
      { ...paidClp(theirs), practice: hospitalNpi },
      // of the group of another practice than that of the claim
      { ...paidClp(third), practice: '1999999984' },
      { ...shortClp(short), practice: hospitalNpi },
    ];
    const answer = await supertest(createApp(context))
      .post('/fhir/$process-x12')
      .set('Content-Type', 'application/EDI-X12')
      .send(interchangeText({ trace: 'SEVERAL', clps }));
    expect(answer.status).toBe(200);
    const [made] = await office.find<PaymentReconciliation>('PaymentReconciliation');
    if (!made) throw new Error('nothing was made');
    payment = made;
    accounts = new AsAccount(context);
    await accounts.is(user('coder', 'coder', 'alder-street-clinic'));
    await accounts.is(user('clinician', 'clinician', 'alder-street-clinic'));
    await accounts.is(user('alder', 'biller', 'alder-street-clinic'));
    await accounts.is(user('bellwater', 'biller', 'bellwater-hospital'));
  });
  afterAll(() => office.close());

  test('each claim is matched by the practice of its group, and one of another practice is held', async () => {
    expect(payment).toMatchObject({
      outcome: 'partial',
      requestor: { reference: 'Organization/alder-street-clinic' },
      paymentAmount: { value: 269 },
    });
    expect(payment.detail?.map((d) => d.request?.reference)).toEqual([
      ...['Claim/s0', 'Claim/s1', undefined, undefined],
    ]);
    const why = (await office.find<Task>('Task?code=remittance-claim'))
      .map((t) => t.description ?? '')
      .sort();
    expect(why).toEqual([
      expect.stringContaining('another practice'),
      expect.stringContaining('does not balance'),
    ]);
    const { store, now } = office.context;
    expect((await storeFaults(store, Date.parse(now()) + 3_600_000_000)).faults).toEqual([]);
  });

  test.each([
    ['coder', '$post', 403],
    ['coder', '$reverse', 403],
    ['clinician', '$post', 403],
    ['clinician', '$reverse', 403],
    // a payment to another practice is not there
    ['bellwater', '$post', 404],
    ['bellwater', '$reverse', 404],
    // it paid claims of another practice too, which are not his to take back
    ['alder', '$reverse', 403],
  ])('%s may not %s it', async (name, operation, status) => {
    const before = await state();
    const path = `PaymentReconciliation/${payment.id}/${operation}`;
    const answer = await accounts.ask(
      name,
      'post',
      path,
      parameters(operation === '$reverse' ? reason : dryRun),
    );
    expect(answer.status).toBe(status);
    expect(await state()).toBe(before);
  });

  test('nobody posts it to a claim that he does not see, and that answer is the one of a claim that is not there', async () => {
    const before = await state();
    const path = `PaymentReconciliation/${payment.id}/$post`;
    const answers = await Promise.all(
      ['s2', 'nowhere'].map((claim) =>
        accounts.ask('alder', 'post', path, parameters(byHand(3, claimOf(claim)))),
      ),
    );
    const told = answers.map(({ status, text }) => [status, text.replaceAll(/s2|nowhere/g, 'x')]);
    expect(told[0]).toEqual(told[1]);
    expect(answers[0]?.status).toBe(404);
    expect(await state()).toBe(before);
  });

  test('nobody completes a claim that he does not see', async () => {
    const before = await state();
    const path = `PaymentReconciliation/${payment.id}/$post`;
    const answer = await accounts.ask('alder', 'post', path, parameters(byHand(4, writtenOff)));
    expect(answer.status).toBe(403);
    expect(await state()).toBe(before);
  });

  test('neighbour: a plain write on what posting wrote is refused, by whoever may do all else', async () => {
    const held = payment.extension?.map((e) =>
      e.url.endsWith('posting-state') ? { ...e, valueCode: 'posted' } : e,
    );
    const put = await office.send('put', `PaymentReconciliation/${payment.id}`, {
      ...payment,
      extension: held,
    });
    expect([put.status, put.codes]).toEqual([409, ['kept-by-the-books']]);
    const binary =
      payment.extension?.find((e) => e.url.endsWith('interchange'))?.valueReference?.reference ?? '';
    expect((await office.send('delete', binary)).status).toBe(409);
    const [task] = await office.find<Task>('Task?code=remittance-claim');
    expect(
      (await office.send('put', `Task/${task?.id ?? ''}`, { ...task, status: 'completed' })).status,
    ).toBe(200);
    // the payment still says that the claim is held, and trying again asks anew
    expect((await office.call(`PaymentReconciliation/${payment.id}/$post`)).status).toBe(200);
    expect((await office.find<Task>('Task?code=remittance-claim')).map((t) => t.status)).toEqual([
      ...['requested', 'requested'],
    ]);
  });

  test('neighbour: whoever sees all of its claims takes it back', async () => {
    const answer = await accounts.ask(
      'all',
      'post',
      `PaymentReconciliation/${payment.id}/$reverse`,
      parameters(reason),
    );
    expect([answer.status, (answer.body as PaymentReconciliation | Bundle).resourceType]).toEqual([
      200,
      'PaymentReconciliation',
    ]);
  });
});
