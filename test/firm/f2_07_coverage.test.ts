import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Claim, Invoice, Task } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { openOffice, type Office } from './office.ts';
import { covered, plan } from './plan.ts';
import { condition, coverage, drug, patient, rule, stay, visit } from './visit.ts';

const changeRule = (way: string) => [covered('claim-rules', [{ type: rule(`coverage-change-${way}`) }])];
const info = (claim: Claim | undefined, category: string) =>
  claim?.supportingInfo?.find((s) => s.category.coding?.[0]?.code === category)?.code?.coding?.[0]?.code;
/** Payer, statement dates, type of bill, discharge status and total of a claim. */
const told = (claim: Claim | undefined) => [
  claim?.insurance[0]?.coverage.reference,
  claim?.billablePeriod?.start,
  claim?.billablePeriod?.end,
  info(claim, 'typeofbill'),
  info(claim, 'discharge-status'),
  claim?.total?.value,
];

describe.each(eachStore('firm_coverage'))('coverage that changes, on %s', (_name, open) => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice(open);
    for (const way of ['admission', 'split', 'entitlement']) await office.put(plan(way, {}, changeRule(way)));
    await office.put(plan('silent', {}));
  });
  afterAll(() => office.close());

  /** A stay of five nights from 1 to 6 October with coverages of a plan, each with its period. */
  async function admit(
    name: string,
    planId: string,
    periods: readonly { readonly start?: string; readonly end?: string }[],
  ): Promise<void> {
    const period = { start: '2026-10-01T14:00:00-04:00', end: '2026-10-06T10:00:00-04:00' };
    await office.put(patient(name), stay(name, name, period), condition(name, name));
    for (const [i, of] of periods.entries())
      await office.put(coverage(`${name}-${i.toString()}`, name, { plan: planId, period: { ...of } }));
  }
  const tasks = async (name: string, code: string) =>
    (await office.find<Task>(`Task?encounter=Encounter/${name}`)).filter(
      (t) => t.code?.coding?.[0]?.code === code,
    );
  const scrubErrors = async (claim: Claim | undefined) =>
    (await office.call(`Claim/${claim?.id ?? ''}/$scrub`)).issues
      .filter((i) => i.severity === 'error')
      .map((i) => i.details?.text);
  const until = { start: '2026-01-01', end: '2026-10-03' };
  const after = { start: '2026-10-04' };

  test('2.7 professional lines go to the coverage of their own day', async () => {
    const of = { patient: 'days', encounter: 'days', at: '2026-10-04T09:00:00-04:00' };
    await office.put(
      patient('days'),
      visit('days', 'days', '2026-10-03'),
      condition('days', 'days'),
      drug('days-drug', of),
      coverage('days-0', 'days', { period: until }),
      coverage('days-1', 'days', { period: after }),
    );
    const answer = await office.call('Encounter/days/$generate-claim');
    const claims = answer.all<Claim>('claim');
    expect(claims.map((c) => [c.insurance[0]?.coverage.reference, c.total?.value])).toEqual([
      ['Coverage/days-0', 168.45],
      ['Coverage/days-1', 39],
    ]);
    expect(answer.text('coverage-by-day')).toContain('2026-10-04: Coverage/days-1');
    const again = await office.claims('days');
    expect(again.map((c) => [c.id, c.meta?.versionId])).toEqual(claims.map((c) => [c.id, c.meta?.versionId]));
  });

  test('2.7 admission: all to the coverage of admission', async () => {
    await admit('admitted', 'admission', [until, after]);
    const answer = await office.call('Encounter/admitted/$generate-claim');
    const claims = answer.all<Claim>('claim');
    expect(claims.map(told)).toEqual([
      ['Coverage/admitted-0', '2026-10-01', '2026-10-06', '0111', '01', 9232.5],
    ]);
    expect(answer.text('coverage-change')).toContain('as the plan says (admission)');
    expect(await scrubErrors(claims[0])).toEqual([]);
    expect((await office.submit(claims[0])).outcome).toBe('complete');
  });

  test('2.7 split: by day, interim bills with status 30, the last 4, never two 0111', async () => {
    await admit('parted', 'split', [
      { start: '2026-01-01', end: '2026-10-02' },
      { start: '2026-10-03', end: '2026-10-04' },
      { start: '2026-10-05' },
    ]);
    const answer = await office.call('Encounter/parted/$generate-claim');
    const claims = answer.all<Claim>('claim');
    expect(claims.map(told)).toEqual([
      ['Coverage/parted-0', '2026-10-01', '2026-10-02', '0112', '30', 3693],
      ['Coverage/parted-1', '2026-10-03', '2026-10-04', '0113', '30', 3693],
      ['Coverage/parted-2', '2026-10-05', '2026-10-06', '0114', '01', 1846.5],
    ]);
    for (const claim of claims) {
      expect(await scrubErrors(claim)).toEqual([]);
      expect((await office.submit(claim)).outcome).toBe('complete');
    }
    const again = await office.call('Encounter/parted/$generate-claim');
    expect([again.status, again.all<Claim>('claim').map((c) => c.id)]).toEqual([
      200,
      claims.map((c) => c.id),
    ]);
  });

  test('2.7 entitlement: from the first covered day, earlier days to nobody', async () => {
    await admit('entitled', 'entitlement', [{ start: '2026-10-03' }]);
    const answer = await office.call('Encounter/entitled/$generate-claim');
    const [claim, ...more] = answer.all<Claim>('claim');
    expect(more).toEqual([]);
    expect(told(claim)).toEqual(['Coverage/entitled-0', '2026-10-03', '2026-10-06', '0111', '01', 5539.5]);
    expect(answer.text('before-entitlement')).toContain('billed to nobody');
    expect(await scrubErrors(claim)).toEqual([]);
    const invoice = await office.call('Encounter/entitled/$generate-invoice');
    expect([invoice.status, invoice.all('invoice'), invoice.codes.includes('before-entitlement')]).toEqual([
      200,
      [],
      true,
    ]);
  });

  test('2.7 no rule: held with a Task coverage-change, until a plan says', async () => {
    await admit('held', 'silent', [until, after]);
    const answer = await office.call('Encounter/held/$generate-claim');
    expect([answer.status, answer.all('claim')]).toEqual([200, []]);
    expect(answer.text('coverage-change')).toContain('no plan says');
    expect((await tasks('held', 'coverage-change')).map((t) => t.status)).toEqual(['requested']);
    await office.put(plan('silent', {}, changeRule('admission')));
    expect((await office.claims('held')).map(told)[0]?.[0]).toBe('Coverage/held-0');
    expect((await tasks('held', 'coverage-change')).map((t) => t.status)).toEqual(['completed']);
    await office.put(plan('silent', {}));
  });

  test('2.7 uncovered days wait for a coverage search and are released to the patient by a person', async () => {
    await admit('ended', 'split', [until]);
    const [claim, ...more] = await office.claims('ended');
    expect([more.length, told(claim)]).toEqual([
      0,
      ['Coverage/ended-0', '2026-10-01', '2026-10-03', '0112', '30', 5539.5],
    ]);
    const before = await office.call('Encounter/ended/$generate-invoice');
    expect([before.all('invoice'), before.codes.includes('find-coverage')]).toEqual([[], true]);
    const [search] = await tasks('ended', 'find-coverage');
    expect([search?.status, search?.focus?.reference]).toEqual(['requested', 'Encounter/ended']);
    if (!search) throw new Error('no Task');
    await office.put({ ...search, status: 'completed' });
    const released = await office.call('Encounter/ended/$generate-invoice');
    const [invoice] = released.all<Invoice>('invoice');
    expect([invoice?.totalNet?.value, released.codes.includes('released-to-patient')]).toEqual([3693, true]);
    const again = await office.call('Encounter/ended/$generate-invoice');
    expect(again.all<Invoice>('invoice')[0]?.id).toBe(invoice?.id);
    const claims = await office.claims('ended');
    expect(claims.map((c) => [c.id, c.total?.value])).toEqual([[claim?.id, 5539.5]]);
  });

  test('2.7 neighbour: a coverage that is found takes the days, and the search is withdrawn', async () => {
    await admit('found', 'split', [until]);
    const [first] = await office.claims('found');
    await office.put(coverage('found-1', 'found', { plan: 'split', period: after }));
    const claims = await office.claims('found');
    expect(claims.map((c) => [c.insurance[0]?.coverage.reference, info(c, 'typeofbill')])).toEqual([
      ['Coverage/found-0', '0112'],
      ['Coverage/found-1', '0114'],
    ]);
    expect(claims[0]?.id).toBe(first?.id);
    expect((await tasks('found', 'find-coverage')).map((t) => t.status)).toEqual(['cancelled']);
  });

  test('2.7 neighbour: a coverage that ends after the draft was made: $capture-charges holds it with a Task', async () => {
    await admit('shortened', 'silent', [{ start: '2026-01-01' }]);
    const [claim] = await office.claims('shortened');
    await office.put(
      coverage('shortened-0', 'shortened', { plan: 'silent', period: until }),
      stay('shortened', 'shortened', {
        start: '2026-10-01T14:00:00-04:00',
        end: '2026-10-07T10:00:00-04:00',
      }),
    );
    const answer = await office.call('Encounter/shortened/$capture-charges');
    expect(answer.codes).toEqual(expect.arrayContaining(['coverage-change', 'cancelled']));
    expect((await tasks('shortened', 'coverage-change')).map((t) => t.status)).toEqual(['requested']);
    expect((await office.read<Claim>('Claim', claim?.id ?? '')).status).toBe('cancelled');
  });

  test('2.7 neighbour: without any coverage all is self-pay as before', async () => {
    await admit('nobody', 'split', []);
    const answer = await office.call('Encounter/nobody/$generate-claim');
    expect([answer.all('claim'), answer.codes.includes('self-pay')]).toEqual([[], true]);
    expect(await tasks('nobody', 'find-coverage')).toEqual([]);
    const invoice = await office.call('Encounter/nobody/$generate-invoice');
    expect(invoice.all<Invoice>('invoice')[0]?.totalNet?.value).toBe(9232.5);
  });

  test('2.7 neighbour: a coverage that ends with the last night is no change: nothing was done on the day of discharge', async () => {
    await admit('eve', 'silent', [{ start: '2026-01-01', end: '2026-10-05' }]);
    expect((await office.claims('eve')).map(told)).toEqual([
      ['Coverage/eve-0', '2026-10-01', '2026-10-06', '0111', '01', 9232.5],
    ]);
  });

  test('2.7 neighbour: a coverage that ends on the day of discharge pays the whole stay with one 0111', async () => {
    await admit('whole', 'split', [{ start: '2026-01-01', end: '2026-10-06' }]);
    expect((await office.claims('whole')).map(told)).toEqual([
      ['Coverage/whole-0', '2026-10-01', '2026-10-06', '0111', '01', 9232.5],
    ]);
  });
});
