import type { Basic, ClaimResponse, ClaimResponseItemAdjudication } from '@medplum/fhirtypes';
import { describe, expect, test } from '@jest/globals';
import { adjudicated } from '../../src/datatypes/adjudication.ts';
import { toDecimal, type Cents } from '../../src/datatypes/cents.ts';
import { answer, type Question, type Reply } from '../../src/payer/answer.ts';
import { usedOf } from '../../src/payer/enrollment.ts';
import { system } from '../../src/terminology/system.ts';
import {
  claimOf,
  coverageOf,
  enrollmentOf,
  planNamed,
  story1,
  story10,
  story2,
  story3,
  story4,
  story4Authorised,
  story5,
  story6,
  story7First,
  story7Second,
  story9Ambulance,
  story9Stay,
  type Story,
} from './stories.ts';

function ask(story: Story, over: Partial<Question> = {}, enrollment?: Basic): Reply {
  return answer(
    {
      claim: claimOf(story),
      coverage: coverageOf(story),
      priors: [],
      satisfied: false,
      answeredOn: '2026-12-01',
      ...over,
    },
    { plan: planNamed(story.plan), enrollment: enrollment ?? enrollmentOf(story.member), duplicate: false },
  );
}

const why = (a: { group: string; reason: string; amount: Cents }): string =>
  `${a.group}-${a.reason} ${toDecimal(a.amount).toFixed(2)}`;
const lines = (r: ClaimResponse) =>
  adjudicated(r).map((a) => [
    toDecimal(a.submitted),
    toDecimal(a.allowed),
    toDecimal(a.paid),
    a.adjustments.map(why).join('; '),
  ]);
const expected = (s: Story) =>
  s.rows.map(([, , charge, allowed, paid, adjustments]) => [charge, allowed, paid, adjustments]);
const used = (reply: Reply) => {
  const { deductible, limit, inpatientDeductible } = usedOf(reply.enrollment, '2026-12-01');
  return [deductible, limit, inpatientDeductible].map(toDecimal);
};

describe('the payer answers the stories to the cent', () => {
  test.each([
    ['1: copay only', story1, [0, 25, 0]],
    ['2: deductible not met', story2, [822.88, 897.88, 0]],
    ['3: limit reached in the middle of a claim', story3, [1500, 4000, 0]],
    ['4: denied for missing authorisation', story4, [1500, 2310, 0]],
    ['5: not covered on the date', story5, [0, 0, 0]],
    ['7: first payer', story7First, [257, 250.3, 0]],
    ['9b: ambulance', story9Ambulance, [257, 236.19, 0]],
    ['10: deductible used up inside a line', story10, [1500, 1768.61, 0]],
  ])('story %s', (_name, story, after) => {
    const reply = ask(story);
    expect(reply.response.outcome).toBe('complete');
    expect(lines(reply.response)).toEqual(expected(story));
    expect(used(reply)).toEqual(after);
  });

  test('story 3 says with N549 that the limit cut the line', () => {
    const { response } = ask(story3);
    const note = response.processNote?.find((n) => n.text.startsWith('N549'))?.number;
    expect(note).toBe(1);
    expect(response.item?.[2]?.noteNumber).toEqual([1]);
    expect(response.item?.[1]?.noteNumber).toBeUndefined();
  });

  test('story 4 is paid once the claim carries the authorisation number', () => {
    const claim = claimOf(story4);
    claim.insurance = [
      { sequence: 1, focal: true, coverage: { reference: 'Coverage/c' }, preAuthRef: ['AUTH1'] },
    ];
    const reply = ask(story4, { claim });
    expect(lines(reply.response)).toEqual(expected(story4Authorised));
    expect(used(reply)).toEqual([1500, 3046.46, 0]);
  });

  test('story 6 waits for a document and pays when it has come', () => {
    const waiting = ask(story6);
    expect(waiting.response.outcome).toBe('queued');
    expect(waiting.response.item).toBeUndefined();
    expect(waiting.response.payment).toBeUndefined();
    expect(waiting.response.processNote?.[0]?.text).toBe('N706: a document is missing for line 3 (S8101)');
    expect(lines(ask(story6, { satisfied: true }).response)).toEqual(expected(story6));
    const claim = claimOf(story6, {
      supportingInfo: [
        { sequence: 1, category: { coding: [{ system: system.supportingInfo, code: 'attachment' }] } },
      ],
    });
    expect(lines(ask(story6, { claim }).response)).toEqual(expected(story6));
  });

  test('story 7: the second payer pays the rest and uses none of its limit', () => {
    const first = ask(story7First).response;
    const reply = ask(story7Second, { priors: [first] });
    expect(lines(reply.response)).toEqual(expected(story7Second));
    expect(used(reply)).toEqual([1500, 1740, 0]);
    expect(reply.response.payment?.amount.value).toBe(250.3);
  });

  test('story 9a: a case rate stands in the header and no item carries an adjudication', () => {
    const reply = ask(story9Stay);
    expect(reply.response.item).toBeUndefined();
    expect(lines(reply.response)).toEqual([[8610.41, 6248.17, 4572.17, 'CO-45 2362.24; PR-1 1676.00']]);
    expect(usedOf(reply.enrollment, '2026-03-01').inpatientDeductible).toBe(167600);
    expect(usedOf(reply.enrollment, '2026-07-01').inpatientDeductible).toBe(0);
    expect(usedOf(reply.enrollment, '2026-03-01').deductible).toBe(10908);
  });
});

