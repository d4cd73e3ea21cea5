import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type {
  Basic,
  Bundle,
  Parameters,
  ParametersParameter,
  PaymentReconciliation,
} from '@medplum/fhirtypes';
import { storeFaults } from '../../src/command/verify/readBooks.ts';
import { sum } from '../../src/datatypes/cents.ts';
import type { LedgerAccount } from '../../src/datatypes/entry.ts';
import { openOffice, type Office, type Said } from '../firm/office.ts';
import { paidClp, sentClaims, sentNumber } from '../fixture/sentClaims.ts';
import { eachStore } from '../http/eachStore.ts';
import { AsAccount } from '../smart/asAccount.ts';
import { interchangeText, type Remittance } from './remittance.ts';

const clinic: ParametersParameter = {
  name: 'practice',
  valueReference: { reference: 'Organization/alder-street-clinic' },
};
const money = (name: string, value: number): ParametersParameter => ({
  name,
  valueMoney: { value, currency: 'USD' },
});
const named = (name: string, reference: string): ParametersParameter => ({
  name,
  valueReference: { reference },
});
const statement = (text: string): ParametersParameter => ({
  name: 'statement',
  resource: { resourceType: 'Binary', contentType: 'text/csv', data: Buffer.from(text).toString('base64') },
});
const csv = (...rows: string[]): string => ['Date,Description,Reference,Amount', ...rows].join('\r\n');
const payment = (i: number, over: Partial<Remittance> = {}): Remittance => ({
  ...{ trace: `EFT${i}`, date: '20261120', clps: [paidClp(sentNumber(i))] },
  ...over,
});
const partsOf = (body: unknown, name: string): string[] =>
  ((body as Parameters).parameter ?? [])
    .filter((p) => p.name === name)
    .map((p) =>
      (p.part ?? [])
        .filter((x) => x.name !== 'line')
        .map((x) => x.valueCode ?? x.valueMoney?.value ?? x.valueReference?.reference?.split('/')[0] ?? '')
        .filter((x) => x !== '')
        .join(' '),
    );

