import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isEmergencyLine, isNoSurprisesRemark } from '../../../src/billing/collection/protected.ts';
import { limited } from '../../../src/billing/invoice/limits.ts';
import { askedOf, owedLines } from '../../../src/billing/invoice/owed.ts';
import { cents } from '../../../src/datatypes/cents.ts';
import type { Task } from '@medplum/fhirtypes';
import { captureVisit } from '../../fixture/answeredVisit.ts';
import { code, day, openOffice, type Office } from '../../firm/receipts.ts';
import { eachStore } from '../../http/eachStore.ts';

describe.each(eachStore('office-billed'))('on %s', (_store, open) => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice(open);
  });
  afterAll(async () => {
    await office.check();
    await office.context.store.close();
  });

  test('8 billed: in bankruptcy no Invoice is issued, a Task says so once, and it is billed after it', async () => {
    await captureVisit(office.patient, { name: 'held', on: '2026-03-02', charges: [cents(5000)] });
    await office.call('Account/a/$hold', [code('reason', 'bankruptcy'), day('2026-03-01')]);
    const bill = (on: string) => office.call('Encounter/held/$generate-invoice', [day(on)]);
    for (const on of ['2026-03-02', '2026-03-03']) {
      const answer = await bill(on);
      expect([answer.status, answer.codes.includes('account-held'), answer.all('invoice')]).toEqual([
        200,
        true,
        [],
      ]);
    }
    const tasks = await office.get<{ entry?: { resource: Task }[] }>(
      'Task?code=https://claimwright.example/fhir/CodeSystem/task|bill-held',
    );
    expect(tasks.entry?.length).toBe(1);
    await office.call('Account/a/$release-hold', [code('reason', 'bankruptcy'), day('2026-04-01')]);
    expect((await bill('2026-04-01')).codes).toContain('created');
  });
});

const line = (reason: string, amount: number) =>
  owedLines(
    {
      resourceType: 'Claim',
      id: 'c',
      status: 'active',
      type: {},
      use: 'claim',
      patient: {},
      created: '2026-01-01',
      provider: {},
      priority: {},
      insurance: [],
      item: [{ sequence: 1, productOrService: {} }],
    },
    [
      {
        payer: {},
        decisions: [
          {
            sequence: 1,
            submitted: cents(amount),
            allowed: cents(0),
            paid: cents(0),
            adjustments: [{ group: 'PR', reason, amount: cents(amount) }],
          },
        ],
      },
    ],
    'ExplanationOfBenefit/e',
  );
const none = { qmb: false, searching: false };

test.each([
  ['45', { noSurprises: (): boolean => true }, 0, 'no-surprises-act'],
  ['2', { noSurprises: (): boolean => true }, 900, undefined], // the in-network share is the patient's
  ['45', { noSurprises: (): boolean => false }, 900, undefined],
  ['50', { noticed: (): boolean => false }, 0, 'notice-missing'],
  ['96', { noticed: (): boolean => false }, 0, 'notice-missing'],
  ['204', { noticed: (): boolean => true }, 900, undefined],
  ['1', { noticed: (): boolean => false }, 900, undefined],
  ['1', { waits: 'appeal-open' }, 0, 'appeal-open'],
  ['3', { waits: 'correction-open' }, 0, 'correction-open'],
] as const)('8 billed: of PR-%s with %o %d is asked (%s)', (reason, more, asked, heldBy) => {
  const [one] = limited(line(reason, 900), { ...none, ...more });
  expect([one && askedOf(one), one?.heldBy]).toEqual([asked, heldBy]);
});

test('8 billed: remarks and lines of the No Surprises Act', () => {
  expect(['N830', 'N859', 'N862', 'N879'].every(isNoSurprisesRemark)).toBe(true);
  expect(['N861', 'N880', 'N858', 'MA130'].some(isNoSurprisesRemark)).toBe(false);
  const of = (value: string) => ({ productOrService: { coding: [{ code: value }] } });
  expect([isEmergencyLine(of('99284')), isEmergencyLine(of('A0431')), isEmergencyLine(of('99213'))]).toEqual([
    true,
    true,
    false,
  ]);
});
