import { expect, test } from '@jest/globals';
import type { ChargeItem } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { difference } from '../../../src/billing/charge/difference.ts';
import { system } from '../../../src/terminology/system.ts';

const charge = (source: string, price: number, more: Partial<ChargeItem> = {}): ChargeItem => ({
  resourceType: 'ChargeItem',
  status: 'billable',
  identifier: [{ system: system.chargeSource, value: source }],
  code: { text: source },
  subject: { reference: 'Patient/p' },
  priceOverride: { value: price, currency: 'USD' },
  ...more,
});
const written = (c: ChargeItem, id: string): ChargeItem => ({
  ...c,
  id,
  meta: { versionId: '1' },
  enteredDate: '2026-03-11',
});
const ids = (charges: readonly ChargeItem[]) => charges.map((c) => c.id ?? c.identifier?.[0]?.value);

test('the same chart changes nothing, whoever put the elements in which order', () => {
  const now = charge('Procedure/1#A', 10);
  const { resourceType, ...rest } = written(now, 'a');
  const before = { ...rest, resourceType };
  expect(difference([before], [now])).toEqual({ keep: [before], amend: [], add: [], withdraw: [] });
});

test('what is gone is withdrawn, what is new is added, what changed is both', () => {
  const before = [written(charge('Procedure/1#A', 10), 'a'), written(charge('Procedure/2#B', 20), 'b')];
  const { keep, add, withdraw } = difference(before, [
    charge('Procedure/2#B', 21),
    charge('Procedure/3#C', 30),
  ]);
  expect([ids(keep), ids(add), ids(withdraw)]).toEqual([[], ['Procedure/2#B', 'Procedure/3#C'], ['b', 'a']]);
});

test('another diagnosis at the same price is an amendment, on a billed charge nothing', () => {
  const now = charge('Procedure/1#A', 10, { reason: [{ text: 'knee' }] });
  const { amend } = difference([written(charge('Procedure/1#A', 10), 'a')], [now]);
  expect(amend.map((c) => [c.id, c.reason])).toEqual([['a', [{ text: 'knee' }]]]);
  const billed = written(charge('Procedure/1#A', 10, { status: 'billed' }), 'a');
  expect(ids(difference([billed], [now]).keep)).toEqual(['a']);
});

test('a billed charge whose source changed is for people: withdrawn, not added again', () => {
  const billed = written(charge('Procedure/1#A', 10, { status: 'billed' }), 'a');
  const { add, withdraw } = difference([billed], [charge('Procedure/1#A', 11)]);
  expect([ids(add), ids(withdraw)]).toEqual([[], ['a']]);
});

test('charges of others, and those taken back before, are left alone', () => {
  const own = written(charge('x', 5, { identifier: [] }), 'clerk');
  const error = written(charge('Procedure/1#A', 10, { status: 'entered-in-error' }), 'old');
  const { add, withdraw } = difference([own, error], [charge('Procedure/1#A', 10)]);
  expect([ids(add), ids(withdraw)]).toEqual([['Procedure/1#A'], []]);
});

test('applying a difference gives exactly what the chart gives; doing it again changes nothing', () => {
  const charges = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 3 })), {
    selector: ([n]) => n,
  });
  fc.assert(
    fc.property(charges, charges, (old, fresh) => {
      const before = old.map(([n, p]) => written(charge(`Procedure/${n}#A`, p), `id${n}`));
      const now = fresh.map(([n, p]) => charge(`Procedure/${n}#A`, p));
      const { keep, amend, add, withdraw } = difference(before, now);
      const after = [...keep, ...amend, ...add.map((c, i) => written(c, `new${i}`))];
      const content = (c: ChargeItem) => `${c.identifier?.[0]?.value ?? ''} ${c.priceOverride?.value ?? ''}`;
      expect(after.map(content).sort()).toEqual(now.map(content).sort());
      expect(keep.length + amend.length + withdraw.length).toBe(before.length);
      expect(difference(after, now)).toMatchObject({ amend: [], add: [], withdraw: [] });
    }),
  );
});
