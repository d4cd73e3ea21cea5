import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Claim } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { later, openWorld, reason, type World } from './world.ts';

describe.each(eachStore('claim_between'))('between $correct and $submit, on %s', (_name, open) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(open);
  });
  afterAll(() => world.close());

  const dose = (name: string, value: number) =>
    world.send('patch', `MedicationAdministration/${name}-drug`, [
      { op: 'replace', path: '/dosage/dose/value', value },
    ]);

  test('5 a chart that changes after $correct is drafted again before the correction is sent', async () => {
    const claim = await world.billed('changed');
    const [draft] = (await world.act(claim, 'correct', [reason()])).all<Claim & { id: string }>('claim');
    expect(draft?.total?.value).toBe(207.45);
    await dose('changed', 80);
    const stale = await world.act(draft as Claim, 'submit', [], later(2));
    expect([stale.status, stale.codes.includes('draft-out-of-date')]).toEqual([422, true]);
    const again = await world.act(claim, 'correct', [reason()], later(2));
    expect(again.all<Claim>('claim').map((c) => [c.id, c.total?.value])).toEqual([[draft?.id, 246.45]]);
    const sent = await world.act(draft as Claim, 'submit', [], later(3));
    expect(sent.status).toBe(200);
    expect([await world.state(claim), await world.state(draft as Claim & { id: string })]).toEqual([
      'corrected',
      'paid',
    ]);
    expect(await world.faults()).toEqual([]);
  });

  test('5 neighbour: what a biller edited on the correction stays when it follows the chart again', async () => {
    const claim = await world.billed('edited');
    const [draft] = (await world.act(claim, 'correct', [reason()])).all<Claim & { id: string }>('claim');
    const part = [
      { name: 'element', valueCode: 'authorization-number' },
      { name: 'value', valueString: 'AUTH-9' },
      { name: 'reason', valueString: 'granted' },
    ];
    expect((await world.call(`Claim/${draft?.id ?? ''}/$edit`, [{ name: 'edit', part }])).status).toBe(200);
    await dose('edited', 80);
    const [again] = (await world.act(claim, 'correct', [reason()], later(2))).all<Claim>('claim');
    expect([again?.id, again?.total?.value, again?.insurance[0]?.preAuthRef]).toEqual([
      draft?.id,
      246.45,
      ['AUTH-9'],
    ]);
    expect(again?.related?.[0]?.claim?.reference).toBe(`Claim/${claim.id}`);
    expect(await world.faults()).toEqual([]);
  });
});
