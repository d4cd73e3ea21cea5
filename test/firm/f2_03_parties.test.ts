import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Claim, Encounter, Organization } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { openOffice, type Office } from './office.ts';
import { condition, coded, coverage, own, patient, visit } from './visit.ts';

const day = '2026-06-01';

describe.each(eachStore('f2_03_parties'))('on %s', (_store, open) => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice(open);
  });
  afterAll(() => office.close());

  const draft = async (name: string, over: Partial<Encounter> = {}): Promise<Claim & { id: string }> => {
    await office.put(
      patient(name),
      coverage(`${name}-1`, name),
      visit(name, name, day, over),
      condition(name, name),
    );
    const [claim] = await office.claims(name, day);
    return claim as Claim & { id: string };
  };
  const scrubbed = async ({ id }: { id: string }) => {
    const answer = await office.call(`Claim/${id}/$scrub`);
    return answer.text('draft-out-of-date');
  };
  const submitted = async ({ id }: { id: string }) => {
    const answer = await office.call(`Claim/${id}/$submit`);
    return [answer.status, ...answer.codes.filter((c) => c === 'draft-out-of-date')];
  };

  test('2.3 a Coverage that ended after the draft was made is noticed before it is sent', async () => {
    const claim = await draft('ended');
    const before = await scrubbed(claim);
    await office.put(
      coverage('ended-1', 'ended', { period: { start: '2025-01-01', end: '2026-05-31' } }),
      coverage('ended-2', 'ended', { period: { start: '2026-06-01' } }),
    );
    expect([before, await scrubbed(claim)]).toEqual([
      '',
      'insurance is otherwise in the chart: run $generate-claim again',
    ]);
    expect(await submitted(claim)).toEqual([422, 'draft-out-of-date']);
    await office.claims('ended', day);
    expect(await submitted(claim)).toEqual([200]);
  });

  test('2.3 a Coverage that became known after the draft was made is noticed', async () => {
    const claim = await draft('added');
    await office.put(
      coverage('added-0', 'added', {
        order: 2,
        payor: [{ reference: 'Organization/state-family' }],
        plan: 'family-care',
      }),
    );
    expect(await scrubbed(claim)).toContain('insurance is otherwise in the chart');
  });

  test('2.3 a payer of the Coverage that is another one is noticed', async () => {
    const claim = await draft('payer');
    await office.put(
      coverage('payer-1', 'payer', {
        payor: [{ reference: 'Organization/state-family' }],
        plan: 'family-care',
      }),
    );
    expect(await scrubbed(claim)).toContain('insurer is otherwise in the chart');
  });

  test('2.3 neighbour: a change of patient or payer that the claim does not carry holds nothing up', async () => {
    const claim = await draft('phone');
    await office.put(patient('phone', { telecom: [{ system: 'phone', value: '518-555-0101' }] }));
    const payer = await office.read<Organization>('Organization', 'juniper-ridge');
    await office.put({ ...payer, telecom: [{ system: 'phone', value: '518-555-0102' }] });
    expect(await scrubbed(claim)).toBe('');
    expect(await submitted(claim)).toEqual([200]);
  });

  const authorised = (number: string): Partial<Encounter> => ({
    extension: [{ url: own('pre-auth-ref'), valueString: number }],
  });
  const accident = (state: string): Partial<Encounter> => ({
    extension: [
      {
        url: own('accident'),
        extension: [
          { url: 'date', valueDate: day },
          {
            url: 'type',
            valueCodeableConcept: coded('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'MVA'),
          },
          { url: 'state', valueString: state },
        ],
      },
    ],
  });

  test.each([
    ['an authorisation number', 'authorised', authorised('A1'), authorised('A2'), 'insurance'],
    ['the place of an accident', 'accident', accident('NY'), accident('NJ'), 'accident'],
  ] as const)('2.4 %s that changed in the chart is compared', async (_what, name, first, second, element) => {
    const claim = await draft(name, first);
    expect(await scrubbed(claim)).toBe('');
    await office.put(visit(name, name, day, second));
    expect(await scrubbed(claim)).toContain(`${element} is otherwise in the chart`);
  });

  test('2.4 information that a chart no longer gives is compared; a payment at the desk and a note are no difference', async () => {
    const claim = await draft('paid');
    await office.put(visit('paid', 'paid', day, { identifier: [{ system: 'urn:visit', value: 'paid' }] }));
    const account = claim.extension?.find((e) => e.url === own('account'))?.valueReference?.reference ?? '';
    const paid = await office.call(`${account}/$record-payment`, [
      { name: 'amount', valueMoney: { value: 25, currency: 'USD' } },
      { name: 'method', valueCode: 'cash' },
    ]);
    expect(paid.status).toBe(200);
    const read = await office.read<Claim>('Claim', claim.id);
    await office.put({
      ...read,
      supportingInfo: [
        ...(read.supportingInfo ?? []),
        { sequence: 90, category: coded('urn:office', 'remark'), valueString: 'ask for Ada' },
      ],
    });
    expect(await scrubbed(claim)).toBe('');
    const bent = await office.read<Claim>('Claim', claim.id);
    const number = (bent.supportingInfo ?? []).filter(
      (s) => s.category.coding?.[0]?.code !== 'patientaccountnumber',
    );
    expect(number.length).toBeLessThan(bent.supportingInfo?.length ?? 0);
    await office.put({ ...bent, supportingInfo: number });
    expect(await scrubbed(claim)).toContain('supportingInfo is otherwise in the chart');
  });
});
