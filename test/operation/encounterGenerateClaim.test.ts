import { describe, expect, test } from '@jest/globals';
import type { Claim, Coverage, Encounter, Parameters, Task } from '@medplum/fhirtypes';
import { callOperation } from '../../src/operation/run.ts';
import { extension } from '../../src/terminology/system.ts';
import { called } from '../fixture/called.ts';
import { demoPractice, type DemoPractice } from '../fixture/demoPractice.ts';

const generate = (practice: DemoPractice, story: string) =>
  called(practice.context, `Encounter/${story}/$generate-claim`);

/** The first code of an element. */
const code = (element: { coding?: { code?: string }[] } | undefined): string | undefined =>
  element?.coding?.[0]?.code;

const codesOf = (claim: Claim | undefined) => claim?.item?.map((i) => code(i.productOrService));

describe('Encounter/$generate-claim', () => {
  test('100 at once make one claim, and all answer with it', async () => {
    const practice = await demoPractice();
    const answers = await Promise.all(Array.from({ length: 100 }, () => generate(practice, 'story-02')));
    expect(new Set(answers.map((a) => a.status))).toEqual(new Set([200]));
    const seen = answers.map((a) =>
      a.all<Claim>('claim').map((c) => `${c.id ?? ''} ${c.meta?.versionId ?? ''}`),
    );
    expect(new Set(seen.map(String)).size).toBe(1);
    expect(seen[0]).toHaveLength(1);
    expect(await practice.all('Claim')).toHaveLength(1);
    expect(await practice.all('ChargeItem')).toHaveLength(3);
  });

  test('a draft follows the chart under the same number; a visit that is gone from it is gone from the claim', async () => {
    const practice = await demoPractice();
    const [before] = (await generate(practice, 'story-02')).all<Claim>('claim');
    await practice.remove('MedicationAdministration', 'story-02-triamcinolone');
    const answer = await generate(practice, 'story-02');
    const [after] = answer.all<Claim>('claim');
    expect(answer.codes).toEqual(expect.arrayContaining(['charge-withdrawn', 'updated']));
    expect([after?.id, after?.identifier]).toEqual([before?.id, before?.identifier]);
    expect(after?.meta?.versionId).toBe('2');
    expect(codesOf(after)).toEqual(['T1015', 'J7325']);
    expect(after?.total?.value).toBe(1121.25);
  });

  test('$capture-charges alone brings a draft up to date too', async () => {
    const practice = await demoPractice();
    await generate(practice, 'story-02');
    await practice.remove('MedicationAdministration', 'story-02-triamcinolone');
    const answer = await called(practice.context, 'Encounter/story-02/$capture-charges');
    expect(answer.codes).toContain('updated');
    const [claim] = await practice.all<Claim>('Claim');
    expect(claim?.total?.value).toBe(1121.25);
  });

  test('a submitted claim is answered again while the chart gives the same, else 409 and nothing is written', async () => {
    const practice = await demoPractice();
    const on = [{ name: 'businessDate', valueDate: '2026-03-12' }];
    const [draft] = (await called(practice.context, 'Encounter/story-02/$generate-claim', on)).all<Claim>(
      'claim',
    );
    await callOperation(practice.context, 'submit', { type: 'Claim', id: draft?.id ?? '' }, on);
    const again = await generate(practice, 'story-02');
    expect(again.status).toBe(200);
    expect(again.all<Claim>('claim').map((c) => [c.id, c.status])).toEqual([[draft?.id, 'active']]);
    await practice.change<Encounter>('Encounter', 'story-02', (e) => {
      e.type = [{ coding: [{ system: 'http://snomed.info/sct', code: '185347001' }] }];
    });
    const before = await practice.state();
    const refused = await generate(practice, 'story-02');
    expect([refused.status, refused.codes]).toEqual([409, ['claim-already-submitted']]);
    expect(refused.issues[0]?.details?.text).toContain(`Claim/${draft?.id ?? ''}`);
    expect(await practice.state()).toBe(before);
  });

  test('a dry run answers with the claim and writes nothing', async () => {
    const practice = await demoPractice();
    const before = await practice.state();
    const answer = await called(practice.context, 'Encounter/story-03/$generate-claim', [
      { name: 'dryRun', valueBoolean: true },
    ]);
    expect(answer.all<Claim>('claim')[0]?.total?.value).toBe(1654.45);
    expect(await practice.state()).toBe(before);
  });

  test('at type level encounters of several patients give one set of claims each', async () => {
    const practice = await demoPractice();
    const answer = await callOperation(practice.context, 'generate-claim', { type: 'Encounter' }, [
      { name: 'encounter', valueReference: { reference: 'Encounter/story-01' } },
      { name: 'encounter', valueReference: { reference: 'Encounter/story-02' } },
    ]);
    const claims = ((JSON.parse(String(answer.body)) as Parameters).parameter ?? []).flatMap((p) =>
      p.name === 'claim' ? [(p.resource as Claim).patient.reference] : [],
    );
    expect(claims).toEqual(['Patient/nora-whitfield', 'Patient/gwen-talbot']);
  });

  test('as asked, an outpatient visit of the hospital is billed on the professional form', async () => {
    const practice = await demoPractice();
    const answer = await called(practice.context, 'Encounter/story-07/$generate-claim', [
      { name: 'type', valueCode: 'professional' },
    ]);
    const [claim] = answer.all<Claim>('claim');
    expect(code(claim?.type)).toBe('professional');
    expect(claim?.item?.map((i) => i.diagnosisSequence)).toEqual([[1], [1], [2]]);
  });

  test('a service without a map is an issue and a Task, the other lines are billed; coded later it joins them', async () => {
    const practice = await demoPractice();
    await practice.put({
      resourceType: 'Procedure',
      id: 'uncoded',
      status: 'completed',
      code: { coding: [{ system: 'http://snomed.info/sct', code: '1597AAAAAAAA' }] },
      subject: { reference: 'Patient/gwen-talbot' },
      encounter: { reference: 'Encounter/story-02' },
    });
    const answer = await generate(practice, 'story-02');
    const issue = answer.issues.find((i) => i.details?.coding?.[0]?.code === 'no-map');
    expect([issue?.severity, issue?.expression]).toEqual(['warning', ['Procedure.code']]);
    expect(answer.all<Claim>('claim')[0]?.total?.value).toBe(1160.25);
    const [task] = await practice.all<Task>('Task');
    expect([task?.status, code(task?.code), task?.focus?.reference]).toEqual([
      'requested',
      'coding',
      'Procedure/uncoded',
    ]);
    await generate(practice, 'story-02');
    expect(await practice.all('Task')).toHaveLength(1);
    await practice.put({
      resourceType: 'ConceptMap',
      id: 'own',
      status: 'active',
      sourceUri: 'http://snomed.info/sct',
      targetUri: 'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
      group: [
        { element: [{ code: '1597AAAAAAAA', target: [{ code: 'G0463', equivalence: 'equivalent' }] }] },
      ],
    });
    const coded = await generate(practice, 'story-02');
    expect(coded.all<Claim>('claim')[0]?.total?.value).toBe(1374.85);
    expect((await practice.all<Task>('Task'))[0]?.status).toBe('completed');
  });

  test('a service with an own code stays off a professional claim: an issue and a Task say so', async () => {
    const practice = await demoPractice();
    await practice.put({
      resourceType: 'Procedure',
      id: 'cardioversion',
      status: 'completed',
      code: { coding: [{ system: 'http://snomed.info/sct', code: '180325003' }] },
      subject: { reference: 'Patient/gwen-talbot' },
      encounter: { reference: 'Encounter/story-02' },
    });
    const answer = await generate(practice, 'story-02');
    expect(answer.codes).toContain('no-billing-code');
    expect(answer.all<Claim>('claim')[0]?.item).toHaveLength(3);
    expect(await practice.all('ChargeItem')).toHaveLength(4);
    expect((await practice.all<Task>('Task')).map((t) => t.reasonCode?.text)).toEqual(['no-billing-code']);
  });

  test('a visit of unpriced services has no claim, and the outcome says why', async () => {
    const practice = await demoPractice();
    await practice.remove('ChargeItemDefinition', 'charge-t1015');
    await practice.remove('ChargeItemDefinition', 'charge-j1885');
    const answer = await generate(practice, 'story-05');
    expect(answer.status).toBe(200);
    expect(answer.all('claim')).toEqual([]);
    expect(answer.codes).toEqual(expect.arrayContaining(['no-price', 'nothing-to-bill']));
    expect(await practice.all('Task')).toHaveLength(2);
  });

  test('an authorisation number on the Coverage stands on the claim', async () => {
    const practice = await demoPractice();
    await practice.change<Coverage>('Coverage', 'tamsin-okafor-ppo', (c) => {
      c.extension = [{ url: extension.preAuthRef, valueString: 'AUTH-77' }];
    });
    const [claim] = (await generate(practice, 'story-04')).all<Claim>('claim');
    expect(claim?.insurance[0]?.preAuthRef).toEqual(['AUTH-77']);
  });

  test('all Coverages have ended, none named by the Account: no claim, charges kept, $generate-invoice named', async () => {
    const practice = await demoPractice();
    await practice.change<Coverage>('Coverage', 'nora-whitfield-ppo', (c) => {
      c.period = { start: '2025-01-01', end: '2025-12-31' };
    });
    const answer = await generate(practice, 'story-01');
    expect([answer.status, answer.all('claim')]).toEqual([200, []]);
    expect(answer.codes).toContain('self-pay');
    expect(await practice.all('ChargeItem')).toHaveLength(3);
  });

  test('charges that the patient was invoiced himself are not claimed when a Coverage turns up', async () => {
    const practice = await demoPractice();
    await generate(practice, 'story-08');
    await called(practice.context, 'Encounter/story-08/$generate-invoice');
    const coverage = await practice.read<Coverage>('Coverage', 'nora-whitfield-ppo');
    await practice.put({ ...coverage, id: 'found', beneficiary: { reference: 'Patient/leo-marchetti' } });
    const answer = await generate(practice, 'story-08');
    expect([answer.status, answer.all('claim')]).toEqual([200, []]);
    expect(answer.codes.filter((c) => c === 'already-invoiced')).toHaveLength(2);
    expect(answer.codes).toContain('nothing-to-bill');
  });
});
