import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Claim, ClaimResponse } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { coded, drug, hcpcs } from '../firm/visit.ts';
import { day, later, openWorld, reason, type World } from './world.ts';

const lateCharges = { name: 'lateCharges', valueBoolean: true };

describe.each(eachStore('claim_late'))('late charges, on %s', (_name, open) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(open);
  });
  afterAll(() => world.close());

  const chartLate = (name: string): Promise<void> => {
    const of = { patient: name, encounter: name, at: `${day}T09:20:00-04:00` };
    const more = {
      medicationCodeableConcept: coded(hcpcs, 'J7050'),
      dosage: { dose: { value: 250, unit: 'mL', system: 'http://unitsofmeasure.org', code: 'mL' } },
    };
    return world.put(drug(`${name}-late`, of, more));
  };
  const generate = (name: string, ...more: (typeof lateCharges)[]) =>
    world.act({ resourceType: 'Encounter', id: name }, 'generate-claim', more, later(2));

  test('5 late charges go on a claim of their own, where the biller chooses so', async () => {
    const claim = await world.billed('apart');
    await chartLate('apart');
    const refused = await generate('apart');
    expect([refused.status, refused.codes]).toEqual([409, ['claim-already-submitted']]);
    const drafted = await generate('apart', lateCharges);
    const [late] = drafted.all<Claim>('claim');
    expect([drafted.status, late?.total?.value, late?.related]).toEqual([200, 19.3, undefined]);
    expect((await generate('apart', lateCharges)).all<Claim>('claim').map((c) => c.id)).toEqual([late?.id]);
    const answer = (await world.act(late as Claim, 'submit', [], later(3))).body as ClaimResponse;
    expect(answer.outcome).toBe('complete');
    const again = await generate('apart');
    expect([again.status, again.all<Claim>('claim').map((c) => c.id)]).toEqual([200, [claim.id]]);
    expect(await world.faults()).toEqual([]);
  });

  test('5 or on a replacement of the claim', async () => {
    const claim = await world.billed('whole');
    await chartLate('whole');
    const { claim: now, response } = await world.redo(claim, 'correct', later(3));
    expect([now.total?.value, now.item?.length, response.disposition]).toEqual([
      226.75,
      3,
      'Processed as primary',
    ]);
    expect(await world.faults()).toEqual([]);
  });

  test('5 neighbour: without a claim that was sent there are no late charges, and none came late', async () => {
    const claim = await world.billed('none');
    const none = await generate('none', lateCharges);
    expect([none.all<Claim>('claim'), none.codes.includes('already-there')]).toEqual([[], true]);
    await world.redo(claim, 'void', later(3));
    const nothing = await generate('none', lateCharges);
    expect([nothing.status, nothing.codes]).toEqual([422, ['nothing-sent']]);
    expect((await world.act(claim, 'correct', [reason()], later(4))).codes).toEqual(['already-there']);
  });
});
