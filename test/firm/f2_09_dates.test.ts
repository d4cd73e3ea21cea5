import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Claim, ParametersParameter } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { kneeOffice, type KneeOffice } from './kneeOffice.ts';

const day = (valueDate: string): ParametersParameter => ({ name: 'businessDate', valueDate });

describe.each(eachStore('firm-2-09'))('on %s', (_store, open) => {
  let office: KneeOffice;
  beforeEach(async () => {
    office = await kneeOffice(open, { seededAsDemo: undefined }); // the store is asked, as in a real server
  });
  afterEach(async () => {
    await office.context.store.close();
  });
  const draft = async (name: string, parameters: ParametersParameter[] = []) =>
    (await office.run(`${await office.visit(name)}/$generate-claim`, parameters)).one<Claim>('claim').id;

  test('2.9 $submit refuses another day outside a store that was seeded as demo, and sends nothing', async () => {
    const claim = await draft('a', [day('2026-06-02')]);
    const refused = await office.run(`Claim/${claim}/$submit`, [day('2026-06-03')]);
    expect([refused.status, refused.codes]).toEqual([422, ['business-date-refused']]);
    expect((await office.get<Claim>(`Claim/${claim}`)).status).toBe('draft');
    expect((await office.run(`Claim/${claim}/$submit`)).status).toBe(200);
  });

  test('2.9 a store that was seeded as demo takes it', async () => {
    const claim = await draft('b', [day('2026-06-02')]);
    await office.store.transaction((tx) => tx.reserve('seed|begun', 'Organization/alder-street-clinic'));
    const sent = await office.run(`Claim/${claim}/$submit`, [day('2026-06-03')]);
    expect(sent.status).toBe(200);
  });

  test('2.9 entry date and posting date are both kept', async () => {
    await draft('c', [day('2026-06-02')]);
    for (const entry of await office.journal()) {
      expect(entry.on).toBe('2026-06-02');
      expect(Date.parse(entry.enteredOn ?? '')).toBeGreaterThan(Date.parse('2026-06-03'));
    }
    expect(await office.journal()).not.toEqual([]);
  });

  test('2.9 neighbour: today as businessDate is no other day', async () => {
    const claim = await draft('d');
    expect((await office.run(`Claim/${claim}/$submit`, [day('2026-11-24')])).status).toBe(200);
  });

  test('2.9 neighbour: other operations take another day', async () => {
    const visit = await office.visit('e');
    expect((await office.run(`${visit}/$capture-charges`, [day('2026-06-02')])).status).toBe(200);
  });

  test('2.9 neighbour: yesterday is another day too, and a repeat of a sent claim is judged the same', async () => {
    const claim = await draft('f');
    await office.run(`Claim/${claim}/$submit`);
    const again = await office.run(`Claim/${claim}/$submit`, [day('2026-11-23')]);
    expect([again.status, again.codes]).toEqual([422, ['business-date-refused']]);
  });
});
