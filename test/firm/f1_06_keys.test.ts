import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, ChargeItem, Claim, Task } from '@medplum/fhirtypes';
import { balance } from '../../src/billing/ledger/index.ts';
import { eachStore } from '../http/eachStore.ts';
import { kneeOffice, type KneeOffice } from './kneeOffice.ts';

describe.each(eachStore('f1_06'))('on %s', (_store, open) => {
  let office: KneeOffice;
  const draft = async (encounter: string): Promise<Claim & { id: string }> => {
    const ran = await office.run(`${encounter}/$generate-claim`);
    expect(ran.status).toBe(200);
    return ran.one<Claim>('claim');
  };
  const revenue = async (encounter: string): Promise<number> =>
    balance(await office.journal(), { account: 'receivable-unbilled', encounter });

  beforeAll(async () => {
    office = await kneeOffice(open);
  });
  afterAll(() => office.store.close());

  test.each(['cancelled', 'entered-in-error'] as const)(
    '1.6 a draft Claim that a plain update made %s holds its keys no longer',
    async (status) => {
      const encounter = await office.visit(`keys-${status}`);
      const first = await draft(encounter);
      expect((await office.change<Claim>(`Claim/${first.id}`, (c) => (c.status = status))).status).toBe(200);
      const second = await draft(encounter);
      expect([second.id === first.id, second.status]).toEqual([false, 'draft']);
      expect((await draft(encounter)).id).toBe(second.id);
    },
  );

  test('1.6 a deleted draft Claim holds its keys no longer', async () => {
    const encounter = await office.visit('keys2');
    const first = await draft(encounter);
    expect((await office.delete(`Claim/${first.id}`)).status).toBe(204);
    expect((await draft(encounter)).id).not.toBe(first.id);
    expect(await revenue(encounter)).toBe(20745);
  });

  test('1.6 a charge that an earlier version let be taken back without its entry is charged anew, once', async () => {
    const encounter = await office.visit('keys3');
    await draft(encounter);
    const [charge] = (await office.run(`${encounter}/$capture-charges`)).all<ChargeItem>('charge');
    if (!charge) throw new Error('nothing was charged');
    await office.store.transaction((tx) => tx.put({ ...charge, status: 'entered-in-error' }));
    const again = await office.run(`${encounter}/$capture-charges`);
    expect(again.status).toBe(200);
    expect(again.all('charge')).toHaveLength(2);
    expect(await revenue(encounter)).toBe(20745);
  });

  test('1.6 neighbour: a charge that an earlier version let be deleted is charged anew, once', async () => {
    const encounter = await office.visit('keys4');
    const charges = (await office.run(`${encounter}/$capture-charges`)).all<ChargeItem>('charge');
    await office.store.transaction((tx) => tx.delete('ChargeItem', charges[0]?.id ?? ''));
    const again = await office.run(`${encounter}/$capture-charges`);
    expect([again.status, again.all('charge').length]).toEqual([200, 2]);
    expect(await revenue(encounter)).toBe(20745);
  });

  test('1.6 neighbour: work whose Task was deleted is put on the list again', async () => {
    const encounter = await office.visit('keys5');
    await office.change(`MedicationAdministration/keys5-injection`, (m) =>
      Object.assign(m, {
        medicationCodeableConcept: { coding: [{ system: 'http://snomed.info/sct', code: '1' }] },
      }),
    );
    await office.run(`${encounter}/$capture-charges`);
    const tasks = async (): Promise<Task[]> => {
      const { entry = [] } = await office.get<Bundle>(`Task?encounter=${encounter}`);
      return entry.flatMap(({ resource }) => (resource?.resourceType === 'Task' ? [resource] : []));
    };
    const [task] = await tasks();
    expect((await office.delete(`Task/${task?.id ?? ''}`)).status).toBe(204);
    expect((await office.run(`${encounter}/$capture-charges`)).status).toBe(200);
    expect((await tasks()).map((t) => t.status)).toEqual(['requested']);
  });

  test('1.6 neighbour: what stands keeps its key', async () => {
    const encounter = await office.visit('keys6');
    const first = await draft(encounter);
    expect((await office.run(`Claim/${first.id}/$submit`)).status).toBe(200);
    expect((await draft(encounter)).id).toBe(first.id);
  });
});
