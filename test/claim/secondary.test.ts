import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Claim, ClaimResponse } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { condition, coverage, drug, patient, visit } from '../firm/visit.ts';
import { day, later, openWorld, reason, sent, type World } from './world.ts';

describe.each(eachStore('claim_secondary'))('corrections before a further payer, on %s', (_name, open) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(open);
  });
  afterAll(() => world.close());

  /** A visit with two payers; answers with the claim of the first, answered, and the draft for the second. */
  async function twoPayers(name: string): Promise<(Claim & { id: string })[]> {
    const of = { patient: name, encounter: name, at: `${day}T09:10:00-04:00` };
    await world.put(
      patient(name),
      coverage(name, name),
      coverage(`${name}-second`, name, {
        payor: [{ reference: 'Organization/state-family' }],
        order: 2,
        plan: 'family-care',
        subscriberId: `SFP${name}`,
      }),
      visit(name, name, day),
      condition(name, name),
      drug(`${name}-drug`, of),
    );
    const [claim] = await world.claims(name, sent);
    await world.submit(claim, sent);
    const all = await world.find<Claim>(`Claim?patient=Patient/${name}`);
    return [...all].sort((a, b) => (a.status === 'active' ? -1 : 1) - (b.status === 'active' ? -1 : 1));
  }
  const more = (name: string) =>
    world.send('patch', `MedicationAdministration/${name}-drug`, [
      { op: 'replace', path: '/dosage/dose/value', value: 80 },
    ]);
  const standing = async (name: string): Promise<(Claim & { id: string })[]> =>
    (await world.find<Claim>(`Claim?patient=Patient/${name}`)).filter((c) => c.status !== 'cancelled');

  test('5 a draft to the next payer is dropped with the answer it stood on, and drafted anew from the correction', async () => {
    const [first, draft] = await twoPayers('dropped');
    await more('dropped');
    const { claim, response } = await world.redo(first as Claim & { id: string }, 'correct');
    expect((await world.read<Claim>('Claim', draft?.id ?? '')).status).toBe('cancelled');
    const next = (await standing('dropped')).find((c) => c.status === 'draft');
    expect(next?.total?.value).toBe(claim.total?.value);
    expect(next?.insurance[0]?.claimResponse?.reference).toBe(`ClaimResponse/${response.id}`);
    expect(await world.faults()).toEqual([]);
  });

  test('5 a claim that was sent to the next payer gets a review Task, and $correct says what was decided since', async () => {
    const [first, second] = await twoPayers('review');
    await world.act(second as Claim, 'submit', [], later(1));
    await more('review');
    const { response } = await world.redo(first as Claim & { id: string }, 'correct', later(2));
    const tasks = await world.tasks(`Claim/${second?.id ?? ''}`);
    expect(tasks.map((t) => t.code?.coding?.[0]?.code)).toContain('reversal-review');
    const redone = await world.redo(second as Claim & { id: string }, 'correct', later(3));
    expect([redone.claim.total?.value, redone.claim.insurance[0]?.claimResponse?.reference]).toEqual([
      246.45,
      `ClaimResponse/${response.id}`,
    ]);
    expect([await world.state({ id: second?.id ?? '' }), await world.state(redone.claim)]).toEqual([
      'corrected',
      'partly-denied', // the plan of the second has no fee for the drug
    ]);
    expect(await world.faults()).toEqual([]);
  });

  test('5 neighbour: what stands on an answer that was taken back is not sent', async () => {
    const [first, second] = await twoPayers('held');
    await world.act(second as Claim, 'submit', [], later(1));
    const drafted = await world.act(second as Claim, 'correct', [reason()], later(2));
    await world.redo(first as Claim & { id: string }, 'void', later(2));
    const [draft] = drafted.all<Claim>('claim');
    const refused = await world.act(draft as Claim, 'submit', [], later(3));
    expect([refused.status, refused.codes.includes('prior-answer-reversed')]).toEqual([422, true]);
    const [answer] = await world.find<ClaimResponse>(
      `ClaimResponse?request=Claim/${first?.id ?? ''}&status=cancelled`,
    );
    expect(answer?.status).toBe('cancelled');
  });

  test('12.7 a further payer takes a claim back: the answer before stands, and what it left waits on a draft again', async () => {
    const [first, second] = await twoPayers('again');
    const before = await world.standing('again');
    await world.act(second as Claim, 'submit', [], later(1));
    await world.redo(second as Claim & { id: string }, 'void', later(2));
    expect(await world.standing('again')).toEqual(before);
    const open = (await standing('again')).filter((c) =>
      c.insurance.some((i) => i.focal && i.sequence === 2),
    );
    expect(open.map((c) => c.status)).toContain('draft');
    expect(await world.state(second as Claim & { id: string })).toBe('voided');
    expect(await world.state(first as Claim & { id: string })).toBe('paid');
    expect(await world.faults()).toEqual([]);
    const draft = open.find((c) => c.status === 'draft');
    expect((await world.act(draft as Claim, 'submit', [], later(3))).status).toBe(200);
    expect(await world.faults()).toEqual([]);
  });
});
