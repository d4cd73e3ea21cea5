import { expect, test } from '@jest/globals';
import type { InsurancePlan } from '@medplum/fhirtypes';
import { adjudicated } from '../../src/datatypes/adjudication.ts';
import { toDecimal } from '../../src/datatypes/cents.ts';
import { answer } from '../../src/payer/answer.ts';
import { readPlan, type Plan } from '../../src/payer/plan.ts';
import { system } from '../../src/terminology/system.ts';
import { claimOf, coverageOf, enrollmentOf, insurancePlans, planNamed, type Story } from './stories.ts';

/** A visit of 500.00 to a hospital's outpatient department. */
const visit: Story = {
  member: 'JRH100234501', // nothing used of the plan year
  plan: 'juniper-ppo-1500',
  payer: 'juniper-ridge',
  on: '2026-03-10',
  institutional: 'outpatient',
  rows: [
    ['G0463', 1, 214.6, 0, 0, ''],
    ['J3420', 1, 285.4, 0, 0, ''],
  ],
};

const withRate = (over: Partial<Plan> = {}): Plan => ({
  ...planNamed('juniper-ppo-1500'),
  caseRates: new Map([['G0463', 30_000 as never]]),
  ...over,
});

function decided(story: Story, plan: Plan): unknown[][] {
  const { response } = answer(
    {
      claim: claimOf(story),
      coverage: coverageOf(story),
      priors: [],
      satisfied: false,
      answeredOn: '2026-12-01',
    },
    { plan, enrollment: enrollmentOf(story.member), duplicate: false },
  );
  return adjudicated(response).map(({ sequence, submitted, allowed, paid, adjustments }) => [
    sequence,
    ...[submitted, allowed, paid].map(toDecimal),
    adjustments.map((a) => `${a.group}-${a.reason} ${toDecimal(a.amount).toFixed(2)}`).join('; '),
  ]);
}

test('a service with a case rate decides the whole of an outpatient visit: 300.00 of 500.00, all of it deductible', () => {
  expect(decided(visit, withRate())).toEqual([[undefined, 500, 300, 0, 'CO-45 200.00; PR-1 300.00']]);
});

test('neighbour: the deductible of stays is not asked of a visit', () => {
  const plan = withRate({
    inpatientDeductible: 167_600 as never,
    deductible: 10_000 as never,
    coinsurance: 2000,
  });
  // 100.00 of the yearly deductible, then 20 % of 200.00
  expect(decided(visit, plan)).toEqual([[undefined, 500, 300, 160, 'CO-45 200.00; PR-1 100.00; PR-2 40.00']]);
});

test('neighbour: the yearly maximum holds for what is paid as a whole: 60.00 of 160.00 are the member’s', () => {
  const plan = withRate({
    inpatientDeductible: 167_600 as never,
    deductible: 10_000 as never,
    coinsurance: 2000,
    maximum: 10_000 as never,
  });
  expect(decided(visit, plan)).toEqual([
    [undefined, 500, 300, 100, 'CO-45 200.00; PR-1 100.00; PR-2 40.00; PR-119 60.00'],
  ]);
});

test('neighbour: the rate of a service that is denied is not paid', () => {
  const plan = withRate({ authorization: new Map([['G0463', new Set<string>()]]) });
  const lines = decided(visit, plan);
  expect(lines.map(([sequence]) => sequence)).toEqual([1, 2]);
  expect(lines[0]?.slice(3)).toEqual([0, 'CO-197 214.60']);
});

test('neighbour: a professional claim, and a visit without the service, are decided line by line', () => {
  const { institutional: _, ...professional } = visit;
  expect(decided(professional, withRate()).map(([sequence]) => sequence)).toEqual([1, 2]);
  expect(decided({ ...visit, rows: visit.rows.slice(1) }, withRate()).map(([sequence]) => sequence)).toEqual([
    1,
  ]);
});

test('neighbour: a plan says it as a cost of type case-rate of the service', () => {
  const [ppo] = insurancePlans;
  const [own] = ppo?.plan ?? [];
  const rule = (code: string) => ({ coding: [{ system: system.benefitRule, code }] });
  const plan = {
    ...ppo,
    plan: [
      {
        ...own,
        specificCost: [
          {
            category: rule('fee-schedule'),
            benefit: [
              {
                type: { coding: [{ system: system.hcpcs, code: 'G0463' }] },
                cost: [{ type: rule('case-rate'), value: { value: 310, code: 'USD' } }],
              },
            ],
          },
        ],
      },
    ],
  } as InsurancePlan;
  expect(readPlan(plan).caseRates).toEqual(new Map([['G0463', 31_000]]));
});
