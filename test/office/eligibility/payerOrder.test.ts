import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Coverage, Questionnaire, QuestionnaireResponse } from '@medplum/fhirtypes';
import { payerOrderOf, payerQuestionnaire } from '../../../src/billing/eligibility/payerOrder.ts';
import { system } from '../../../src/terminology/system.ts';
import { eachStore } from '../../http/eachStore.ts';
import { eligibilityOffice, member, payer, practice, type EligibilityOffice } from './eligibilityOffice.ts';

type Answers = Readonly<Record<string, boolean | number | string>>;
const answers = (given: Answers): QuestionnaireResponse => ({
  ...({ resourceType: 'QuestionnaireResponse', status: 'completed' } as const),
  questionnaire: payerQuestionnaire,
  item: Object.entries(given).map(([linkId, value]) => ({
    linkId,
    answer: [
      typeof value === 'boolean'
        ? { valueBoolean: value }
        : typeof value === 'number'
          ? { valueInteger: value }
          : { valueCoding: { code: value } },
    ],
  })),
});
const group = { 'group-plan': true, working: true };

describe('1 who pays before Medicare', () => {
  test.each<[Answers, ReturnType<typeof payerOrderOf>]>([
    [{ entitlement: 'age', 'group-plan': false }, { is: 'primary' }],
    [
      { entitlement: 'age', ...group, employees: 20 },
      { is: 'secondary', reason: '12' },
    ],
    [{ entitlement: 'age', ...group, employees: 19 }, { is: 'primary' }],
    [{ entitlement: 'age', ...group, working: false, employees: 500 }, { is: 'primary' }],
    [{ entitlement: 'disability', ...group, employees: 99 }, { is: 'primary' }],
    [
      { entitlement: 'disability', ...group, employees: 100 },
      { is: 'secondary', reason: '43' },
    ],
    [
      { entitlement: 'kidney', ...group, 'coordination-period': true },
      { is: 'secondary', reason: '13' },
    ],
    [{ entitlement: 'kidney', ...group, 'coordination-period': false }, { is: 'primary' }],
    [
      { work: true, entitlement: 'age', 'group-plan': false },
      { is: 'secondary', reason: '15' },
    ],
    [{ entitlement: 'age', ...group }, { is: 'unclear' }],
    [{}, { is: 'unclear' }],
  ])('1 %j', (given, order) => {
    expect(payerOrderOf(answers(given))).toEqual(order);
  });
});

describe.each(eachStore('eligibility-order'))('1 what is answered at an admission, on %s', (_store, open) => {
  let office: EligibilityOffice;
  beforeAll(async () => {
    office = await eligibilityOffice(open);
  });
  afterAll(() => office.store.close());

  test('1 the questionnaire is served', async () => {
    const { item = [] } = await office.get<Questionnaire>('Questionnaire/medicare-secondary-payer');
    expect(item.length).toBeGreaterThan(8);
  });

  test('1 an order of payers that differs is proposed, and applied by one call', async () => {
    const medicare = { coding: [{ system: 'https://nahdo.org/sopt', code: '1' }] };
    const [patient, first] = member('aged', 'MBI1', { type: medicare });
    await office.has(patient, first, { ...member('aged', 'GRP1', { order: 2 })[1], id: 'aged-group' });
    await office.has({
      ...({ resourceType: 'Encounter', id: 'aged', status: 'in-progress' } as const),
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
      ...{ subject: { reference: 'Patient/aged' }, serviceProvider: { reference: practice } },
      period: { start: '2026-11-20T08:00:00-05:00' },
    });
    const written = {
      ...answers({ entitlement: 'age', ...group, employees: 50 }),
      ...{ id: 'aged', subject: { reference: 'Patient/aged' }, encounter: { reference: 'Encounter/aged' } },
    };
    await office.has(written);
    const [task] = await office.tasks('payer-order', 'QuestionnaireResponse/aged');
    expect([task?.owner?.reference, payer]).toEqual([practice, 'Organization/juniper-ridge']);
    const applied = await office.run(`Task/${task?.id ?? ''}/$apply-correction`);
    expect(applied.all<Coverage>('coverage').map(({ id, order }) => [id, order])).toEqual([
      ['aged-group', 1],
      ['aged', 2],
    ]);
    const { type } = await office.get<Coverage>('Coverage/aged');
    expect(type?.coding?.at(-1)).toEqual({ system: system.x12InsuranceType, code: '12' });
  });

  test('1 neighbour: a Coverage that was changed since is 409; without another coverage somebody has to enter it', async () => {
    const medicare = { coding: [{ system: 'https://nahdo.org/sopt', code: '1' }] };
    await office.has(...member('alone', 'MBI2', { type: medicare }));
    await office.has({
      ...answers({ work: true }),
      ...{ id: 'alone', subject: { reference: 'Patient/alone' }, encounter: { reference: 'Encounter/aged' } },
    });
    const [task] = await office.tasks('payer-order', 'QuestionnaireResponse/alone');
    const path = `Task/${task?.id ?? ''}/$apply-correction`;
    expect((await office.run(path)).codes).toEqual(['coverage-missing']);
    await office.has({ ...member('alone', 'WC1', { order: 2 })[1], id: 'alone-work' });
    expect((await office.run(path)).codes).toEqual(['coverage-changed']);
  });
});
