import { expect, test } from '@jest/globals';
import type { ClaimResponse, Invoice, Task } from '@medplum/fhirtypes';
import { codeOf } from '../../src/datatypes/coding.ts';
import { system } from '../../src/terminology/system.ts';
import { oracle } from './oracle.ts';
import { openPractice } from './practice.ts';
import { answerTo, claimOf, decisionOf, explanationsOf, totalOf } from './reading.ts';

test('story 6 goes on when the document is attached: the same ClaimResponse becomes complete, and is paid once', async () => {
  const practice = await openPractice();
  const claim = await claimOf(practice, '6');
  const pended = await answerTo(practice, claim);
  const [task] = (await practice.search<Task>('Task')).filter(
    ({ code }) => codeOf(code, system.task) === 'information-requested',
  );
  expect(task?.status).toBe('requested');

  await practice.put({
    ...claim,
    supportingInfo: [
      ...(claim.supportingInfo ?? []),
      {
        sequence: 1 + Math.max(0, ...(claim.supportingInfo ?? []).map(({ sequence }) => sequence)),
        category: { coding: [{ system: system.supportingInfo, code: 'attachment' }] },
        valueAttachment: {
          contentType: 'application/pdf',
          title: 'Order for the spacer',
          data: 'JVBERi0xLjQK',
        },
      },
    ],
  });
  const dates = [{ name: 'businessDate', valueDate: '2026-07-01' }];
  const answer = await practice.call<ClaimResponse>(`Claim/${claim.id ?? ''}/$submit`, dates);
  expect(answer.id).toBe(pended.id);
  expect(Number(answer.meta?.versionId)).toBe(Number(pended.meta?.versionId) + 1);
  expect(answer.outcome).toBe('complete');

  const wanted = oracle.nextSteps.find((step) => step.claim === '6 answered')?.lines ?? [];
  expect(
    answer.item?.map(({ itemSequence, adjudication }) => ({
      line: itemSequence,
      ...decisionOf(adjudication),
    })),
  ).toEqual(
    wanted.map(({ line, allowed, adjustments, patient, paid }) => ({
      line,
      allowed,
      adjustments,
      patient,
      paid,
    })),
  );
  const again = await practice.call<ClaimResponse>(`Claim/${claim.id ?? ''}/$submit`, dates);
  expect(again.meta).toEqual(answer.meta);

  const [eob, ...others] = await explanationsOf(practice, claim);
  if (!eob) throw new Error('no explanation');
  expect(others).toEqual([]);
  expect(['submitted', 'eligible', 'paidtoprovider', 'memberliability'].map((c) => totalOf(eob, c))).toEqual([
    '212.40',
    '107.20',
    '107.20',
    '0.00',
  ]);
  const billed = await practice.call(`ExplanationOfBenefit/${eob.id ?? ''}/$generate-invoice`, dates);
  expect(billed.parameter?.map(({ name }) => name)).toEqual(['outcome']);
  expect(await practice.search<Invoice>('Invoice?subject=Patient/poppy-ferreira')).toEqual([]);
  expect((await practice.read<Task>(`Task/${task?.id ?? ''}`)).status).toBe('completed');
});
