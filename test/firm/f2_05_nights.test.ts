import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ChargeItem, Claim, Encounter, Task } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { openOffice, type Office } from './office.ts';
import { coded, condition, coverage, drug, patient, stay, ward } from './visit.ts';

const start = '2026-10-25T14:00:00-04:00';
const end = '2026-10-29T10:00:00-04:00';
const placeOfService = 'https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set';

describe.each(eachStore('firm_nights'))('nothing falls off a claim silently, on %s', (_name, open) => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice(open);
    await office.put({
      resourceType: 'Location',
      id: 'place-only',
      status: 'active',
      type: [coded(placeOfService, '21')],
    });
  });
  afterAll(() => office.close());

  async function admit(name: string, over: Partial<Encounter>): Promise<void> {
    const period = { start, end };
    const of = { patient: name, encounter: name, at: '2026-10-25T16:00:00-04:00' };
    await office.put(
      patient(name),
      coverage(name, name),
      stay(name, name, period, over),
      condition(name, name),
    );
    await office.put(drug(`${name}-drug`, of));
  }
  const roomNights = (charges: readonly ChargeItem[]): number =>
    charges
      .filter((c) => c.code.coding?.[0]?.code === 'RB0120')
      .reduce((n, c) => n + (c.quantity?.value ?? 0), 0);
  const openNights = async (name: string): Promise<(string | undefined)[]> =>
    (await office.find<Task>(`Task?encounter=Encounter/${name}&status=requested`))
      .map((t) => t.reasonCode?.text)
      .sort();

  test('2.5 a finished inpatient stay without an end is an error that says so', async () => {
    await admit('endless', { period: { start } });
    const endless = await office.read<Encounter>('Encounter', 'endless');
    expect(endless.period?.end).toBeUndefined();
    for (const operation of ['$capture-charges', '$generate-claim', '$generate-invoice']) {
      const { status, issues, codes, text } = await office.call(`Encounter/endless/${operation}`);
      expect([operation, status, codes]).toEqual([operation, 422, ['stay-end-missing']]);
      expect(text('stay-end-missing')).toContain('a finished inpatient stay says when it ended');
      expect(issues[0]?.expression).toEqual(['Encounter.period.end']);
    }
    expect(await office.find('ChargeItem?context=Encounter/endless')).toEqual([]);
  });

  test('2.5 each missing night is an issue and a Task: a Location that maps to no room', async () => {
    await admit('unmapped', { location: [ward(undefined, undefined, 'place-only')] });
    const answer = await office.call('Encounter/unmapped/$generate-claim');
    expect(answer.issues.filter((i) => i.details?.coding?.[0]?.code === 'no-room')).toHaveLength(4);
    expect(answer.text('no-room')).toContain('Location/place-only');
    expect(await openNights('unmapped')).toEqual(
      ['25', '26', '27', '28'].map((day) => `no-room 2026-10-${day}`),
    );
  });

  test('2.5 each missing night is an issue and a Task: one unmapped night in the middle', async () => {
    const rooms = [
      ward(start, '2026-10-26T20:00:00-04:00'),
      ward('2026-10-26T20:00:00-04:00', '2026-10-27T08:00:00-04:00', 'place-only'),
      ward('2026-10-27T08:00:00-04:00', end),
    ];
    await admit('middle', { location: rooms });
    const answer = await office.call('Encounter/middle/$capture-charges');
    expect([roomNights(answer.all('charge')), answer.codes.filter((c) => c === 'no-room')]).toEqual([
      3,
      ['no-room'],
    ]);
    expect(await openNights('middle')).toEqual(['no-room 2026-10-26']);
  });

  test('2.5 the Task is closed when the chart says where the patient was, and the night is billed', async () => {
    await admit('later', { location: [ward(start, '2026-10-28T12:00:00-04:00')] });
    expect(roomNights(await office.charges('later'))).toBe(3);
    expect(await openNights('later')).toEqual(['no-room 2026-10-28']);
    const again = await office.call('Encounter/later/$capture-charges');
    expect(again.codes).toContain('no-room');
    expect(await openNights('later')).toEqual(['no-room 2026-10-28']);
    await office.put({ ...(await office.read<Encounter>('Encounter', 'later')), location: [ward()] });
    expect(roomNights(await office.charges('later'))).toBe(4);
    expect(await openNights('later')).toEqual([]);
  });

  test('2.5 neighbour: a stay without any Location has every night missing', async () => {
    await admit('nowhere', {});
    const { location, ...nowhere } = await office.read<Encounter>('Encounter', 'nowhere');
    expect(location).toBeDefined();
    await office.put(nowhere);
    const answer = await office.call('Encounter/nowhere/$generate-claim');
    expect(answer.text('no-room')).toContain('does not say where the patient was');
    expect(await openNights('nowhere')).toHaveLength(4);
  });

  test('2.5 neighbour: an end without a day is no end', async () => {
    await admit('month', { period: { start, end: '2026-11' } });
    const answer = await office.call('Encounter/month/$generate-claim');
    expect([answer.status, answer.codes]).toEqual([422, ['stay-end-missing']]);
    expect(answer.text('stay-end-missing')).toContain('has no day');
  });

  test('2.5 neighbour: a room that a map leaves unbilled is a decision, no work', async () => {
    await office.put(
      {
        resourceType: 'ConceptMap',
        id: 'leave',
        url: 'https://practice.example/leave',
        status: 'active',
        group: [
          {
            source: 'https://practice.example/room',
            target: 'https://claimwright.example/fhir/CodeSystem/charge-master',
            element: [{ code: 'leave', target: [{ equivalence: 'unmatched' }] }],
          },
        ],
      },
      {
        resourceType: 'Location',
        id: 'on-leave',
        status: 'active',
        type: [coded('https://practice.example/room', 'leave')],
      },
    );
    const rooms = [
      ward(start, '2026-10-27T20:00:00-04:00'),
      ward('2026-10-27T20:00:00-04:00', '2026-10-28T20:00:00-04:00', 'on-leave'),
      ward('2026-10-28T20:00:00-04:00', end),
    ];
    await admit('leave', { location: rooms });
    const answer = await office.call('Encounter/leave/$capture-charges');
    expect([roomNights(answer.all('charge')), answer.codes]).toEqual([
      3,
      expect.not.arrayContaining(['no-room']),
    ]);
    expect(answer.text('not-billable')).toContain('the night of 2026-10-27 in Location/on-leave');
  });

  test('2.5 neighbour: an outpatient visit needs no room and no end', async () => {
    await admit('clinic', {
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
      period: { start },
      location: [ward(undefined, undefined, 'place-only')],
    });
    const answer = await office.call('Encounter/clinic/$generate-claim');
    expect([answer.status, answer.all<Claim>('claim')[0]?.total?.value]).toEqual([200, 39]);
  });
});