describe('the payer refuses', () => {
  const reasons = (reply: Reply): string[] =>
    adjudicated(reply.response).flatMap((a) => a.adjustments.map((x) => `${x.group}-${x.reason}`));

  test.each<[string, string, Partial<Question>, string]>([
    [
      'before the enrolment begins',
      'PR-26',
      { claim: claimOf({ ...story1, on: '2024-12-31' }, { created: '2025-01-02' }) },
      'PR-26',
    ],
    ['181 days after the service', 'CO-29', { claim: claimOf(story1, { created: '2026-07-20' }) }, 'CO-29'],
    ['a member without id', 'CO-31', { coverage: undefined }, 'CO-31'],
  ])('%s with %s', (_name, _code, question, reason) => {
    expect(reasons(ask(story1, question))).toEqual([reason, reason, reason]);
  });

  test('nothing that comes 180 days after the service', () => {
    expect(reasons(ask(story1, { claim: claimOf(story1, { created: '2026-07-19' }) }))).toContain('CO-45');
  });

  test('a duplicate with OA-18', () => {
    const reply = answer(
      {
        claim: claimOf(story1),
        coverage: coverageOf(story1),
        priors: [],
        satisfied: false,
        answeredOn: '2026-02-04',
      },
      { plan: planNamed(story1.plan), enrollment: enrollmentOf(story1.member), duplicate: true },
    );
    expect(reasons(reply)).toEqual(['OA-18', 'OA-18', 'OA-18']);
    expect(reply.response.disposition).toBe('Denied');
  });

  test('a code the plan has no fee for with 204 and N130, never with 45', () => {
    const reply = ask({ ...story1, rows: [['J0696', 4, 44.6, 0, 0, '']] });
    expect(reasons(reply)).toEqual(['PR-204']);
    expect(reply.response.processNote?.[0]?.text).toMatch(/^N130/);
  });

  test('only the line that was served after the coverage ended', () => {
    const claim = claimOf(story5);
    const [first] = claim.item ?? [];
    if (first) first.servicedDate = '2026-04-30';
    expect(reasons(ask(story5, { claim }))).toEqual(['CO-45', 'PR-3', 'PR-27']);
  });
});

