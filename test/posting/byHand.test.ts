import { afterEach, describe, expect, test } from '@jest/globals';
import type {
  Claim,
  ClaimResponse,
  ExplanationOfBenefit,
  ParametersParameter,
  PaymentReconciliation,
  Task,
} from '@medplum/fhirtypes';
import { storeFaults } from '../../src/command/verify/readBooks.ts';
import { eachStore } from '../http/eachStore.ts';
import { openOffice, type Office } from '../firm/office.ts';
import { sentClaims } from '../fixture/sentClaims.ts';

const usd = (value: number) => ({ value, currency: 'USD' as const });
const part = (name: string, value: Omit<ParametersParameter, 'name'>): ParametersParameter => ({
  name,
  ...value,
});
const adjustment = (group: string, reason: string, amount: number, line?: number): ParametersParameter => ({
  name: 'adjustment',
  part: [
    part('group', { valueCode: group }),
    part('reason', { valueCode: reason }),
    part('amount', { valueMoney: usd(amount) }),
    ...(line === undefined ? [] : [part('line', { valuePositiveInt: line })]),
  ],
});
const payment = (trace: string, amount: number): ParametersParameter => ({
  name: 'payment',
  part: [
    part('trace', { valueString: trace }),
    part('date', { valueDate: '2026-02-04' }),
    part('amount', { valueMoney: usd(amount) }),
    part('payer', { valueReference: { reference: 'Organization/juniper-ridge' } }),
    part('payee', { valueReference: { reference: 'Organization/alder-street-clinic' } }),
  ],
});
const line = (
  sequence: number,
  charge: number,
  paid: number,
  adjustments: ParametersParameter[],
): ParametersParameter => ({
  name: 'line',
  part: [
    part('sequence', { valuePositiveInt: sequence }),
    part('charge', { valueMoney: usd(charge) }),
    part('paid', { valueMoney: usd(paid) }),
    ...adjustments,
  ],
});
/** What a paper EOB says of a claim of test/fixture/sentClaims.ts. */
const paidClaim = (of: ParametersParameter, short = 0): ParametersParameter => ({
  name: 'claim',
  part: [
    of,
    part('charge', { valueMoney: usd(150) }),
    part('paid', { valueMoney: usd(67.5 - short) }),
    line(1, 100, 45 - short, [adjustment('CO', '45', 45), adjustment('PR', '2', 10)]),
    line(2, 50, 22.5, [adjustment('CO', '45', 22.5), adjustment('PR', '2', 5)]),
  ],
});
const claimOf = (i: number): ParametersParameter =>
  part('claim', { valueReference: { reference: `Claim/s${i}` } });
const numbered = (number: string): ParametersParameter => part('number', { valueString: number });

