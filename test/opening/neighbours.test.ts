import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Claim,
  Coverage,
  Invoice,
  Organization,
  ParametersParameter,
  PaymentNotice,
  Task,
} from '@medplum/fhirtypes';
import { until } from '../firm/payerAtTheEnd.ts';
import { coverage, own } from '../firm/visit.ts';
import { eachStore } from '../http/eachStore.ts';
import { reversalOf } from '../posting/remittance.ts';
import {
  amount,
  answerPart,
  balancePart,
  claimPart,
  clp,
  creditPart,
  day,
  decidedLines,
  formerClaim,
  head,
  openWorld,
  text,
  type World,
} from './world.ts';

const reason: ParametersParameter = { name: 'reason', valueString: 'it was wrong' };
const off = (kind: string, reference: string): ParametersParameter => ({
  name: 'withdraw',
  part: [{ name: 'kind', valueCode: kind }, text('reference', reference)],
});

describe.each(eachStore('opening-neighbours'))('what was brought forward, on %s', (_, open) => {
  let w: World;
  const said = head(100_000, 100_000, 100_000);
  const loaded = async (...parts: ParametersParameter[]): Promise<void> => {
    const answer = await w.load(...said, ...parts);
    expect([answer.status, answer.issues.filter((i) => i.severity === 'error')]).toEqual([200, []]);
  };
  const claimOf = async (
    number: string,
    open = 150,
    ...more: ParametersParameter[]
  ): Promise<Claim & { id: string }> => {
    await loaded(claimPart(formerClaim(number, 'ada'), open, ...more));
    return w.claim(number);
  };
  beforeAll(async () => {
    w = await openWorld(open, ['ada', 'ben', 'cy']);
  });
  afterAll(() => w.close());

  test('a claim is neither sent again nor corrected here, and is given up by a write-off', async () => {
    const claim = await claimOf('N-1');
    const sent = await w.call(`Claim/${claim.id}/$submit`);
    expect([sent.status, sent.body]).toMatchObject([
      200,
      { resourceType: 'ClaimResponse', outcome: 'queued' },
    ]);
    for (const code of ['correct', 'void']) {
      const answer = await w.call(`Claim/${claim.id}/$${code}`, [reason]);
      expect([answer.status, answer.codes]).toEqual([409, ['claim-state']]);
    }
    await w.remit({ trace: 'N1', clps: [clp('N-1', decidedLines([0, 'CO-197 120'], [30]))] });
    expect((await w.state(claim)).state).toBe('partly-denied');
    for (const code of ['correct', 'void']) {
      const answer = await w.call(`Claim/${claim.id}/$${code}`, [reason]);
      expect([answer.status, answer.codes]).toEqual([409, ['claim-brought-forward']]);
    }
    const give = (value: number): ParametersParameter[] => [
      amount('amount', value),
      { name: 'reason', valueCode: 'other' },
    ];
    const other = await claimOf('N-2', 80);
    const above = await w.call(`Claim/${other.id}/$write-off`, give(80.01));
    expect([above.status, above.text('above-denied-amount')]).toEqual([
      422,
      `open of Claim/${other.id} is 80.00`,
    ]);
    expect((await w.call(`Claim/${other.id}/$write-off`, give(80))).status).toBe(200);
    expect(await w.stands('receivable-insurance-open', other.id)).toBe(0);
    expect((await w.call(`Claim/${claim.id}/$write-off`, give(120))).status).toBe(200);
    expect(await w.faults()).toEqual([]);
  });

  test('a claim of which a part is open is answered on the whole, and its share is billed by line', async () => {
    const claim = await claimOf('N-3', 70);
    await w.remit({
      trace: 'N3',
      clps: [clp('N-3', decidedLines([40, 'CO-45 60; PR-1 20'], [20, 'PR-2 10']))],
    });
    expect(await w.stands('receivable-insurance-open', claim.id)).toBe(0);
    expect(await w.stands('unapplied-payer-credit', claim.id)).toBe(0);
    expect(await w.stands('contractual-adjustment', claim.id)).toBe(0);
    // 70 was open: 60 was paid, and no more is left to the patient than was
    expect(await w.stands('receivable-patient-not-invoiced', claim.id)).toBe(10);
    expect(await w.faults()).toEqual([]);
  });

  test('a takeback that fits no answer that was told is held with its reason, and no cent is lost', async () => {
    const claim = await claimOf('N-4', 0, answerPart(100, 50));
    const wrong = reversalOf(clp('N-4', decidedLines([80, 'CO-45 40'], [30])));
    await w.remit({ trace: 'N4', clps: [wrong], plb: [['FB', 'N4', -110]] });
    const [task] = (await w.find<Task>('Task?code=remittance-claim')).filter((t) =>
      t.description?.includes('-110.00'),
    );
    expect(task?.description).toContain('the former system had got 100.00');
    expect(await w.stands('receivable-insurance-open', claim.id)).toBe(0);
    expect(await w.stands('unidentified-payer-cash')).toBe(110);
    expect(await w.faults()).toEqual([]);
    const right = reversalOf(clp('N-4', decidedLines([70, 'CO-45 30; PR-1 20'], [30])));
    await w.remit({ trace: 'N4B', date: '20260207', clps: [right], plb: [['FB', 'N4B', -100]] });
    expect(await w.stands('receivable-insurance-open', claim.id)).toBe(150);
    expect(await w.tasks()).toEqual(
      expect.arrayContaining(['correction-awaited Claim', 'reversal-review Claim']),
    );
    // the same once more is nothing that the former system had
    await w.remit({ trace: 'N4C', date: '20260208', clps: [right], plb: [['FB', 'N4C', -100]] });
    expect(await w.stands('receivable-insurance-open', claim.id)).toBe(150);
    expect(await w.faults()).toEqual([]);
  });

  test('a correction that comes before its reversal ends in the same books', async () => {
    const claim = await claimOf('N-5', 0, answerPart(120, 30));
    const corrected = clp('N-5', decidedLines([80, 'CO-45 30; PR-3 10'], [30]), { payerNumber: 'NEW-5' });
    await w.remit({ trace: 'N5', clps: [corrected] });
    expect(await w.stands('unapplied-payer-credit', claim.id)).toBe(-110);
    const taken = reversalOf(clp('N-5', decidedLines([90, 'CO-45 30'], [30])));
    await w.remit({ trace: 'N5B', date: '20260207', clps: [taken], plb: [['WO', 'N-5', -120]] });
    expect(await w.stands('unapplied-payer-credit', claim.id)).toBe(0);
    expect(await w.stands('receivable-insurance-open', claim.id)).toBe(0);
    expect(await w.stands('contractual-adjustment', claim.id)).toBe(30);
    expect(await w.stands('receivable-patient-not-invoiced', claim.id)).toBe(10);
    await loaded(claimPart(formerClaim('N-5X', 'ada'), 150));
    await w.remit({
      ...{ trace: 'N5C', date: '20260208' },
      clps: [clp('N-5X', decidedLines([120], [30]))],
      plb: [['WO', 'N-5', 120]],
    });
    expect(await w.stands('payer-recoupment', claim.id)).toBe(0);
    expect(await w.faults()).toEqual([]);
  });

  test('what a first payer leaves goes to the second, whose draft is sent from here', async () => {
    const second: Coverage & { id: string } = coverage('cy-2', 'cy', {
      order: 2,
      payor: [{ reference: 'Organization/state-family' }],
    });
    await w.put(second);
    const insurance: Claim['insurance'] = [
      { sequence: 1, focal: true, coverage: { reference: 'Coverage/cy' } },
      { sequence: 2, focal: false, coverage: { reference: 'Coverage/cy-2' } },
    ];
    await loaded(claimPart(formerClaim('N-6', 'cy', { insurance }), 150));
    await w.remit({ trace: 'N6', clps: [clp('N-6', decidedLines([70, 'CO-45 30; PR-1 20'], [30]))] });
    const drafts = await w.find<Claim>('Claim?patient=Patient/cy&status=draft');
    expect(
      drafts.map((c) => [c.insurer?.reference, c.insurance.map((i) => i.claimResponse !== undefined)]),
    ).toEqual([['Organization/state-family', [true, false]]]);
    expect(drafts[0]?.extension?.some((e) => e.url === own('brought-forward'))).toBe(false);
    const sent = await w.call(`Claim/${drafts[0]?.id ?? ''}/$submit`);
    expect([sent.status, sent.issues.filter((i) => i.severity === 'error')]).toEqual([200, []]);
    expect(await w.stands('receivable-insurance-open', drafts[0]?.id)).toBe(20);
    expect(await w.faults()).toEqual([]);
  });

  test('a claim that its payer does not answer is asked after, counted from its sending', async () => {
    const payer = await w.read<Organization>('Organization', 'juniper-ridge');
    const usual = { url: own('usual-answer-days'), valuePositiveInt: 20 };
    await w.put({ ...payer, extension: [...(payer.extension ?? []), usual] });
    const claim = await claimOf('N-7');
    const job = await w.context.store.jobs.read(`follow-up|Claim/${claim.id}`);
    expect(job).toMatchObject({ kind: 'claim-follow-up' });
    // 20 days after it was sent is long past, so that it is asked after at once
    const tasks = await until(async () => {
      const found = await w.find<Task>(`Task?code=no-answer&focus=Claim/${claim.id}`);
      return found.length > 0 ? found : undefined;
    });
    expect(tasks.map((t) => t.status)).toEqual(['requested']);
    expect(
      await w.find(`Task?code=submission&business-status=brought-forward&focus=Claim/${claim.id}`),
    ).toHaveLength(1);
  });

  test('the receipt of a credit is taken back against the opening, and its number is free', async () => {
    await loaded(creditPart('CHK-1', 'ben', 60));
    const [notice] = (await w.find<PaymentNotice>('PaymentNotice')).filter(
      (n) => n.payment.identifier?.value === 'CHK-1',
    );
    const taken = await w.call(`PaymentNotice/${notice?.id ?? ''}/$reverse`, [reason]);
    expect(taken.status).toBe(200);
    expect(await w.stands('unapplied-patient-credit')).toBe(0);
    expect(await w.faults()).toEqual([]);
  });

  test('a payment dated in the former books meets its Invoice on the day the books begin', async () => {
    await loaded(balancePart('B-7', 'ben', 30, day('statementDate', '2026-05-01')));
    const [invoice] = await w.find<Invoice>('Invoice?identifier=B-7');
    const paid = await w.call(`Invoice/${invoice?.id ?? ''}/$record-payment`, [
      amount('amount', 30),
      { name: 'method', valueCode: 'card' },
      text('reference', 'A-1'),
      day('date', '2026-06-02'),
    ]);
    expect([paid.status, paid.all<Invoice>('invoice')[0]?.status]).toEqual([200, 'balanced']);
    expect(await w.faults()).toEqual([]);
  });

  test('what was loaded by mistake is taken off while nothing was posted on it, and can be loaded anew', async () => {
    await loaded(
      balancePart('B-8', 'ben', 31),
      creditPart('CHK-8', 'ben', 7),
      claimPart(formerClaim('N-8', 'ben'), 150),
    );
    const before = await w.stands('opening-balance');
    const wrong = await w.load(...said, balancePart('B-8', 'ben', 13));
    expect([wrong.status, wrong.codes]).toEqual([409, ['opening-part-differs']]);
    const right = [balancePart('B-8', 'ben', 13), claimPart(formerClaim('N-8', 'ben'), 140)];
    const answer = await w.load(
      ...said,
      off('balance', 'b-8'),
      off('claim', 'N-8'),
      off('credit', 'CHK-8'),
      ...right,
    );
    expect([answer.status, answer.codes]).toEqual([
      200,
      ['opening-loaded', 'opening-withdrawn', 'opening-underway'],
    ]);
    expect(Math.round(100 * ((await w.stands('opening-balance')) - before))).toBe(2100);
    await w.remit({ trace: 'N8', clps: [clp('N-8', decidedLines([120], [30]))] });
    const used = await w.load(...said, off('claim', 'N-8'));
    expect([used.status, used.codes]).toEqual([409, ['opening-part-used']]);
    const unknown = await w.load(...said, off('claim', 'N-99'));
    expect([unknown.status, unknown.codes]).toEqual([422, ['opening-part-unknown']]);
    expect(await w.faults()).toEqual([]);
  });

  test('two calls at once load each part once', async () => {
    const parts = [
      claimPart(formerClaim('N-9', 'ada'), 150),
      balancePart('B-9', 'ada', 5),
      creditPart('CHK-9', 'ada', 6),
    ];
    const before = (await w.entries()).length;
    const answers = await Promise.all([
      w.load(...said, ...parts),
      w.load(...said, ...parts),
      w.load(...said, ...parts),
    ]);
    expect(answers.map((a) => a.status)).toEqual([200, 200, 200]);
    expect(answers.map((a) => a.text('opening-loaded')).sort()).toEqual([
      '0 parts are loaded, 3 were there already',
      '0 parts are loaded, 3 were there already',
      '3 parts are loaded, 0 were there already',
    ]);
    expect((await w.entries()).length - before).toBe(3);
    expect(await w.faults()).toEqual([]);
  });

  test('a dry run says what would be, and writes nothing', async () => {
    const before = await w.written();
    const answer = await w.load(...said, balancePart('B-10', 'ada', 5), {
      name: 'dryRun',
      valueBoolean: true,
    });
    expect([answer.status, answer.codes]).toEqual([200, ['opening-loaded', 'opening-underway']]);
    expect(await w.written()).toBe(before);
  });
});
