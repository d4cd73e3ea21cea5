import { describe, expect, test } from '@jest/globals';
import type { Account, ChargeItem, Encounter, MedicationAdministration, Task } from '@medplum/fhirtypes';
import { balance } from '../../src/billing/ledger/index.ts';
import { callOperation } from '../../src/operation/run.ts';
import { called } from '../fixture/called.ts';
import { demoPractice, type DemoPractice } from '../fixture/demoPractice.ts';

const capture = (practice: DemoPractice, story = 'story-02') =>
  called(practice.context, `Encounter/${story}/$capture-charges`);
const code = (charge: ChargeItem) => charge.code.coding?.[0]?.code;
const unbilled = async (practice: DemoPractice) =>
  balance(await practice.journal(), { account: 'receivable-unbilled' });

describe('Encounter/$capture-charges', () => {
  test('charges say what, for whom, why, from where and at what price', async () => {
    const practice = await demoPractice();
    const [, drug] = (await capture(practice)).all<ChargeItem>('charge');
    const [account] = await practice.all<Account>('Account', { subject: 'Patient/gwen-talbot' });
    expect(drug).toMatchObject({
      status: 'billable',
      identifier: [{ value: 'MedicationAdministration/story-02-hyaluronan#J7325' }],
      subject: { reference: 'Patient/gwen-talbot' },
      context: { reference: 'Encounter/story-02' },
      account: [{ reference: `Account/${account?.id ?? ''}` }],
      performingOrganization: { reference: 'Organization/alder-street-clinic' },
      performer: [{ actor: { reference: 'Practitioner/ruth-abernathy' } }],
      quantity: { value: 48 },
      priceOverride: { value: 952.8, currency: 'USD' },
      occurrenceDateTime: '2026-03-11',
      service: [{ reference: 'MedicationAdministration/story-02-hyaluronan' }],
      reason: [{ coding: [{ code: 'M17.11' }] }],
      definitionCanonical: ['https://claimwright.example/fhir/ChargeItemDefinition/charge-j7325'],
    });
    expect(await unbilled(practice)).toBe(116025);
  });

  test('a second and a hundredth time change nothing', async () => {
    const practice = await demoPractice();
    await capture(practice);
    const before = await practice.state();
    const again = await capture(practice);
    await Promise.all(Array.from({ length: 100 }, () => capture(practice)));
    expect(again.codes).toContain('already-there');
    expect(await practice.state()).toBe(before);
  });

  test('a charge whose source was removed is entered in error and reversed; charted again it is charged again', async () => {
    const practice = await demoPractice();
    const source = await practice.read<MedicationAdministration>(
      'MedicationAdministration',
      'story-02-triamcinolone',
    );
    await capture(practice);
    await practice.remove('MedicationAdministration', 'story-02-triamcinolone');
    const answer = await capture(practice);
    expect(answer.all<ChargeItem>('charge').map(code)).toEqual(['T1015', 'J7325']);
    const charges = await practice.all<ChargeItem>('ChargeItem');
    expect(charges.filter((c) => c.status === 'entered-in-error').map(code)).toEqual(['J3301']);
    expect((await practice.journal()).at(-1)?.reason).toBe('charge-reversed');
    expect(await unbilled(practice)).toBe(112125);
    await practice.put(source);
    expect((await capture(practice)).all('charge')).toHaveLength(3);
    expect(await unbilled(practice)).toBe(116025);
  });

  test('a charge whose dose was changed is taken back and charged anew', async () => {
    const practice = await demoPractice();
    await capture(practice);
    await practice.change<MedicationAdministration>(
      'MedicationAdministration',
      'story-02-triamcinolone',
      (m) => {
        m.dosage = { dose: { value: 80, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' } };
      },
    );
    const answer = await capture(practice);
    expect(answer.all<ChargeItem>('charge').map((c) => c.quantity?.value)).toEqual([1, 48, 8]);
    expect(await practice.all('ChargeItem')).toHaveLength(4);
    expect(await unbilled(practice)).toBe(119925);
  });

  test('after the charge was billed people decide: a Task, and the charge stays', async () => {
    const practice = await demoPractice();
    const on = [{ name: 'businessDate', valueDate: '2026-03-12' }];
    const [claim] = (await called(practice.context, 'Encounter/story-02/$generate-claim', on)).all('claim');
    await callOperation(practice.context, 'submit', { type: 'Claim', id: claim?.id ?? '' }, on);
    await practice.remove('MedicationAdministration', 'story-02-triamcinolone');
    const answer = await capture(practice);
    expect(answer.codes).toContain('charge-review');
    const charges = await practice.all<ChargeItem>('ChargeItem');
    expect(charges.map((c) => c.status)).toEqual(['billed', 'billed', 'billed']);
    const tasks = (await practice.all<Task>('Task')).filter(
      (t) => t.code?.coding?.[0]?.code === 'charge-review',
    );
    expect(tasks.map((t) => t.focus?.reference)).toEqual([`ChargeItem/${charges[2]?.id ?? ''}`]);
    await capture(practice);
    expect(
      (await practice.all<Task>('Task')).filter((t) => t.code?.coding?.[0]?.code === 'charge-review'),
    ).toHaveLength(1);
  });

  test('one Account for a patient and practice, that of the Encounter where it names one', async () => {
    const practice = await demoPractice();
    await practice.put({
      resourceType: 'Account',
      id: 'own',
      status: 'active',
      subject: [{ reference: 'Patient/gwen-talbot' }],
      owner: { reference: 'Organization/alder-street-clinic' },
    });
    await practice.change<Encounter>(
      'Encounter',
      'story-02',
      (e) => (e.account = [{ reference: 'Account/own' }]),
    );
    const [charge] = (await capture(practice)).all<ChargeItem>('charge');
    expect(charge?.account).toEqual([{ reference: 'Account/own' }]);
    expect(await practice.all('Account', { subject: 'Patient/gwen-talbot' })).toHaveLength(1);
  });

  test('an Account of another patient is refused', async () => {
    const practice = await demoPractice();
    await practice.change<Encounter>('Encounter', 'story-02', (e) => {
      e.account = [{ reference: 'Account/dana-prescott-alder-street' }];
    });
    const before = await practice.state();
    const { status, codes } = await capture(practice);
    expect([status, codes]).toEqual([422, ['account-of-another-patient']]);
    expect(await practice.state()).toBe(before);
  });

  test('a dose in a unit that says nothing about the drug is for a coder', async () => {
    const practice = await demoPractice();
    await practice.change<MedicationAdministration>(
      'MedicationAdministration',
      'story-02-hyaluronan',
      (m) => {
        m.dosage = { dose: { value: 6, unit: 'mL', system: 'http://unitsofmeasure.org', code: 'mL' } };
      },
    );
    const answer = await capture(practice);
    expect(answer.codes).toContain('no-units');
    expect(answer.all<ChargeItem>('charge').map(code)).toEqual(['T1015', 'J3301']);
    expect((await practice.all<Task>('Task')).map((t) => t.focus?.reference)).toEqual([
      'MedicationAdministration/story-02-hyaluronan',
    ]);
  });

  test('a charge that a clerk entered is priced, posted once, and taken back with its error', async () => {
    const practice = await demoPractice();
    const clerk: ChargeItem = {
      resourceType: 'ChargeItem',
      id: 'clerk',
      status: 'billable',
      code: {
        coding: [{ system: 'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code: 'E0114' }],
      },
      subject: { reference: 'Patient/gwen-talbot' },
      context: { reference: 'Encounter/story-02' },
      quantity: { value: 1 },
    };
    await practice.put(clerk);
    const answer = await capture(practice);
    expect(answer.all<ChargeItem>('charge').at(-1)).toMatchObject({
      id: 'clerk',
      priceOverride: { value: 64.3 },
    });
    await capture(practice);
    expect(await unbilled(practice)).toBe(122455);
    await practice.change<ChargeItem>('ChargeItem', 'clerk', (c) => (c.status = 'entered-in-error'));
    await capture(practice);
    expect(await unbilled(practice)).toBe(116025);
    const before = await practice.state();
    await capture(practice);
    expect(await practice.state()).toBe(before);
  });
});
