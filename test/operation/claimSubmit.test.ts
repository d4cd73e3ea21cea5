import type {
  Basic,
  ChargeItem,
  Claim,
  ClaimResponse,
  ExplanationOfBenefit,
  PaymentReconciliation,
  Task,
} from '@medplum/fhirtypes';
import { describe, expect, test } from '@jest/globals';
import { entry as balanced } from '../../src/datatypes/entry.ts';
import { toDecimal } from '../../src/datatypes/cents.ts';
import { FhirError } from '../../src/outcome/fhirError.ts';
import { codeOfIssue, isFault } from '../../src/outcome/issue.ts';
import { usedOf } from '../../src/payer/enrollment.ts';
import { story1, story10, story4, story5, story6 } from '../payer/stories.ts';
import { chart, dated, practice, type Practice } from './practice.ts';

const kinds = [
  'Claim',
  'ChargeItem',
  'ClaimResponse',
  'ExplanationOfBenefit',
  'PaymentReconciliation',
  'Task',
  'Basic',
] as const;
async function everything(p: Practice): Promise<unknown> {
  const resources = await Promise.all(kinds.map((kind) => p.all(kind)));
  return [resources, await p.journal()];
}
const posted = async (p: Practice): Promise<string[]> =>
  (await p.journal()).map((e) => `${e.on} ${e.reason} ${toDecimal(sumOfDebits(e.postings))}`);
const sumOfDebits = (postings: readonly { amount: number }[]) =>
  postings.filter((x) => x.amount > 0).reduce((a, x) => a + x.amount, 0) as Parameters<typeof toDecimal>[0];
const taskCodes = async (p: Practice): Promise<string[]> =>
  (await p.all<Task>('Task')).map((t) => `${t.code?.coding?.[0]?.code} ${t.status}`);

describe('a claim that is paid', () => {
  test('answers with the adjudication and writes all that follows from it', async () => {
    const p = await practice();
    const id = await chart(p, story1);
    const response = await p.submit(id, dated('2026-01-21', '2026-02-04'));
    expect(response).toMatchObject({
      resourceType: 'ClaimResponse',
      outcome: 'complete',
      created: '2026-02-04',
    });
    expect(response.payment?.amount.value).toBe(149.92);
    expect((await p.read<Claim>('Claim', id)).status).toBe('active');
    expect((await p.all<ChargeItem>('ChargeItem')).map((c) => c.status)).toEqual([
      'billed',
      'billed',
      'billed',
    ]);
    const [eob, ...noMore] = await p.all<ExplanationOfBenefit>('ExplanationOfBenefit');
    expect(noMore).toEqual([]);
    expect(eob?.claimResponse?.reference).toBe(`ClaimResponse/${response.id ?? ''}`);
    const [remittance] = await p.all<PaymentReconciliation>('PaymentReconciliation');
    expect(remittance).toMatchObject({ paymentDate: '2026-02-04', paymentAmount: { value: 149.92 } });
    expect(await posted(p)).toEqual([
      '2026-01-20 charge-captured 168.45',
      '2026-01-20 charge-captured 41.2',
      '2026-01-20 charge-captured 36.75',
      '2026-01-21 claim-submitted 246.4',
      '2026-02-04 contractual 71.48',
      '2026-02-04 insurer-payment 149.92',
      '2026-02-04 patient-share 25',
    ]);
    const payment = (await p.journal()).find((e) => e.reason === 'insurer-payment');
    expect(payment?.cause).toBe(`PaymentReconciliation/${remittance?.id ?? ''}/_history/1`);
    expect(await taskCodes(p)).toEqual(['submission completed']);
  });

  test('counts towards what the member has used', async () => {
    const p = await practice();
    await p.submit(await chart(p, story10), dated('2026-06-10', '2026-06-24'));
    const used = usedOf(await p.read<Basic>('Basic', 'enrollment-jrh100655301'), '2026-12-31');
    expect([toDecimal(used.deductible), toDecimal(used.limit)]).toEqual([1500, 1768.61]);
  });

  test('gives the same answer again and writes nothing', async () => {
    const p = await practice();
    const id = await chart(p, story1);
    const first = await p.submit(id, dated('2026-01-21'));
    const before = await everything(p);
    expect(await p.submit(id, dated('2026-03-01'))).toEqual(first);
    expect(await everything(p)).toEqual(before);
  });

  test('is one claim to a hundred callers at once', async () => {
    const p = await practice();
    const id = await chart(p, story1);
    const answers = await Promise.all(Array.from({ length: 100 }, () => p.submit(id, dated('2026-01-21'))));
    expect(new Set(answers.map((a) => `${a.id ?? ''} ${a.meta?.versionId ?? ''}`)).size).toBe(1);
    expect(await p.all('ExplanationOfBenefit')).toHaveLength(1);
    expect(await p.all('PaymentReconciliation')).toHaveLength(1);
  });

  test('writes nothing on a dry run', async () => {
    const p = await practice();
    const id = await chart(p, story1);
    const before = await everything(p);
    const answer = await p.submit(id, [...dated('2026-01-21'), { name: 'dryRun', valueBoolean: true }]);
    expect(answer.payment?.amount.value).toBe(149.92);
    expect(await everything(p)).toEqual(before);
  });
});

