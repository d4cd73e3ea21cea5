import { describe, expect, test } from '@jest/globals';
import type { Claim, ExplanationOfBenefit, Invoice, Parameters } from '@medplum/fhirtypes';
import { callOperation } from '../../src/operation/run.ts';
import { identifierOf } from '../../src/datatypes/identifier.ts';
import { system } from '../../src/terminology/system.ts';
import { dated } from '../operation/practice.ts';
import { desk, reversalOf, story1Lines, type Clp, type Desk } from '../posting/remittance.ts';

const first = (number: string): Clp => ({ number, payerNumber: 'ICN1', lines: story1Lines });
const corrected = (number: string, share: number): Clp => ({
  number,
  payerNumber: 'ICN2',
  lines: [
    { code: 'T1015', charge: 168.45, paid: 121.87 - share, why: `CO-45 46.58; PR-3 ${share}` },
    ...story1Lines.slice(1),
  ],
});
const reason = { name: 'reason', valueString: 'wrong copay' };

/** Drafts and sends what corrects the claim; answers with the new claim's id and number. */
async function correct(
  d: Desk,
  code: 'correct' | 'void',
  isSent = true,
): Promise<{ readonly id: string; readonly number: string }> {
  const on = dated('2026-03-10');
  const answered = await callOperation(d.context, code, { type: 'Claim', id: 'one' }, [reason, ...on]);
  const { parameter = [] } = JSON.parse(String(answered.body)) as Parameters;
  const draft = parameter.find((p) => p.name === 'claim')?.resource as Claim;
  if (isSent) await d.submit(draft.id ?? '', dated('2026-03-11'));
  return { id: draft.id ?? '', number: identifierOf(draft, system.patientControlNumber) ?? '' };
}
const state = async (d: Desk, id: string): Promise<string | undefined> => {
  const { body } = await callOperation(d.context, 'state', { type: 'Claim', id }, []);
  return (JSON.parse(String(body)) as Parameters).parameter?.find((p) => p.name === 'state')?.valueCode;
};
const patient = async (d: Desk): Promise<number> =>
  (await d.stands('receivable-patient-not-invoiced')) + (await d.stands('receivable-patient-invoiced'));

describe('corrections that an 835 answers', () => {
  test.each([
    ['in one 835, the reversal first', [['r', 'c']]],
    ['in one 835, the reversal last', [['c', 'r']]],
    ['in two, the reversal first', [['r'], ['c']]],
    ['in two, the reversal last', [['c'], ['r']]],
  ])('5 a replacement takes over what stood on the claim before it: %s', async (_name, deliveries) => {
    const d = await desk();
    const number = await d.sent('one');
    await d.post({ trace: 'T1', clps: [first(number)] });
    const [eob] = await d.all<ExplanationOfBenefit>('ExplanationOfBenefit');
    await callOperation(
      d.context,
      'generate-invoice',
      { type: 'ExplanationOfBenefit', id: eob?.id ?? '' },
      [],
    );
    const next = await correct(d, 'correct');
    const clps: Record<string, Clp> = { r: reversalOf(first(number)), c: corrected(next.number, 35) };
    for (const [i, names] of deliveries.entries()) {
      const own = names.flatMap((name) => clps[name] ?? []);
      const paid = own
        .map((c) => c.lines.reduce((t, l) => t + Math.round(l.paid * 100), 0))
        .reduce((a, b) => a + b, 0);
      const plb = paid < 0 ? ([['WO', number, paid / 100]] as const) : [];
      await d.post({ trace: `T${(2 + i).toString()}`, clps: own, plb });
    }
    expect(await d.stands('receivable-insurance-open')).toBe(0);
    expect(await d.stands('unapplied-payer-credit')).toBe(0);
    expect(await d.stands('contractual-adjustment')).toBe(71.48);
    expect(await d.stands('contractual-adjustment', next.id)).toBe(71.48);
    expect(await patient(d)).toBe(35);
    expect([await state(d, 'one'), await state(d, next.id)]).toEqual(['corrected', 'paid']);
    expect(await d.faults()).toEqual([]);
    const open = (await d.all<Invoice>('Invoice')).filter((i) => i.status === 'issued');
    expect(open.map((i) => i.totalNet?.value)).toEqual([35]);
  });

  test.each(['of the claim', 'of the void'])(
    '5 a void is done when the 835 takes the claim back, under the number %s',
    async (under) => {
      const d = await desk();
      const number = await d.sent('one');
      await d.post({ trace: 'T1', clps: [first(number)] });
      const made = await correct(d, 'void');
      const back = reversalOf(first(under === 'of the claim' ? number : made.number));
      await d.post({ trace: 'T2', clps: [back], plb: [['WO', number, -149.92]] });
      expect(await d.stands('receivable-unbilled')).toBe(246.4);
      expect([await d.stands('receivable-insurance-open'), await patient(d)]).toEqual([0, 0]);
      expect([await state(d, 'one'), await state(d, made.id)]).toEqual(['voided', 'done']);
      expect(await d.faults()).toEqual([]);
    },
  );

  test.each([[['r', 'c']], [['c', 'r']]])(
    '5 neighbour: a reversal under the number of the replacement takes back the claim before: %j',
    async (order) => {
      const d = await desk();
      const number = await d.sent('one');
      await d.post({ trace: 'T1', clps: [first(number)] });
      const next = await correct(d, 'correct');
      // the payer pays the same again: the amounts alone do not say which answer is taken back
      const clps: Record<string, Clp> = {
        r: { ...reversalOf(first(number)), number: next.number },
        c: { ...first(next.number), payerNumber: 'ICN2' },
      };
      for (const [i, name] of order.entries()) {
        const clp = clps[name];
        const plb = name === 'r' ? ([['WO', number, -149.92]] as const) : [];
        if (clp) await d.post({ trace: `T${(2 + i).toString()}`, clps: [clp], plb });
      }
      expect([await state(d, 'one'), await state(d, next.id)]).toEqual(['corrected', 'paid']);
      expect(await d.stands('receivable-insurance-open')).toBe(0);
      expect(await patient(d)).toBe(25);
      expect(await d.faults()).toEqual([]);
    },
  );

  test.each([
    ['sent', true],
    ['a draft', false],
  ])(
    '5 neighbour: the payer takes its answer back by itself and denies, while the replacement is %s',
    async (_name, isSent) => {
      const d = await desk();
      const number = await d.sent('one');
      await d.post({ trace: 'T1', clps: [first(number)] });
      const next = await correct(d, 'correct', isSent);
      const denial: Clp = {
        number,
        payerNumber: 'ICN1B',
        status: '4',
        lines: story1Lines.map((l) => ({ ...l, paid: 0, why: `CO-50 ${l.charge.toString()}` })),
      };
      const plb = [['WO', number, -149.92]] as const;
      await d.post({ trace: 'T2', clps: [reversalOf(first(number)), denial], plb: [...plb] });
      expect(await d.faults()).toEqual([]);
      if (!isSent) await d.submit(next.id, dated('2026-11-24'));
      await d.post({ trace: 'T3', clps: [corrected(next.number, 35)] });
      if (!isSent) await d.post({ trace: 'T4', clps: [reversalOf(denial)] });
      expect(await d.stands('receivable-insurance-open')).toBe(0);
      expect(await d.stands('receivable-insurance-denied')).toBe(0);
      expect(await patient(d)).toBe(35);
      expect([await state(d, 'one'), await state(d, next.id)]).toEqual(['corrected', 'paid']);
      expect((await d.tasks()).includes('answer-review Claim')).toBe(isSent);
      expect(await d.faults()).toEqual([]);
    },
  );
});
