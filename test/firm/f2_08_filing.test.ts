import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Claim, ClaimResponse, CodeableConcept, InsurancePlan, Quantity } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { on, openOffice, type Office } from './office.ts';
import { covered, plan } from './plan.ts';
import { condition, coverage, own, patient, procedure, rule, stay, visit } from './visit.ts';

interface Limit {
  readonly value: Quantity;
  readonly code?: CodeableConcept;
}
const days = (value: number, ...codes: readonly string[]): Limit => limit({ value, code: 'd' }, codes);
const years = (value: number, ...codes: readonly string[]): Limit => limit({ value, code: 'a' }, codes);
const limit = (value: Quantity, codes: readonly string[]): Limit => ({
  value: { system: 'http://unitsofmeasure.org', ...value },
  ...(codes.length === 0 ? {} : { code: { coding: codes.flatMap((c) => rule(c).coding ?? []) } }),
});

/** A plan of a payer of its own with limits of time. */
const filingPlan = (id: string, limits: readonly Limit[], owner?: string): InsurancePlan & { id: string } => {
  const made = plan(id, {}, [covered('claim-rules', [{ type: rule('timely-filing') }])], {
    ...(owner === undefined ? {} : { owner }),
    percentOfCharge: 80,
  });
  const [benefit] = made.coverage?.[0]?.benefit ?? [];
  if (benefit && limits.length > 0) benefit.limit = [...limits] as NonNullable<typeof benefit.limit>;
  return made;
};

