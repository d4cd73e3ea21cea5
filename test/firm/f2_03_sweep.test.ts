import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ChargeItem, Claim, MedicationAdministration, Task } from '@medplum/fhirtypes';
import { sweepChart } from '../../src/operation/sweep/sweepChart.ts';
import { system } from '../../src/terminology/system.ts';
import { eachStore } from '../http/eachStore.ts';
import { openSender, type Sender } from './payerAtTheEnd.ts';

type Search<T> = { entry?: { resource: T & { id: string } }[] };

describe.each(eachStore('firm-2-03-sweep'))('on %s', (_store, open) => {
  let office: Sender;
  let claim: string;
  const now = (): string => new Date().toISOString();
  const sweep = async (): Promise<void> => {
    await sweepChart(office.context, { at: Date.now() - 1000, seen: new Map() });
  };
  const all = async <T>(query: string): Promise<(T & { id: string })[]> =>
    ((await office.get(query)) as unknown as Search<T>).entry?.map((e) => e.resource) ?? [];
  const reviews = async (): Promise<(string | undefined)[]> =>
    (await all<Task>(`Task?code=${system.task}|charge-review`)).map((task) => task.focus?.reference);
  beforeEach(async () => {
    office = await openSender(open, { now });
    claim = await office.draft('a');
  });
  afterEach(() => office.store.close());
  const injection = 'MedicationAdministration/a-injection';

  test('2.3 (a) a draft is refreshed when the chart has changed after its capture', async () => {
    expect((await office.get<Claim>(claim)).item).toHaveLength(2);
    await office.change<MedicationAdministration>(injection, (given) => {
      given.status = 'entered-in-error';
    });
    await sweep();
    expect((await office.get<Claim>(claim)).item).toHaveLength(1);
    expect(await reviews()).toEqual([]);
  });

  test('2.3 (a) what moves to another visit is found by the version before', async () => {
    await office.visit('b');
    await office.change<MedicationAdministration>(injection, (given) => {
      given.context = { reference: 'Encounter/b-visit' };
    });
    await sweep();
    expect((await office.get<Claim>(claim)).item).toHaveLength(1);
  });

  test('2.3 (a) after submission a change opens a Task, and the claim stays as it was sent', async () => {
    await office.submit(claim);
    const sent = await office.get<Claim>(claim);
    await office.change<MedicationAdministration>(injection, (given) => {
      given.status = 'entered-in-error';
    });
    await sweep();
    expect(await reviews()).toEqual([expect.stringMatching(/^ChargeItem\//)]);
    expect(await office.get<Claim>(claim)).toEqual(sent);
    await sweep();
    expect(await reviews()).toHaveLength(1);
  });

  test('2.3 (a) a charge that comes late opens a Task too', async () => {
    await office.submit(claim);
    const given = await office.get<MedicationAdministration>(injection);
    await office.put({ ...given, id: 'a-late', effectiveDateTime: '2026-06-01T09:35:00-05:00' });
    await sweep();
    const late = (await all<ChargeItem>('ChargeItem?context=Encounter/a-visit')).filter(
      ({ status }) => status === 'billable',
    );
    expect(late).toHaveLength(1);
    expect(await reviews()).toEqual([`ChargeItem/${late[0]?.id ?? ''}`]);
  });

  test('2.3 (a) neighbour: a visit that was never captured is left alone', async () => {
    await office.visit('b');
    await sweep();
    expect(await all<ChargeItem>('ChargeItem?context=Encounter/b-visit')).toEqual([]);
  });

  test('2.3 (a) neighbour: a visit that cannot be captured any more is a Task, not silence', async () => {
    await office.change('Encounter/a-visit', (visit) => {
      Object.assign(visit, { status: 'in-progress' });
    });
    await sweep();
    expect(await reviews()).toEqual(['Encounter/a-visit']);
  });
});
