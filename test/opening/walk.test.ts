import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ExplanationOfBenefit, Invoice, ParametersParameter, PaymentNotice } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import {
  amount,
  answerPart,
  balancePart,
  claimPart,
  close,
  clp,
  creditPart,
  day,
  decidedLines,
  formerClaim,
  head,
  names,
  openWorld,
  text,
  type World,
} from './world.ts';

describe.each(eachStore('opening-walk'))('a practice goes live, on %s', (_, open) => {
  let w: World;
  const parts = [
    claimPart(formerClaim('OLD-1', 'ada'), 150, text('payerNumber', 'P-1')),
    claimPart(formerClaim('OLD-2', 'ben'), 150),
    claimPart(formerClaim('OLD-3', 'ada'), 0, answerPart(100, 50)),
    balancePart('B-1', 'ada', 40, day('serviceDate', '2026-06-01'), day('statementDate', '2026-07-01')),
    balancePart('B-2', 'ben', 25),
    creditPart('CHK-77', 'ben', 60),
  ];
  beforeAll(async () => {
    w = await openWorld(open, ['ada', 'ben']);
  });
  afterAll(() => w.close());

  test('go-live: open claims, balances and credits are loaded against the opening balance, and add up', async () => {
    const loaded = await w.load(...head(300, 65, 60), ...parts, close);
    expect([loaded.status, loaded.codes]).toEqual([200, ['opening-loaded', 'opening-closed']]);
    expect(await w.stands('receivable-insurance-open')).toBe(300);
    expect(await w.stands('receivable-patient-invoiced')).toBe(65);
    expect(await w.stands('unapplied-patient-credit')).toBe(-60);
    expect(await w.stands('opening-balance')).toBe(-305);
    expect(await w.stands('cash')).toBe(0);
    expect(await w.faults()).toEqual([]);
    const claim = await w.claim('OLD-1');
    expect(claim).toMatchObject({ status: 'active', created: '2026-09-03' });
    expect(await w.state(claim)).toEqual({ state: 'brought-forward', allows: ['write-off'] });
    const [invoice] = await w.find<Invoice>('Invoice?identifier=B-1');
    expect(invoice).toMatchObject({ status: 'issued', date: '2026-07-01', totalNet: { value: 40 } });
  });

  test('go-live: the same again changes nothing', async () => {
    const before = await w.written();
    const again = await w.load(...head(300, 65, 60), ...parts, close);
    expect([again.status, again.text('opening-loaded')]).toEqual([
      200,
      '0 parts are loaded, 6 were there already',
    ]);
    expect(await w.written()).toBe(before);
  });

  test('go-live: an 835 pays one old claim, denies one and takes one back', async () => {
    expect(
      await w.remit({
        trace: 'R1',
        clps: [
          clp('OLD-1', decidedLines([70, 'CO-45 30; PR-3 20'], [30])),
          clp('OLD-2', decidedLines([0, 'CO-197 120'], [0, 'CO-197 30']), { status: '4' }),
          clp(
            'OLD-3',
            decidedLines([-80, 'CO-45 -40'], [-20, 'CO-45 -10']).map((l) => ({ ...l, charge: -l.charge })),
            {
              status: '22',
            },
          ),
        ],
        plb: [['FB', 'R1', -1]],
      }),
    ).toBe(200);
    const [one, two, three] = [await w.claim('OLD-1'), await w.claim('OLD-2'), await w.claim('OLD-3')];
    const states = [];
    for (const claim of [one, two, three]) states.push((await w.state(claim)).state);
    expect(states).toEqual(['paid', 'denied', 'reversed']);
    expect(await w.stands('receivable-insurance-open', one.id)).toBe(0);
    expect(await w.stands('contractual-adjustment', one.id)).toBe(30);
    expect(await w.stands('receivable-patient-not-invoiced', one.id)).toBe(20);
    expect(await w.stands('receivable-insurance-denied', two.id)).toBe(150);
    expect(await w.stands('receivable-insurance-open', three.id)).toBe(150);
    expect(await w.stands('unidentified-payer-cash')).toBe(0);
    expect(await w.tasks()).toContain('correction-awaited Claim');
    expect(await w.faults()).toEqual([]);
  });

  test('go-live: the payer corrects what it took back, and a patient is asked for their share', async () => {
    expect(
      await w.remit({
        trace: 'R2',
        date: '20260206',
        clps: [clp('OLD-3', decidedLines([90, 'CO-45 30'], [30]))],
      }),
    ).toBe(200);
    const three = await w.claim('OLD-3');
    expect((await w.state(three)).state).toBe('paid');
    expect(await w.stands('receivable-insurance-open', three.id)).toBe(0);
    const one = await w.claim('OLD-1');
    const [eob] = await w.find<ExplanationOfBenefit>(`ExplanationOfBenefit?claim=Claim/${one.id}`);
    const billed = await w.call(`ExplanationOfBenefit/${eob?.id ?? ''}/$generate-invoice`);
    expect([billed.status, billed.all<Invoice>('invoice')[0]?.totalNet?.value]).toEqual([200, 20]);
    expect(await w.faults()).toEqual([]);
  });

  test('go-live: a patient pays, credit is applied, the rest is refunded and written off', async () => {
    const pay = (method: string, reference: string, value: number): ParametersParameter[] => [
      amount('amount', value),
      { name: 'method', valueCode: method },
      text('reference', reference),
    ];
    const [one] = await w.find<Invoice>('Invoice?identifier=B-1');
    const paid = await w.call(`Invoice/${one?.id ?? ''}/$record-payment`, pay('check', '901', 30));
    expect(paid.status).toBe(200);
    const gone = await w.call(`Invoice/${one?.id ?? ''}/$write-off`, [
      amount('amount', 10),
      { name: 'reason', valueCode: 'small-balance' },
    ]);
    expect([gone.status, gone.all<Invoice>('invoice')[0]?.status]).toEqual([200, 'balanced']);
    const [two] = await w.find<Invoice>('Invoice?identifier=B-2');
    const account = two?.account?.reference ?? '';
    const applied = await w.call(`${account}/$apply-credit`, [names('invoice', `Invoice/${two?.id ?? ''}`)]);
    expect([applied.status, applied.all<Invoice>('invoice')[0]?.status]).toEqual([200, 'balanced']);
    expect((await w.call(`${account}/$refund`, pay('check', '902', 15))).status).toBe(200);
    const balance = await w.send('get', `${account}/$balance`);
    expect(JSON.stringify(balance.body)).toContain('"name":"unapplied","valueMoney":{"value":20');
    expect(await w.faults()).toEqual([]);
    const [notice] = await w.find<PaymentNotice>('PaymentNotice?identifier=CHK-77');
    expect(notice === undefined || notice.status === 'active').toBe(true);
  });
});
