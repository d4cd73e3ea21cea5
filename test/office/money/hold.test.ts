import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Account, ParametersParameter } from '@medplum/fhirtypes';
import {
  held,
  holdsOn,
  mayBill,
  mayCollect,
  mayContact,
  released,
} from '../../../src/billing/collection/hold.ts';
import { code, day, openOffice, type Office } from '../../firm/receipts.ts';
import { eachStore } from '../../http/eachStore.ts';

const date = (name: string, valueDate: string): ParametersParameter => ({ name, valueDate });

describe.each(eachStore('office-hold'))('on %s', (_store, open) => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice(open);
  });
  afterAll(() => office.context.store.close());
  const hold = (reason: string, more: readonly ParametersParameter[] = [day('2026-03-01')]) =>
    office.call('Account/a/$hold', [code('reason', reason), ...more]);
  const now = async (on: string) => holdsOn(await office.get<Account>('Account/a'), undefined, on);

  test('8 holds: a bankruptcy holds the Account from its day on, once, until it is released', async () => {
    expect((await hold('bankruptcy')).codes).toEqual(['held']);
    expect((await hold('bankruptcy', [day('2026-03-05')])).codes).toEqual(['already-there']);
    expect([await now('2026-02-28'), await now('2026-03-01')]).toEqual([[], ['bankruptcy']]);
    const release = [code('reason', 'bankruptcy'), day('2026-04-01')];
    expect((await office.call('Account/a/$release-hold', release)).codes).toEqual(['released']);
    expect((await office.call('Account/a/$release-hold', release)).codes).toEqual(['already-there']);
    expect([await now('2026-03-31'), await now('2026-04-01')]).toEqual([['bankruptcy'], []]);
  });

  test('8 holds neighbour: an unknown reason and an end before the start are refused, nothing is written', async () => {
    const before = await office.get<Account>('Account/a');
    expect([(await hold('mood')).status, (await hold('mood')).codes]).toEqual([422, ['hold-reason']]);
    const ends = [date('start', '2026-05-02'), date('end', '2026-05-01'), day('2026-05-01')];
    expect((await hold('manual', ends)).codes).toEqual(['end-before-start']);
    expect(await office.get<Account>('Account/a')).toEqual(before);
  });

  test('8 holds neighbour: a plain write neither ends a hold nor is it stopped by one', async () => {
    await office.call('Account/b/$hold', [code('reason', 'dispute'), day('2026-03-01')]);
    const account = await office.get<Account>('Account/b');
    const bare: Account = { ...account };
    delete bare.extension;
    const put = (body: Account) => office.put({ ...body, id: 'b' });
    expect([(await put(bare)).status, (await put(bare)).codes]).toEqual([409, ['kept-by-the-books']]);
    expect((await put({ ...account, description: 'moved house' })).status).toBe(200);
    expect(holdsOn(await office.get<Account>('Account/b'), undefined, '2026-03-02')).toEqual(['dispute']);
  });

  test('8 holds neighbour: the only hold is released on the day it began', async () => {
    await office.call('Account/b/$release-hold', [code('reason', 'dispute'), day('2026-03-01')]);
    const answer = await office.get<Account>('Account/b');
    expect(holdsOn(answer, undefined, '2026-03-02')).toEqual([]);
  });

  test('8 holds neighbour: a dry run writes nothing', async () => {
    const before = await office.get<Account>('Account/b');
    await office.call('Account/b/$hold', [code('reason', 'manual'), { name: 'dryRun', valueBoolean: true }]);
    expect(await office.get<Account>('Account/b')).toEqual(before);
  });
});

const account: Account & { id: string } = { resourceType: 'Account', id: 'a', status: 'active' };

test.each([
  ['bankruptcy', false, false, false],
  ['dispute', true, false, false],
  ['returned-mail', false, true, false],
  ['manual', true, true, false],
] as const)('8 holds: what %s leaves open', (reason, contact, bill, collect) => {
  const holds = holdsOn(held(account, { reason, start: '2026-01-01' }), undefined, '2026-01-02');
  expect([mayContact(holds), mayBill(holds), mayCollect(holds)]).toEqual([contact, bill, collect]);
});

test('8 holds: of a patient who died only the estate is written to', () => {
  const holds = holdsOn(account, { deceasedDateTime: '2026-02-03T10:00:00Z' }, '2026-02-03');
  expect(holdsOn(account, { deceasedDateTime: '2026-02-03' }, '2026-02-02')).toEqual([]);
  expect([mayContact(holds), mayContact(holds, true), mayBill(holds, true), mayCollect(holds)]).toEqual([
    false,
    true,
    true,
    false,
  ]);
});

test('8 holds: one that is released on the day it began never stood', () => {
  const made = held(account, { reason: 'manual', start: '2026-01-05' });
  expect(holdsOn(released(made, 'manual', '2026-01-05'), undefined, '2026-01-05')).toEqual([]);
});