describe('a later payer', () => {
  const secondaryClaim = claimOf(story7Second);

  test('counts filing from the answer of the payer before, not from the service', () => {
    const first: ClaimResponse = { ...ask(story7First).response, created: '2026-12-20' };
    const late = claimOf(story7Second, { created: '2027-03-01' });
    const reply = ask(story7Second, { claim: late, priors: [first] });
    expect(lines(reply.response)).toEqual(expected(story7Second));
  });

  test('refuses only what was left, the rest is OA-23', () => {
    const first = ask(story7First).response;
    const enrollment = enrollmentOf(story7Second.member);
    enrollment.extension = [
      {
        url: 'https://claimwright.example/fhir/StructureDefinition/enrolled-period',
        valuePeriod: { end: '2026-01-01' },
      },
    ];
    const reply = ask(story7Second, { claim: secondaryClaim, priors: [first] }, enrollment);
    expect(lines(reply.response).map((l) => l[3])).toEqual([
      'OA-23 190.21; PR-27 24.39',
      'OA-23 1662.96; PR-27 225.24',
      'OA-23 24.08; PR-27 0.67',
    ]);
  });

  test('decides a stay as a whole when the payer before did', () => {
    const first = ask(story9Stay).response;
    const second: Story = {
      ...story9Stay,
      plan: 'juniper-ppo-1500',
      payer: 'juniper-ridge',
      member: 'JRH100110701',
    };
    const reply = ask(second, { priors: [first] });
    expect(reply.response.item).toBeUndefined();
    // No fee for room and board: it goes by what the first payer allowed, 6,248.17, and 30 % of it are 1,874.45.
    expect(lines(reply.response)).toEqual([[8610.41, 6248.17, 1676, 'OA-23 6934.41']]);
  });
});

describe('a member id can force', () => {
  const forced = (member: string, rows = story1.rows): Story => ({ ...story1, member, rows });
  const on = (story: Story, over: Partial<Question> = {}): Reply =>
    answer(
      {
        claim: claimOf(story),
        coverage: coverageOf(story),
        priors: [],
        satisfied: false,
        answeredOn: '2026-02-04',
        ...over,
      },
      { plan: planNamed(story.plan), enrollment: undefined, duplicate: false },
    );
  const paid = (r: Reply) => lines(r.response).map((l) => [l[2], l[3]]);

  test('paid', () => {
    expect(paid(on(forced('FORCEDPAID1')))).toEqual([
      [168.45, ''],
      [41.2, ''],
      [36.75, ''],
    ]);
  });
  test('denied', () => {
    expect(paid(on(forced('FORCEDDENIED1')))).toEqual([
      [0, 'CO-50 168.45'],
      [0, 'CO-50 41.20'],
      [0, 'CO-50 36.75'],
    ]);
  });
  test('partially paid, also on one line', () => {
    expect(paid(on(forced('FORCEDPARTIAL1')))).toEqual([
      [168.45, ''],
      [0, 'CO-50 41.20'],
      [0, 'CO-50 36.75'],
    ]);
    expect(paid(on(forced('FORCEDPARTIAL1', story1.rows.slice(0, 1))))).toEqual([[84.23, 'CO-45 84.22']]);
  });
  test('pended, until what is asked for is given', () => {
    expect(on(forced('FORCEDPENDED1')).response.outcome).toBe('queued');
    expect(on(forced('FORCEDPENDED1'), { satisfied: true }).response.outcome).toBe('complete');
  });
  test('reversed: paid and taken back with one remittance', () => {
    const reply = on(forced('FORCEDREVERSED1'));
    expect(reply.takenBack).toBe(24640);
    expect(reply.response.payment?.amount.value).toBe(0);
  });
});

test('every adjustment names its group and reason in the X12 systems', () => {
  const entries: ClaimResponseItemAdjudication[] = ask(story1).response.item?.[0]?.adjudication ?? [];
  expect(entries[3]?.category.coding?.[0]).toEqual({ system: system.adjustmentGroup, code: 'CO' });
  expect(entries[3]?.reason?.coding?.[0]).toEqual({ system: system.carc, code: '45' });
});

test('the same question gets the same answer', () => {
  expect(ask(story10)).toEqual(ask(story10));
});