describe.each(eachStore('posting-deposit'))('deposits, on %s', (_, open) => {
  let office: Office;
  beforeEach(async () => {
    office = await openOffice(open, { payer: 'none' });
    await sentClaims(office.context, 0, { count: 3 });
  });
  afterEach(() => office.close());
  const handIn = async (of: Remittance, n: number): Promise<void> => {
    const data = Buffer.from(interchangeText(of).replaceAll('000000001', n.toString().padStart(9, '0')));
    const resource = {
      resourceType: 'Binary',
      contentType: 'application/EDI-X12',
      data: data.toString('base64'),
    };
    const { status } = await office.call('$process-x12', [
      { name: 'interchange', resource } as ParametersParameter,
    ]);
    expect(status).toBe(200);
  };
  const reconcile = async (...parameters: ParametersParameter[]): Promise<Said> => {
    const said = await office.call('$reconcile-bank', [clinic, ...parameters]);
    expect([said.status, said.issues.filter((i) => i.severity === 'error')]).toEqual([200, []]);
    return said;
  };
  const stands = async (account: LedgerAccount): Promise<number> => {
    const { entries } = await office.context.store.entries({ count: 500 });
    const own = entries.flatMap((e) => e.postings).filter((p) => p.account === account);
    return sum(own.map((p) => p.amount)) / 100;
  };
  const states = async (): Promise<string[]> =>
    (await office.find<PaymentReconciliation>('PaymentReconciliation')).map(
      (p) => `${p.status} ${p.outcome} ${p.paymentAmount.value ?? 0}`,
    );
  const lines = (): Promise<(Basic & { id: string })[]> => office.find<Basic>('Basic?code=bank-line');
  const expectSound = async (): Promise<void> => {
    const { store, now } = office.context;
    expect((await storeFaults(store, Date.parse(now()) + 3_600_000_000)).faults).toEqual([]);
  };

  test('a line is matched to the payment of its trace, and both lists say what is left', async () => {
    await handIn(payment(0), 1);
    await handIn(payment(1), 2);
    const said = await reconcile(
      statement(
        csv(
          '11/21/2026,"ACH CREDIT TRN*1*EFT0*1941234567\\",,67.50',
          '11/21/2026,CARD SETTLEMENT,,"1,012.30"',
        ),
      ),
    );
    expect(partsOf(said.body, 'line')).toEqual(['67.5 matched PaymentReconciliation', '1012.3 open']);
    expect(partsOf(said.body, 'missing')).toEqual(['PaymentReconciliation 67.5']);
    expect((said.body as Parameters).parameter?.find((p) => p.name === 'bankOnly')?.valueMoney?.value).toBe(
      1012.3,
    );
    expect(await stands('cash')).toBe(135);
    await expectSound();
    const again = await reconcile(
      statement(
        csv(
          '11/21/2026,"ACH CREDIT TRN*1*EFT0*1941234567\\",,67.50',
          '11/21/2026,CARD SETTLEMENT,,"1,012.30"',
        ),
      ),
    );
    expect(await lines()).toHaveLength(2);
    expect(partsOf(again.body, 'line')).toEqual(partsOf(said.body, 'line'));
  });

  test('money of an 835 that did not come is cash of nobody known, and its 835 takes its place', async () => {
    const said = await reconcile(statement(csv('2026-11-21,TRN*1*EFT0*1941234567,,67.50')));
    expect(partsOf(said.body, 'line')).toEqual(['67.5 matched PaymentReconciliation']);
    expect([await stands('cash'), await stands('unidentified-payer-cash')]).toEqual([67.5, -67.5]);
    expect(await states()).toEqual(['active queued 67.5']);
    await expectSound();
    await handIn(payment(0), 1);
    expect(await states()).toEqual(['cancelled queued 67.5', 'active complete 67.5']);
    expect([await stands('cash'), await stands('unidentified-payer-cash')]).toEqual([67.5, 0]);
    expect(partsOf((await reconcile()).body, 'line')).toEqual(['67.5 matched PaymentReconciliation']);
    expect(partsOf((await reconcile()).body, 'missing')).toEqual([]);
    await expectSound();
  });

  test('neighbour: posted from the bank by mistake it is taken back, and the line is open', async () => {
    await reconcile(statement(csv('2026-11-21,TRN*1*EFT0*1941234567,,67.50')));
    const [bank] = await office.find<PaymentReconciliation>('PaymentReconciliation');
    expect((await office.call(`PaymentReconciliation/${bank?.id ?? ''}/$post`)).codes).toEqual([
      'remittance-awaited',
    ]);
    const path = `PaymentReconciliation/${bank?.id ?? ''}/$reverse`;
    expect((await office.call(path, [{ name: 'reason', valueString: 'not ours' }])).status).toBe(200);
    expect(partsOf((await reconcile()).body, 'line')).toEqual(['67.5 open']);
    expect([await stands('cash'), await stands('unidentified-payer-cash')]).toEqual([0, 0]);
    await expectSound();
  });

  test('neighbour: a line that names a payment of long ago is matched to it', async () => {
    await handIn(payment(0), 1);
    const said = await reconcile(statement(csv('2027-03-01,TRN*1*EFT0*1941234567,,67.50')));
    expect(partsOf(said.body, 'line')).toEqual(['67.5 matched PaymentReconciliation']);
    expect(await stands('cash')).toBe(67.5);
    await expectSound();
  });

  test('a transaction that does not balance is posted as the bank confirms it', async () => {
    await handIn(payment(0, { paid: 70 }), 1);
    expect([await stands('cash'), await states()]).toEqual([70, ['active queued 70']]);
    await reconcile(statement(csv('2026-11-20,TRN*1*EFT0*1941234567,,67.50')));
    expect([await stands('cash'), await stands('unidentified-payer-cash')]).toEqual([67.5, -67.5]);
    await expectSound();
    const [held] = await office.find<PaymentReconciliation>('PaymentReconciliation');
    // what the bank has is what its claims add up to: nothing keeps them any longer
    expect((await office.call(`PaymentReconciliation/${held?.id ?? ''}/$post`)).status).toBe(200);
    expect(await states()).toEqual(['active complete 67.5']);
    expect([await stands('cash'), await stands('unidentified-payer-cash')]).toEqual([67.5, 0]);
    await expectSound();
  });

  test('neighbour: a payment that was posted stays, and the difference is looked at', async () => {
    await handIn(payment(0), 1);
    const said = await reconcile(statement(csv('2026-11-20,TRN*1*EFT0*1941234567,,60.00')));
    expect(partsOf(said.body, 'line')).toEqual(['60 differs PaymentReconciliation']);
    expect(said.codes).toContain('bank-difference');
    const [task] = await office.find('Task?code=bank-difference');
    expect(task).toMatchObject({ status: 'requested' });
    expect(await stands('cash')).toBe(67.5);
    await expectSound();
  });

  test('a line is matched to several payments: those it names, and those of one payer and day', async () => {
    for (const i of [0, 1, 2]) await handIn(payment(i), i + 1);
    const said = await reconcile(
      statement(csv('2026-11-20,TRN*1*EFT0*1941234567\\TRN*1*EFT1*1941234567\\,,135.00')),
    );
    expect(partsOf(said.body, 'line')).toEqual(['135 matched PaymentReconciliation PaymentReconciliation']);
    expect(partsOf(said.body, 'missing')).toEqual(['PaymentReconciliation 67.5']);
    await expectSound();
  });

  test('neighbour: one payment of the day for all, by its amount, and a person says otherwise', async () => {
    for (const i of [0, 1]) await handIn(payment(i), i + 1);
    const said = await reconcile(statement(csv('2026-11-22,DEPOSIT,,135.00')));
    expect(partsOf(said.body, 'line')).toEqual(['135 matched PaymentReconciliation PaymentReconciliation']);
    const [line] = await lines();
    const [, second] = await office.find<PaymentReconciliation>('PaymentReconciliation');
    const part = [
      named('line', `Basic/${line?.id ?? ''}`),
      named('to', `PaymentReconciliation/${second?.id ?? ''}`),
    ];
    const moved = await reconcile({ name: 'match', part });
    expect(partsOf(moved.body, 'line')).toEqual(['135 differs PaymentReconciliation']);
    expect(partsOf(moved.body, 'missing')).toEqual(['PaymentReconciliation 67.5']);
    await expectSound();
  });

  test('a batch is closed by its control total, once, and is in the bank as one amount', async () => {
    const pay = (value: number, reference: string): Promise<Said> =>
      office.call('Account/a0/$record-payment', [
        ...[money('amount', value), { name: 'method', valueCode: 'check' }],
        ...[
          { name: 'reference', valueString: reference },
          { name: 'businessDate', valueDate: '2026-11-24' },
        ],
      ]);
    expect([(await pay(20, '101')).status, (await pay(35.5, '102')).status]).toEqual([200, 200]);
    const close = (total: number, ...more: ParametersParameter[]): Promise<Said> =>
      office.call('PaymentNotice/$close-batch', [
        clinic,
        { name: 'kind', valueCode: 'check' },
        money('total', total),
        ...more,
      ]);
    const wrong = await close(55);
    expect([wrong.status, wrong.codes]).toEqual([422, ['batch-unbalanced']]);
    expect(wrong.text('batch-unbalanced')).toContain('55.50 was posted and 55.00 was counted');
    expect((await close(55.5, { name: 'count', valueUnsignedInt: 3 })).codes).toEqual(['batch-unbalanced']);
    const [closed, twice] = await Promise.all([close(55.5), close(55.5)]);
    expect([closed.status, twice.status].sort()).toEqual([200, 422]);
    const batch = (closed.status === 200 ? closed : twice).body as Basic;
    expect(
      (await office.send('put', `Basic/${batch.id ?? ''}`, { ...batch, created: '2026-01-01' })).codes,
    ).toEqual(['kept-by-the-books']);
    const said = await reconcile(statement(csv('2026-11-25,DEPOSIT,,55.50')));
    expect(partsOf(said.body, 'line')).toEqual(['55.5 matched Basic']);
    expect(partsOf(said.body, 'missing')).toEqual([]);
    await expectSound();
  });

  test('neighbour: the front desk closes its drawer, and sees no line of the bank', async () => {
    const accounts = new AsAccount(office.context);
    const desk = (name: string, practice: string) => ({
      ...{ name, kind: 'user' as const, roles: ['front-desk'], users: [], practices: [practice] },
    });
    await accounts.is(desk('own', 'alder-street-clinic'));
    await accounts.is(desk('other', 'bellwater-hospital'));
    const paid = await office.call('Account/a0/$record-payment', [
      ...[money('amount', 20), { name: 'method', valueCode: 'cash' }],
      { name: 'businessDate', valueDate: '2026-11-24' },
    ]);
    expect(paid.status).toBe(200);
    await reconcile(statement(csv('2026-11-20,DEPOSIT,,9.99')));
    const parameter = [clinic, { name: 'kind', valueCode: 'drawer' }, money('total', 20)];
    const asked = { resourceType: 'Parameters', parameter };
    const close = async (name: string): Promise<number> =>
      (await accounts.ask(name, 'post', 'PaymentNotice/$close-batch', asked)).status;
    expect([await close('other'), await close('own'), await close('own')]).toEqual([403, 200, 422]);
    const { body } = (await accounts.ask('own', 'get', 'Basic')) as { body: Bundle<Basic> };
    expect(body.entry?.map((e) => e.resource?.code.coding?.[0]?.code)).toEqual(['deposit-batch']);
    await expectSound();
  });

  test('what cannot be read is refused as a whole', async () => {
    for (const [text, why] of [
      ['Day,Sum\n1,2', 'no column of dates'],
      [csv('2026-11-20,X,,12.345'), 'no date or no amount'],
      [
        '01,B,P,261120,0800,1,,,2/\n02,P,B,1,261120,,2/\n03,123,USD/\n16,142,5000,Z,1,2,X/\n49,4999,3/',
        'does not add up',
      ],
    ] as const) {
      const said = await office.call('$reconcile-bank', [clinic, statement(text)]);
      expect([said.status, said.codes]).toEqual([422, ['bank-statement']]);
      expect(said.text('bank-statement')).toContain(why);
    }
    expect(await lines()).toEqual([]);
  });

  test('nobody reconciles the bank of another practice', async () => {
    await handIn(payment(0), 1);
    const accounts = new AsAccount(office.context);
    const user = (name: string, role: string, practice: string) => ({
      ...{ name, kind: 'user' as const, roles: [role], users: [], practices: [practice] },
    });
    await accounts.is(user('other', 'biller', 'bellwater-hospital'));
    await accounts.is(user('clinician', 'clinician', 'alder-street-clinic'));
    await accounts.is(user('own', 'biller', 'alder-street-clinic'));
    const asked = {
      resourceType: 'Parameters',
      parameter: [clinic, statement(csv('2026-11-20,DEPOSIT,,67.50'))],
    };
    const told: number[] = [];
    for (const name of ['other', 'clinician', 'own'])
      told.push((await accounts.ask(name, 'post', '$reconcile-bank', asked)).status);
    expect(told).toEqual([403, 403, 200]);
    expect(await lines()).toHaveLength(1);
  });
});
