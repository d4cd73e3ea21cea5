import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Claim, Invoice, ParametersParameter } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import type { Said } from '../firm/office.ts';
import { condition, coverage, drug, patient, visit } from '../firm/visit.ts';
import { chartInfusion, day, later, openWorld, reason, sent, text, type World } from './world.ts';

const encounter = (id: string) => ({ resourceType: 'Encounter', id }) as const;
const named = (id: string): ParametersParameter => ({
  name: 'coverage',
  valueReference: { reference: `Coverage/${id}` },
});
const given = (value: number, reference?: string): ParametersParameter[] => [
  { name: 'amount', valueMoney: { value, currency: 'USD' } },
  { name: 'reason', valueCode: 'no-authorization' },
  ...(reference === undefined ? [] : [text('reference', reference)]),
];
const statuses = (all: readonly Said[]): number[] => all.map((s) => s.status).sort();

describe.each(eachStore('claim_at_once'))('two requests for one claim at once, on %s', (_name, open) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(open);
  });
  afterAll(() => world.close());

  const denied = async (name: string): Promise<Claim & { id: string }> => {
    await chartInfusion(world, name);
    const [claim] = await world.claims(name, sent);
    await world.submit(claim, sent);
    return world.read<Claim>('Claim', claim?.id ?? '');
  };
  const selfPaid = async (name: string): Promise<Invoice> => {
    const of = { patient: name, encounter: name, at: `${day}T09:10:00-04:00` };
    await world.put(patient(name), visit(name, name, day), condition(name, name), drug(`${name}-drug`, of));
    const [invoice] = (await world.act(encounter(name), 'generate-invoice', [], sent)).all<Invoice>(
      'invoice',
    );
    await world.put(coverage(name, name));
    return invoice as Invoice;
  };

  test.each([1, 2])('5 $write-off twice with one reference is posted once (%i)', async (n) => {
    const claim = await denied(`off${n.toString()}`);
    const both = await Promise.all([1, 2].map(() => world.act(claim, 'write-off', given(3964.5, 'WO-1'))));
    expect(both.flatMap((s) => s.codes).sort()).toEqual(['already-there', 'written-off']);
    expect((await world.standing(`off${n.toString()}`))['denial-write-off']).toBe(396450);
    expect(await world.faults()).toEqual([]);
  });

  test('5 two write-offs of more than was denied together are not both posted', async () => {
    const claim = await denied('above');
    const both = await Promise.all(
      ['WO-1', 'WO-2'].map((number) => world.act(claim, 'write-off', given(3000, number))),
    );
    expect([statuses(both), both.flatMap((s) => s.codes).sort()]).toEqual([
      [200, 422],
      ['above-denied-amount', 'written-off'],
    ]);
    expect((await world.standing('above'))['denial-write-off']).toBe(300000);
    expect(await world.faults()).toEqual([]);
  });

  test('5 $void twice is one void; $correct and $void leave one of the two', async () => {
    const twice = await world.billed('voided');
    const voids = await Promise.all([1, 2].map(() => world.act(twice, 'void', [reason()])));
    expect(statuses(voids)).toEqual([200, 200]);
    expect(new Set(voids.map((v) => v.all<Claim>('claim')[0]?.id)).size).toBe(1);
    const either = await world.billed('either');
    const both = await Promise.all(
      (['correct', 'void'] as const).map((code) => world.act(either, code, [reason()])),
    );
    expect(statuses(both)).toEqual([200, 200]);
    expect(new Set(both.map((v) => v.all<Claim>('claim')[0]?.id)).size).toBe(1);
    expect(both.flatMap((s) => s.codes)).toContain('already-there');
    expect(await world.faults()).toEqual([]);
  });

  test('5 the correction sent twice is one answer, and the answer before is reversed once', async () => {
    const claim = await world.billed('resent');
    const [draft] = (await world.act(claim, 'correct', [reason()])).all<Claim>('claim');
    const both = await Promise.all([1, 2].map(() => world.act(draft as Claim, 'submit')));
    expect(statuses(both)).toEqual([200, 200]);
    expect(new Set(both.map((s) => s.body.id)).size).toBe(1);
    expect(await world.find(`ClaimResponse?request=Claim/${claim.id}&status=active`)).toHaveLength(1);
    expect(await world.state(claim)).toBe('corrected');
    expect(await world.faults()).toEqual([]);
  });

  test.each([1, 2])(
    '5 $rebill twice after self-pay is one draft, and the Invoice goes once (%i)',
    async (n) => {
      const name = `again${n.toString()}`;
      const invoice = await selfPaid(name);
      const both = await Promise.all([1, 2].map(() => world.act(encounter(name), 'rebill', [named(name)])));
      expect(statuses(both)).toEqual([200, 200]);
      expect(new Set(both.map((s) => s.all<Claim>('claim')[0]?.id)).size).toBe(1);
      expect((await world.read<Invoice>('Invoice', invoice.id ?? '')).status).toBe('cancelled');
      expect(await world.find(`Claim?encounter=Encounter/${name}`)).toHaveLength(1);
      expect(await world.standing(name)).toEqual({ 'receivable-unbilled': 20745, revenue: -20745 });
      expect(await world.faults()).toEqual([]);
    },
  );

  test('5 $rebill twice after a denial withdraws the claim once and drafts one', async () => {
    const claim = await denied('rebilled');
    const both = await Promise.all(
      [1, 2].map(() => world.act(encounter('rebilled'), 'rebill', [named('rebilled')])),
    );
    expect(statuses(both)).toEqual([200, 200]);
    expect(await world.state(claim)).toBe('withdrawn');
    const all = await world.find<Claim>('Claim?encounter=Encounter/rebilled');
    expect(all.map((c) => c.status).sort()).toEqual(['cancelled', 'draft']);
    expect(await world.standing('rebilled')).toEqual({ 'receivable-unbilled': 396450, revenue: -396450 });
    expect(await world.faults()).toEqual([]);
  });

  test.each(['rebill', 'correct'] as const)(
    '5 $write-off beside $%s: what was given up is taken back, or nothing is given up',
    async (other) => {
      const name = `beside-${other}`;
      const claim = await denied(name);
      const [off, done] = await Promise.all([
        world.act(claim, 'write-off', given(3964.5, 'WO-1')),
        other === 'rebill'
          ? world.act(encounter(name), 'rebill', [named(name)])
          : world.act(claim, 'correct', [reason()]),
      ]);
      expect([200, 409]).toContain(off.status);
      expect(done.status).toBe(200);
      const [draft] = done.all<Claim>('claim');
      expect((await world.act(draft as Claim, 'submit', [], later(2))).status).toBe(200);
      const standing = await world.standing(name);
      expect([standing['denial-write-off'], standing['receivable-insurance-denied']]).toEqual([
        undefined,
        396450,
      ]);
      expect(await world.faults()).toEqual([]);
    },
  );

  test('5 neighbour: dryRun of $correct, $void, $rebill and $write-off says what would be and writes nothing', async () => {
    const claim = await denied('dry');
    const dry = { name: 'dryRun', valueBoolean: true };
    const before = [await world.standing('dry'), await world.find('Claim?encounter=Encounter/dry')];
    const tried = [
      await world.act(claim, 'correct', [reason(), dry]),
      await world.act(claim, 'void', [reason(), dry]),
      await world.act(encounter('dry'), 'rebill', [named('dry'), dry]),
      await world.act(claim, 'write-off', [...given(5, 'WO-1'), dry]),
    ];
    expect(tried.map((t) => [t.status, t.codes[0]])).toEqual([
      [200, 'created'],
      [200, 'created'],
      [200, 'withdrawn'],
      [200, 'written-off'],
    ]);
    expect([await world.standing('dry'), await world.find('Claim?encounter=Encounter/dry')]).toEqual(before);
    expect(await world.state(claim)).toBe('denied');
    expect((await world.act(claim, 'correct', [reason()])).codes).toContain('created');
    expect(await world.faults()).toEqual([]);
  });
});