describe('a claim that is denied', () => {
  test('with group CO stays with the insurer and goes on the denial worklist', async () => {
    const p = await practice();
    const id = await chart(p, story4);
    await p.submit(id, dated('2026-04-23', '2026-05-07'));
    expect((await posted(p)).slice(2)).toEqual([
      '2026-04-23 claim-submitted 3964.5',
      '2026-05-07 claim-denied 3964.5',
    ]);
    expect(await taskCodes(p)).toEqual(['submission completed', 'denial requested']);
    const denial = (await p.all<Task>('Task')).find((t) => t.code?.coding?.[0]?.code === 'denial');
    expect(denial?.reasonCode?.coding?.[0]?.code).toBe('197');
    expect(denial?.description).toBe(
      'Denied with CARC 197 on lines 1, 2: obtain the authorisation afterwards, or appeal',
    );
    expect(denial?.restriction?.period?.end).toBe('2026-09-04');
    const [remittance] = await p.all<PaymentReconciliation>('PaymentReconciliation');
    expect(remittance?.paymentAmount.value).toBe(0);
    expect(
      (await p.all<ExplanationOfBenefit>('ExplanationOfBenefit'))[0]?.payment?.type?.coding?.[0]?.code,
    ).toBe('denied');
  });

  test('with PR-27 becomes the patient share and asks to look for other coverage', async () => {
    const p = await practice();
    await p.submit(await chart(p, story5), dated('2026-05-15', '2026-05-29'));
    expect((await posted(p)).at(-1)).toBe('2026-05-29 patient-share 198.15');
    expect(await taskCodes(p)).toEqual(['submission completed', 'find-coverage requested']);
  });

  test('as a duplicate when another claim of the same content was answered', async () => {
    const p = await practice();
    await p.submit(await chart(p, story1), dated('2026-01-21'));
    const id = await chart(p, story1, { id: 'again', identifier: [{ system: 'urn:x', value: 'other' }] });
    const answer = await p.submit(id, dated('2026-01-22'));
    expect(answer.disposition).toBe('Denied');
    expect(answer.item?.[0]?.adjudication[3]).toMatchObject({
      category: { coding: [{ code: 'OA' }] },
      reason: { coding: [{ code: '18' }] },
    });
  });
});

describe('a claim that waits for a document', () => {
  const waiting = async () => {
    const p = await practice();
    const id = await chart(p, story6);
    return { p, id, first: await p.submit(id, dated('2026-06-04', '2026-06-18')) };
  };

  test('is queued: no explanation, nothing paid, the money is pended, a Task asks for it', async () => {
    const { p, id, first } = await waiting();
    expect(first).toMatchObject({
      outcome: 'queued',
    });
    expect(first.processNote?.filter((n) => n.type === 'print').map((n) => n.text)).toEqual([
      'N706: a document is missing for line 3 (S8101)',
    ]);
    expect(await p.all('ExplanationOfBenefit')).toEqual([]);
    expect(await p.all('PaymentReconciliation')).toEqual([]);
    expect((await posted(p)).slice(3)).toEqual([
      '2026-06-04 claim-submitted 212.4',
      '2026-06-18 claim-pended 212.4',
    ]);
    expect(await taskCodes(p)).toEqual(['submission in-progress', 'information-requested requested']);
    expect(await p.submit(id)).toEqual(first);
  });

  test.each(['the Task is completed', 'a document is attached'])('goes on once %s', async (how) => {
    const { p, id, first } = await waiting();
    if (how === 'the Task is completed') {
      const task = (await p.all<Task>('Task')).find(
        (t) => t.code?.coding?.[0]?.code === 'information-requested',
      );
      if (task) await p.put({ ...task, status: 'completed' });
    } else {
      const claim = await p.read<Claim>('Claim', id);
      const category = {
        coding: [
          { system: 'https://claimwright.example/fhir/CodeSystem/supporting-info', code: 'attachment' },
        ],
      };
      await p.put({
        ...claim,
        supportingInfo: [{ sequence: 1, category, valueReference: { reference: 'DocumentReference/d' } }],
      });
    }
    const second = await p.submit(id, dated('2026-07-01'));
    expect(second.id).toBe(first.id);
    expect([first.meta?.versionId, second.meta?.versionId]).toEqual(['1', '2']);
    expect(second.payment?.amount.value).toBe(107.2);
    expect((await posted(p)).slice(5)).toEqual([
      '2026-07-01 contractual 105.2',
      '2026-07-01 insurer-payment 107.2',
    ]);
    expect(await taskCodes(p)).toEqual(['submission completed', 'information-requested completed']);
    expect(await p.all('ExplanationOfBenefit')).toHaveLength(1);
    expect(await p.submit(id)).toEqual(second);
  });
});

