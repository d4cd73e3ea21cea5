import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Account, Parameters } from '@medplum/fhirtypes';
import { eachStore } from '../http/eachStore.ts';
import { openOffice, type Office } from './office.ts';
import { covered, plan } from './plan.ts';
import { condition, coverage, drug, patient, rule, stay, visit } from './visit.ts';

const changeRule = (way: string) => [covered('claim-rules', [{ type: rule(`coverage-change-${way}`) }])];
const first = { start: '2026-01-01', end: '2026-10-03' };

describe.each(eachStore('f2_07_balance'))('on %s', (_store, open) => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice(open);
    for (const way of ['admission', 'split', 'entitlement']) await office.put(plan(way, {}, changeRule(way)));
  });
  afterAll(() => office.close());

  /** What insurers and the patient owe once the visit is captured. */
  async function balance(name: string): Promise<(number | undefined)[]> {
    expect((await office.charges(name)).length).toBeGreaterThan(0);
    const [account] = await office.find<Account>(`Account?subject=Patient/${name}`);
    const { body } = await office.send('get', `Account/${account?.id ?? ''}/$balance`);
    const money = (part: string) =>
      (body as Parameters).parameter?.find((p) => p.name === part)?.valueMoney?.value;
    return [money('insurance'), money('patient'), money('total')];
  }

  test.each([
    ['covered on the first day only', 'head', first, [168.45, 39, 207.45]],
    ['covered on the second day only', 'tail', { start: '2026-10-04' }, [39, 168.45, 207.45]],
    ['covered on both', 'both', { start: '2026-01-01' }, [207.45, 0, 207.45]],
    ['covered on neither', 'none', { start: '2027-01-01' }, [0, 207.45, 207.45]],
  ])('2.7 $balance judges a line by its own day: %s', async (_when, name, period, expected) => {
    await office.put(
      patient(name),
      visit(name, name, '2026-10-03'),
      condition(name, name),
      drug(`${name}-drug`, { patient: name, encounter: name, at: '2026-10-04T09:00:00-04:00' }),
      coverage(`${name}-0`, name, { period }),
    );
    expect(await balance(name)).toEqual(expected);
  });

  test.each([
    ['admission: all is the coverage of admission', 'admission', first, [9232.5, 0]],
    ['split: the uncovered nights are the patient’s', 'split', first, [5539.5, 3693]],
    [
      'entitlement: nights before it are nobody’s to ask',
      'entitlement',
      { start: '2026-10-03' },
      [9232.5, 0],
    ],
    ['no rule of a plan: the stay is held', 'juniper-ppo-1500', first, [9232.5, 0]],
  ])('2.7 neighbour: a stay goes by the rule of its plan: %s', async (_what, planId, period, expected) => {
    const name = `stay-${planId}`;
    await office.put(
      patient(name),
      stay(name, name, { start: '2026-10-01T14:00:00-04:00', end: '2026-10-06T10:00:00-04:00' }),
      condition(name, name),
      coverage(`${name}-0`, name, { plan: planId, period }),
    );
    expect((await balance(name)).slice(0, 2)).toEqual(expected);
  });
});
