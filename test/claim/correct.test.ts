import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Basic, Binary, Claim, ClaimResponse, ExplanationOfBenefit, Invoice } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { chartInfusion, later, openWorld, reason, sent, text, type World } from './world.ts';

describe.each(eachStore('claim_correct'))('$correct, on %s', (_name, open) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(open);
  });
  afterAll(() => world.close());

  test('5 story 4, next step: a denied claim is cured and replaced, to the cent', async () => {
    await chartInfusion(world, 'cured');
    const [denied] = await world.claims('cured', sent);
    const first = await world.submit(denied, sent);
    expect([first.disposition, await world.state({ id: denied?.id ?? '' })]).toEqual(['Denied', 'denied']);
    const drafted = await world.act(denied as Claim, 'correct', [reason('authorised since')]);
    const [draft] = drafted.all<Claim & { id: string }>('claim');
    expect([drafted.status, draft?.status, draft?.related?.[0]?.claim?.reference]).toEqual([
      200,
      'draft',
      `Claim/${denied?.id ?? ''}`,
    ]);
    expect(draft?.related?.[0]?.reference?.value).toBe(first.identifier?.[0]?.value);
    const edited = await world.call(`Claim/${draft?.id ?? ''}/$edit`, [
      {
        name: 'edit',
        part: [
          { name: 'element', valueCode: 'authorization-number' },
          { name: 'value', valueString: 'AUTH-77' },
          { name: 'reason', valueString: 'granted afterwards' },
        ],
      },
    ]);
    expect(edited.status).toBe(200);
    const x12 = await world.send('get', `Claim/${draft?.id ?? ''}/$x12`);
    const text837 = Buffer.from((x12.body as Binary).data ?? '', 'base64').toString();
    expect(text837).toContain(`REF*F8*${first.identifier?.[0]?.value ?? ''}`);
    expect(text837).toMatch(/CLM\*\w+\*3964\.5\d?\*\*\*\d\d:B:7/);
    const answer = (await world.act(draft as Claim, 'submit')).body as ClaimResponse;
    const paid = (answer.item ?? []).map((i) => i.adjudication.map((a) => a.amount?.value));
    expect(paid).toEqual([
      [3945.2, 2450.8, 1715.56, 1494.4, 735.24],
      [19.3, 4.05, 2.83, 15.25, 1.22],
    ]);
    expect(await world.standing('cured')).toEqual({
      cash: 171839,
      'contractual-adjustment': 150965,
      'receivable-patient-not-invoiced': 73646,
      revenue: -396450,
    });
    const limit = (await world.read<Basic>('Basic', 'cured-enrolled')).extension?.flatMap((e) =>
      e.extension?.[0]?.valueCode === 'out-of-pocket' ? [e.extension[2]?.valueMoney?.value] : [],
    );
    expect(limit).toEqual([3046.46]);
    expect(await world.state({ id: denied?.id ?? '' })).toBe('corrected');
    expect(await world.state(draft as Claim & { id: string })).toBe('paid');
    const explained = await world.find<ExplanationOfBenefit>(
      `ExplanationOfBenefit?claim=Claim/${draft?.id ?? ''}`,
    );
    const billed = await world.call(`ExplanationOfBenefit/${explained[0]?.id ?? ''}/$generate-invoice`);
    expect(billed.all<Invoice>('invoice')[0]?.totalNet?.value).toBe(736.46);
    expect(await world.faults()).toEqual([]);
  });

  test('5 a paid claim is replaced: the answer is reversed with every sign turned, and what stands follows the chart', async () => {
    const claim = await world.billed('replaced');
    const before = await world.standing('replaced');
    const [old] = await world.find<ClaimResponse>(`ClaimResponse?request=Claim/${claim.id}`);
    await world.send('patch', 'MedicationAdministration/replaced-drug', [
      { op: 'replace', path: '/dosage/dose/value', value: 80 },
    ]);
    const redone = await world.redo(claim, 'correct');
    expect(redone.claim.total?.value).toBe(246.45);
    const all = await world.find<ClaimResponse>(`ClaimResponse?request=Claim/${claim.id}`);
    expect(all.map((r) => [r.status, r.payment?.amount.value])).toEqual([
      ['cancelled', old?.payment?.amount.value],
      ['active', 0 - (old?.payment?.amount.value ?? 0)],
    ]);
    const now = await world.standing('replaced');
    expect([before['revenue'], now['revenue']]).toEqual([-20745, -24645]);
    expect(await world.faults()).toEqual([]);
  });

  test('5 neighbour: $correct twice, also at once, is one draft; $void of what is replaced names it', async () => {
    const claim = await world.billed('twice');
    const both = await Promise.all([
      world.act(claim, 'correct', [reason()]),
      world.act(claim, 'correct', [reason()]),
    ]);
    const ids = both.map((b) => b.all<Claim>('claim')[0]?.id);
    expect(both.map((b) => b.status)).toEqual([200, 200]);
    expect(new Set(ids).size).toBe(1);
    const third = await world.act(claim, 'void', [reason()]);
    expect([third.codes, third.all<Claim>('claim')[0]?.id]).toEqual([['already-there'], ids[0]]);
  });

  test('5 neighbour: a claim that waits, a draft, and a reason that is missing are refused', async () => {
    const claim = await world.billed('waits', { member: 'FORCEDPENDED1' });
    const refused = await world.act(claim, 'correct', [reason()]);
    expect([refused.status, refused.codes]).toEqual([409, ['claim-state']]);
    expect(refused.text('claim-state')).toMatch(/attach it and \$submit/);
    const again = await world.billed('reasonless');
    expect((await world.act(again, 'correct', [])).status).toBe(400);
    const blank = await world.act(again, 'correct', [text('reason', ' ')]);
    expect([blank.status, blank.codes]).toEqual([422, ['reason-missing']]);
    const draft = (await world.act(again, 'correct', [reason()])).all<Claim>('claim')[0] as Claim;
    const twice = await world.act(draft, 'correct', [reason()], later(2));
    expect([twice.status, twice.codes]).toEqual([409, ['claim-state']]);
  });
});