describe.each(eachStore('firm_filing'))('times to file, on %s', (_name, open) => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice(open);
  });
  afterAll(() => office.close());

  const reasons = (response: ClaimResponse): string[] => [
    ...new Set(
      (response.item ?? []).flatMap((i) => i.adjudication.flatMap((a) => a.reason?.coding?.[0]?.code ?? [])),
    ),
  ];
  /** Drafts a visit on its day and sends it on another; answers with the CARCs, and whether the scrub had warned. */
  async function sent(claim: Claim | undefined, day: string): Promise<[late: boolean, warned: boolean]> {
    const scrubbed = await office.call(`Claim/${claim?.id ?? ''}/$scrub`, [on(day)]);
    const response = await office.submit(claim, day);
    return [reasons(response).includes('29'), scrubbed.codes.includes('timely-filing')];
  }
  async function draft(
    name: string,
    limits: readonly Limit[],
    of: { readonly notice?: string; readonly service?: string } = {},
  ): Promise<Claim | undefined> {
    const { notice, service = '2026-06-01' } = of;
    const extension = notice === undefined ? [] : [{ url: own('notice-of-coverage'), valueDate: notice }];
    await office.put(
      filingPlan(`limits-${name}`, limits),
      patient(name),
      coverage(name, name, {
        plan: `limits-${name}`,
        ...(extension.length > 0 ? { extension } : {}),
      }),
      visit(name, name, service),
      condition(name, name),
    );
    return (await office.claims(name, service))[0];
  }

  test('2.8 drafted in time and sent late is CO-29; $scrub warns by the planned day of sending', async () => {
    expect(await sent(await draft('late', [days(90)]), '2026-09-10')).toEqual([true, true]);
    expect(await sent(await draft('on-time', [days(90)]), '2026-08-30')).toEqual([false, false]);
    expect(await sent(await draft('day-after', [days(90)]), '2026-08-31')).toEqual([true, true]);
  });

  test('2.8 limits are in days or a calendar year', async () => {
    const service = '2025-06-02';
    expect(await sent(await draft('year', [years(1)], { service }), '2026-06-02')).toEqual([false, false]);
    expect(await sent(await draft('year-late', [years(1)], { service }), '2026-06-03')).toEqual([true, true]);
  });

  test('2.8 anchors: professional lines by their from-date, institutional claims by their through-date', async () => {
    const name = 'lines';
    const of = { patient: name, encounter: name, at: '2026-06-04T09:00:00-04:00' };
    await draft(name, [days(90)]);
    await office.put(
      procedure('lines-later', of, {
        code: {
          coding: [{ system: 'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code: 'G0463' }],
        },
      }),
    );
    const [claim] = await office.claims(name, '2026-06-04');
    const response = await office.submit(claim, '2026-08-31');
    const byLine = (response.item ?? []).map((i) =>
      i.adjudication.some((a) => a.reason?.coding?.[0]?.code === '29'),
    );
    expect(byLine).toEqual([true, false]);

    await office.put(
      patient('through'),
      coverage('through', 'through', { plan: 'limits-lines' }),
      stay('through', 'through', { start: '2026-06-01T09:00:00-04:00', end: '2026-06-05T09:00:00-04:00' }),
      condition('through', 'through'),
    );
    const [institutional] = await office.claims('through', '2026-06-05');
    expect(await sent(institutional, '2026-09-03')).toEqual([false, false]);
  });

  test('2.8 a secondary claim has a limit of its own, from the prior answer', async () => {
    const name = 'second';
    await office.put(
      filingPlan('limits-first', [days(400)]),
      filingPlan('limits-second', [days(10), days(60, 'secondary')], 'Organization/state-family'),
      patient(name),
      coverage('second-a', name, { plan: 'limits-first' }),
      coverage('second-b', name, {
        plan: 'limits-second',
        order: 2,
        payor: [{ reference: 'Organization/state-family' }],
      }),
      visit(name, name, '2026-06-01'),
      condition(name, name),
    );
    const first = filingPlan('limits-first', [days(400)]);
    const cost = first.plan?.[0]?.specificCost?.[0]?.benefit?.[0]?.cost;
    cost?.push({
      type: rule('coinsurance'),
      value: { value: 20, system: 'http://unitsofmeasure.org', code: '%' },
    });
    await office.put(first);
    const [claim] = await office.claims(name, '2026-06-01');
    await office.submit(claim, '2026-07-01');
    const secondary = (await office.find<Claim>(`Claim?patient=Patient/${name}&status=draft`))[0];
    expect(secondary?.insurance.find((i) => i.focal)?.coverage.reference).toBe('Coverage/second-b');
    expect(await sent(secondary, '2026-08-30')).toEqual([false, false]);
  });

  test('2.8 a secondary claim that is sent too late after the prior answer is denied with CO-29', async () => {
    const name = 'latesecond';
    const first = filingPlan('late-first', [days(400)]);
    first.plan?.[0]?.specificCost?.[0]?.benefit?.[0]?.cost?.push({
      type: rule('coinsurance'),
      value: { value: 20, system: 'http://unitsofmeasure.org', code: '%' },
    });
    const family = { order: 2, payor: [{ reference: 'Organization/state-family' }], plan: 'late-second' };
    await office.put(
      first,
      filingPlan('late-second', [days(400), days(60, 'secondary')], 'Organization/state-family'),
      patient(name),
      coverage('late-a', name, { plan: 'late-first' }),
      coverage('late-b', name, family),
      visit(name, name, '2026-06-01'),
      condition(name, name),
    );
    const [claim] = await office.claims(name, '2026-06-01');
    await office.submit(claim, '2026-07-01');
    const secondary = (await office.find<Claim>(`Claim?patient=Patient/${name}&status=draft`))[0];
    expect(secondary?.insurance.find((i) => i.focal)?.coverage.reference).toBe('Coverage/late-b');
    // 30 August is 60 days after the answer, 31 August one more, and both are 400 days within the service
    expect(await sent(secondary, '2026-08-31')).toEqual([true, true]);
  });

  test('2.8 a corrected claim has a limit of its own, from the last answer', async () => {
    // answered on 20 June, corrected on 24 November: 157 days
    const claim = await draft('corrected', [days(30), days(157, 'corrected', 'last-answer')]);
    await sent(claim, '2026-06-20');
    const correction = (number: string): Claim => {
      const copy = structuredClone(claim) as Claim;
      delete copy.id;
      delete copy.meta;
      copy.item?.forEach((item) => delete item.extension);
      copy.created = '2026-11-24';
      copy.identifier = [{ ...copy.identifier?.[0], value: number }];
      copy.related = [
        {
          claim: { reference: `Claim/${claim?.id ?? ''}` },
          relationship: {
            coding: [
              { system: 'http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship', code: 'prior' },
            ],
          },
          reference: { value: 'ICN1' },
        },
      ];
      return copy;
    };
    const send = async (number: string): Promise<string[]> => {
      const answer = await office.send('post', 'Claim/$submit', correction(number));
      expect([answer.status, answer.codes]).toEqual([200, []]);
      return reasons(answer.body as ClaimResponse);
    };
    expect(await send('CORRECTED1')).not.toContain('29');
    await office.put(filingPlan('limits-corrected', [days(400), days(156, 'corrected', 'last-answer')]));
    expect(await send('CORRECTED2')).toContain('29');
  });

  test('2.8 retroactive coverage counts from its notice', async () => {
    const limits = [days(30), days(60, 'retroactive-coverage')];
    const found = { notice: '2026-09-01' };
    expect(await sent(await draft('retro', limits, found), '2026-10-31')).toEqual([false, false]);
    expect(await sent(await draft('retro-late', limits, found), '2026-11-01')).toEqual([true, true]);
  });

  test('2.8 neighbour: a notice before the service makes nothing retroactive', async () => {
    const limits = [days(30), days(60, 'retroactive-coverage')];
    const known = { notice: '2026-05-01' };
    expect(await sent(await draft('known', limits, known), '2026-07-15')).toEqual([true, true]);
  });

  test('2.8 neighbour: a year from 29 February ends on the 28th', async () => {
    const service = '2024-02-29';
    await office.put(patient('leap'));
    const claim = await draft('leap', [years(2)], { service });
    await office.put(coverage('leap', 'leap', { plan: 'limits-leap', period: { start: '2020-01-01' } }));
    const [again] = await office.claims('leap', service);
    expect(claim).toBeUndefined();
    expect(await sent(again, '2026-03-01')).toEqual([true, true]);
  });

  test('2.8 neighbour: without a plan that says so the scrub warns after a calendar year, the payer denies nothing', async () => {
    const claim = await draft('unlimited', [], { service: '2025-06-02' });
    expect(await sent(claim, '2026-06-03')).toEqual([false, true]);
  });
});