describe('without a payer connected', () => {
  test('a claim is sent and nothing answers', async () => {
    const p = await practice({ payer: 'none' });
    const id = await chart(p, story1);
    const answer = await p.submit(id, dated('2026-01-21'));
    expect(answer).toMatchObject({
      outcome: 'queued',
      disposition: 'Submitted; no payer is connected, so nothing answers yet',
    });
    expect((await posted(p)).at(-1)).toBe('2026-01-21 claim-submitted 246.4');
    expect(await taskCodes(p)).toEqual(['submission in-progress']);
    expect(await p.submit(id)).toEqual(answer);
  });
});

describe('a claim is refused', () => {
  const refusal = async (p: Practice, id: string, parameters = dated('2026-01-21')) => {
    const before = await everything(p);
    const error: unknown = await p.submit(id, parameters).then(
      () => undefined,
      (e: unknown) => e,
    );
    expect(await everything(p)).toEqual(before);
    return error;
  };
  const faults = (error: unknown) => {
    if (!(error instanceof FhirError)) throw error;
    expect(error.status).toBe(422);
    return error.issue.filter(isFault).map((i) => [codeOfIssue(i), i.expression?.[0]]);
  };
  const issue = (code: string, expression?: string) => ({
    details: { coding: [{ code }] },
    ...(expression === undefined ? {} : { expression: [expression] }),
  });

  test('with every fault at once, and nothing is written', async () => {
    const p = await practice();
    const id = await chart(p, story1);
    const claim = await p.read<Claim>('Claim', id);
    const [charge] = await p.all<ChargeItem>('ChargeItem');
    if (charge) {
      const unpriced = structuredClone(charge);
      delete unpriced.priceOverride;
      await p.put(unpriced);
    }
    claim.item?.[1]?.extension?.splice(0);
    const [, line2] = claim.item ?? [];
    delete line2?.extension;
    await p.put({ ...claim, extension: [{ url: 'urn:x', valueString: 'x' }] });
    expect(faults(await refusal(p, id))).toEqual([
      ['unpriced-charge', expect.stringContaining('Claim.item[0]')],
      ['account-missing', 'Claim.extension'],
      ['charge-missing', 'Claim.item[1]'],
    ]);
  });

  test('when a charge was billed on another claim', async () => {
    const p = await practice();
    const id = await chart(p, story1);
    const claim = await p.read<Claim>('Claim', id);
    await p.submit(id, dated('2026-01-21'));
    await p.put({ ...claim, id: 'second', status: 'draft' });
    expect(faults(await refusal(p, 'second'))).toEqual([
      ['charge-not-billable', 'Claim.item[0]'],
      ['charge-not-billable', 'Claim.item[1]'],
      ['charge-not-billable', 'Claim.item[2]'],
    ]);
  });

  test('when it was cancelled', async () => {
    const p = await practice();
    const id = await chart(p, story1, { status: 'cancelled' });
    expect(await refusal(p, id)).toMatchObject({
      status: 409,
      issue: [issue('claim-not-submittable', 'Claim.status')],
    });
  });

  test.each([
    ['before the business date', '2026-01-20'],
    ['to come', '2999-01-01'],
  ])('when the answer date is %s', async (_name, answeredOn) => {
    const p = await practice();
    const id = await chart(p, story1);
    expect(await refusal(p, id, dated('2026-01-21', answeredOn))).toMatchObject({
      status: 400,
      issue: [issue('answer-date-out-of-range')],
    });
  });
});

test('a payer without plan or enrolment answers by a default plan and keeps a record of the member', async () => {
  const p = await practice();
  const unknown = { ...story1, payer: 'somebody', member: 'X1', plan: 'none-known' };
  const answer: ClaimResponse = await p.submit(await chart(p, unknown), dated('2026-01-21'));
  expect(answer.payment?.amount.value).toBe(157.7); // 80 % allowed, 20 % of it left to the member, by line
  const kept = (await p.all<Basic>('Basic')).find((b) => b.identifier?.[0]?.value === 'X1');
  expect(kept).toMatchObject({
    author: { reference: 'Organization/somebody' },
    subject: { reference: 'Patient/nora-whitfield' },
  });
  expect(toDecimal(usedOf(kept, '2026-06-01').limit)).toBe(39.42);
});

test('every entry of the journal balances', async () => {
  const p = await practice();
  for (const story of [story1, story4, story5, story6, story10]) await p.submit(await chart(p, story));
  for (const e of await p.journal()) expect(() => balanced(e)).not.toThrow();
});