describe.each(eachStore('posting-by-hand'))('a remittance by hand, %s', (_, open) => {
  let office: Office | undefined;
  afterEach(async () => office?.close());
  const begin = async (): Promise<Office> => {
    office = await openOffice(open, { payer: 'none' });
    await sentClaims(office.context, 0, { count: 3 });
    return office;
  };
  const sound = async ({ context }: Office): Promise<void> => {
    expect((await storeFaults(context.store, Date.parse(context.now()) + 3_600_000_000)).faults).toEqual([]);
  };
  const insurance = async (o: Office, i: number): Promise<number | undefined> => {
    const { body } = await o.send('get', `Account/a${i}/$balance`);
    return (body as { parameter?: ParametersParameter[] }).parameter?.find((p) => p.name === 'insurance')
      ?.valueMoney?.value;
  };

  test('a paper EOB is entered and posted, and the same again gives the first', async () => {
    const o = await begin();
    const parameters = [payment('CHK7', 135), paidClaim(claimOf(0)), paidClaim(claimOf(1))];
    const posted = await o.call('PaymentReconciliation/$post', parameters);
    expect([posted.status, posted.codes]).toEqual([200, []]);
    const reconciliation = posted.body as PaymentReconciliation;
    expect(reconciliation).toMatchObject({
      outcome: 'complete',
      paymentAmount: { value: 135 },
      paymentDate: '2026-02-04',
    });
    expect(reconciliation.detail?.map((d) => d.request?.reference)).toEqual(['Claim/s0', 'Claim/s1']);
    expect(await insurance(o, 0)).toBe(0);
    const again = await o.call('PaymentReconciliation/$post', parameters);
    expect((again.body as PaymentReconciliation).id).toBe(reconciliation.id);
    const other = await o.call('PaymentReconciliation/$post', [payment('CHK7', 67.5), paidClaim(claimOf(2))]);
    expect([other.status, other.codes]).toEqual([409, ['remittance-differs']]);
    // a plain write on what it wrote is refused
    const [eob] = await o.find<ExplanationOfBenefit>('ExplanationOfBenefit?claim=Claim/s0');
    const put = await o.send('put', `PaymentReconciliation/${reconciliation.id ?? ''}`, {
      ...reconciliation,
      paymentAmount: usd(1),
    });
    expect([put.status, put.codes]).toEqual([409, ['kept-by-the-books']]);
    expect((await o.send('delete', `ExplanationOfBenefit/${eob?.id ?? ''}`)).status).toBe(409);
    await sound(o);
  });

  test('what matched nothing is matched by hand, what does not balance is completed, and its Task is done', async () => {
    const o = await begin();
    const given = [payment('CHK8', 134), paidClaim(numbered('WRONG')), paidClaim(claimOf(1), 1)];
    const first = (await o.call('PaymentReconciliation/$post', given)).body as PaymentReconciliation;
    expect(first.outcome).toBe('queued');
    const held = await o.find<Task>('Task?code=remittance-claim');
    expect(held.map((t) => t.status)).toEqual(['requested', 'requested']);
    const path = `PaymentReconciliation/${first.id ?? ''}/$post`;
    expect(((await o.call(path)).body as PaymentReconciliation).outcome).toBe('queued');
    const second = await o.call(path, [
      { name: 'claim', part: [part('ordinal', { valuePositiveInt: 1 }), claimOf(0)] },
      { name: 'claim', part: [part('ordinal', { valuePositiveInt: 2 }), adjustment('CO', '45', 1, 1)] },
    ]);
    expect([second.status, (second.body as PaymentReconciliation).outcome]).toEqual([200, 'complete']);
    expect((await o.find<Task>('Task?code=remittance-claim')).map((t) => t.status)).toEqual([
      'completed',
      'completed',
    ]);
    expect([await insurance(o, 0), await insurance(o, 1), await insurance(o, 2)]).toEqual([0, 0, 150]);
    await sound(o);
  });

  test('a payment that is not what its parts add up to is posted when a person says so', async () => {
    const o = await begin();
    const first = (await o.call('PaymentReconciliation/$post', [payment('CHK9', 68), paidClaim(claimOf(0))]))
      .body as PaymentReconciliation;
    expect(first.outcome).toBe('queued');
    expect(await insurance(o, 0)).toBe(150);
    const path = `PaymentReconciliation/${first.id ?? ''}/$post`;
    const refused = await o.call(path);
    expect([refused.status, refused.codes]).toEqual([422, ['remittance-unbalanced']]);
    const posted = await o.call(path, [part('difference', { valueBoolean: true })]);
    expect((posted.body as PaymentReconciliation).outcome).toBe('complete');
    expect(await insurance(o, 0)).toBe(0);
    await sound(o);
  });

  test('what was posted by mistake is taken back as a whole, and may come again', async () => {
    const o = await begin();
    const parameters = [payment('CHK10', 67.5), paidClaim(claimOf(0))];
    const first = (await o.call('PaymentReconciliation/$post', parameters)).body as PaymentReconciliation;
    const path = `PaymentReconciliation/${first.id ?? ''}/$reverse`;
    expect((await o.call(path)).status).toBe(400);
    const back = await o.call(path, [part('reason', { valueString: 'wrong practice' })]);
    expect([back.status, (back.body as PaymentReconciliation).status]).toEqual([200, 'cancelled']);
    expect(await insurance(o, 0)).toBe(150);
    expect((await o.find<ClaimResponse>('ClaimResponse?request=Claim/s0')).map((r) => r.status)).toEqual([
      'cancelled',
    ]);
    expect((await o.call('Claim/s0/$submit')).codes).toEqual(['answer-reversed']);
    await sound(o);
    const again = (await o.call('PaymentReconciliation/$post', parameters)).body as PaymentReconciliation;
    expect([again.outcome, again.id === first.id]).toEqual(['complete', false]);
    expect(await insurance(o, 0)).toBe(0);
    await sound(o);
  });

  test('neighbour: every fault of what is entered is told at once, and nothing is written', async () => {
    const o = await begin();
    const bad = await o.call('PaymentReconciliation/$post', [
      {
        name: 'payment',
        part: (payment('X', 1).part ?? []).map((p) =>
          p.name === 'payer' ? part('payer', { valueReference: { reference: 'Organization/nobody' } }) : p,
        ),
      },
      {
        name: 'claim',
        part: [
          part('claim', { valueReference: { reference: 'Claim/nobody' } }),
          part('charge', { valueMoney: usd(1.005) }),
          part('paid', { valueMoney: usd(0) }),
        ],
      },
    ]);
    expect([bad.status, bad.codes.toSorted()]).toEqual([
      422,
      ['claim-unknown', 'malformed-amount', 'organization-unknown'],
    ]);
    expect(await o.find<PaymentReconciliation>('PaymentReconciliation')).toEqual([]);
    expect((await o.read<Claim>('Claim', 's0')).status).toBe('active');
  });

  test('neighbour: a dry run writes nothing', async () => {
    const o = await begin();
    const dry = await o.call('PaymentReconciliation/$post', [
      payment('X', 67.5),
      paidClaim(claimOf(0)),
      part('dryRun', { valueBoolean: true }),
    ]);
    expect((dry.body as PaymentReconciliation).outcome).toBe('complete');
    expect(await o.find<PaymentReconciliation>('PaymentReconciliation')).toEqual([]);
    expect(await insurance(o, 0)).toBe(150);
  });
});
