import type { ClaimResponse } from '@medplum/fhirtypes';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { explain } from '../../src/billing/explanation/explain.ts';
import { remit } from '../../src/billing/remittance/remit.ts';
import { adjudicated } from '../../src/datatypes/adjudication.ts';
import { cents, centsOf, subtract, sum, times, toDecimal, type Cents } from '../../src/datatypes/cents.ts';
import { answer } from '../../src/payer/answer.ts';
import { newEnrollment, usedOf, withUsed } from '../../src/payer/enrollment.ts';
import { c4bbFaults } from '../conformance/c4bb.ts';
import { claimOf, coverageOf, planNamed, type Row, type Story } from './stories.ts';

/** Claims nobody wrote by hand, to one payer after the other: what must hold of every answer. */

const codes = [
  'T1015',
  'Q2038',
  'J7325',
  'J1745',
  'J7050',
  'S8101',
  'J7613',
  'G0463',
  'A0425',
  'L4361',
  'J9999',
];
const row = fc
  .record({
    code: fc.constantFrom(...codes),
    units: fc.oneof(
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 1, max: 999 }).map((n) => n / 10),
    ),
    price: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: 90000 }) }, fc.constantFrom(0, 1)),
  })
  .map(({ code, units, price }): Row => [code, units, toDecimal(times(units, cents(price))), 0, 0, '']);
const payers = [
  { plan: 'juniper-ppo-1500', payer: 'juniper-ridge' },
  { plan: 'senior-basic', payer: 'federal-senior' },
  { plan: 'family-care', payer: 'state-family' },
] as const;
const chain = fc.shuffledSubarray([...payers], { minLength: 1 });
const kind = fc.constantFrom(undefined, 'outpatient' as const, 'inpatient' as const);
const drg = fc.constantFrom('194', '999');
const used = fc.record({ deductible: fc.nat(200000), limit: fc.nat(450000), ended: fc.boolean() });

const pr = (r: ClaimResponse): Cents =>
  sum(adjudicated(r).flatMap((l) => l.adjustments.filter((a) => a.group === 'PR').map((a) => a.amount)));

type Asked = readonly (typeof payers)[number][];
type Form = 'outpatient' | 'inpatient' | undefined;
interface Before {
  readonly deductible: number;
  readonly limit: number;
  readonly ended: boolean;
}

function answersHold(rows: Row[], asked: Asked, form: Form, group: string, before: Before): void {
  const priors: ClaimResponse[] = [];
  for (const [i, who] of asked.entries()) {
    const story: Story = {
      ...who,
      member: `M${i}`,
      on: '2026-03-04',
      rows,
      drg: group,
      ...(form ? { institutional: form } : {}),
    };
    const claim = claimOf(story);
    const first = newEnrollment(`M${i}`, `Organization/${who.payer}`, 'Patient/nora-whitfield');
    const had = {
      deductible: cents(before.deductible),
      limit: cents(before.limit),
      inpatientDeductible: cents(0),
    };
    const held = withUsed(first, story.on, { used: had });
    const coverage = {
      ...coverageOf(story),
      ...(before.ended && i === 0 ? { period: { end: '2026-01-01' } } : {}),
    };
    const question = {
      claim,
      coverage,
      priors: [...priors],
      satisfied: true,
      answeredOn: '2026-04-01',
    };
    const reply = answer(question, { plan: planNamed(who.plan), enrollment: held, duplicate: false });
    const response = { ...reply.response, id: `r${i}` };
    for (const line of adjudicated(response)) {
      const explained = sum([line.paid, ...line.adjustments.map((a) => a.amount)]);
      expect(explained).toBe(line.submitted);
      expect(line.paid).toBeGreaterThanOrEqual(0);
    }
    const eob = explain({ claim, response, priors });
    expect(
      c4bbFaults({ ...eob, id: 'e', meta: { ...eob.meta, lastUpdated: '2026-04-01T12:00:00Z' } }),
    ).toEqual([]);
    expect(centsOf(remit(response).paymentAmount)).toBe(sum(adjudicated(response).map((l) => l.paid)));
    const now = usedOf(reply.enrollment, story.on);
    expect(now.deductible).toBeGreaterThanOrEqual(had.deductible);
    expect(now.limit).toBeGreaterThanOrEqual(had.limit);
    const left = priors.at(-1) ? pr(priors.at(-1) ?? response) : undefined;
    if (left !== undefined)
      expect(pr(response) + sum(adjudicated(response).map((l) => l.paid))).toBeLessThanOrEqual(left);
    priors.push(response);
  }
  const charge = sum(
    priors
      .slice(0, 1)
      .flatMap(adjudicated)
      .map((l) => l.submitted),
  );
  const paid = sum(priors.flatMap((r) => adjudicated(r).map((l) => l.paid)));
  if (form !== 'inpatient') expect(subtract(charge, paid)).toBeGreaterThanOrEqual(0); // a case rate may exceed it
}

test('every answer balances, its explanation conforms, and several payers never pay more than the charge', () => {
  fc.assert(fc.property(fc.array(row, { minLength: 1, maxLength: 6 }), chain, kind, drg, used, answersHold), {
    numRuns: 150,
  });
});

test('what the next payer explains of a stay whose case rate exceeds the charge adds up', () => {
  const asked = [payers[1], payers[0]];
  answersHold([['T1015', 1, 0, 0, 0, '']], asked, 'inpatient', '194', {
    deductible: 0,
    limit: 0,
    ended: false,
  });
});
