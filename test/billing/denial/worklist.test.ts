import { expect, test } from '@jest/globals';
import { worklist } from '../../../src/billing/denial/worklist.ts';
import { nextStep } from '../../../src/billing/denial/denialGuide.ts';
import { submissionTask } from '../../../src/billing/submission/submissionTask.ts';
import { unanswered } from '../../../src/billing/submission/unanswered.ts';
import { answer } from '../../../src/payer/answer.ts';
import { system } from '../../../src/terminology/system.ts';
import {
  claimOf,
  coverageOf,
  enrollmentOf,
  planNamed,
  story1,
  story10,
  story4,
  story5,
  story6,
  story7First,
  story7Second,
  type Story,
} from '../../payer/stories.ts';

const respond = (story: Story) => {
  const question = { coverage: coverageOf(story), priors: [], satisfied: false, answeredOn: '2026-09-10' };
  const records = { plan: planNamed(story.plan), enrollment: enrollmentOf(story.member), duplicate: false };
  return { id: 'r', ...answer({ claim: claimOf(story), ...question }, records).response };
};
const keys = (story: Story): string[] =>
  worklist({ claim: claimOf(story), response: respond(story) }).map(
    (w) => `${w.code}|${w.task.focus?.reference ?? ''}|${w.detail}`,
  );

test.each<[string, Story, string[]]>([
  ['a paid claim leaves nothing to do', story1, []],
  ['deductible and coinsurance are no denials', story10, []],
  ['a denial is one piece of work for each reason', story4, ['denial|Claim/claim-jrh100598801|197']],
  [
    'coverage that had ended asks to look for other coverage',
    story5,
    ['find-coverage|Claim/claim-jrh100377601|'],
  ],
  ['a pended claim asks for what is missing', story6, ['information-requested|Claim/claim-sfp70045512|']],
])('%s', (_name, story, expected) => {
  expect(keys(story)).toEqual(expected);
});

test('nobody looks for other coverage while a further payer is asked', () => {
  expect(worklist({ claim: claimOf(story5), response: respond(story5), followed: true })).toEqual([]);
});

test('what an earlier payer settled (OA-23) is no denial', () => {
  const prior = respond(story7First);
  const question = {
    coverage: coverageOf(story7Second),
    priors: [prior],
    satisfied: false,
    answeredOn: '2026-09-10',
  };
  const records = { plan: planNamed(story7Second.plan), enrollment: undefined, duplicate: false };
  const claim = claimOf(story7Second);
  expect(worklist({ claim, response: answer({ claim, ...question }, records).response })).toEqual([]);
});

test('a duplicate (OA-18) is a denial', () => {
  const question = { coverage: coverageOf(story1), priors: [], satisfied: false, answeredOn: '2026-09-10' };
  const claim = claimOf(story1);
  const { response } = answer(
    { claim, ...question },
    { plan: planNamed(story1.plan), enrollment: undefined, duplicate: true },
  );
  expect(worklist({ claim, response })).toMatchObject([
    { code: 'denial', detail: '18', task: { focus: { reference: 'Claim/claim-jrh100234501' } } },
  ]);
});

test('the Task says what is missing and how to go on', () => {
  const [work] = worklist({ claim: claimOf(story6), response: respond(story6) });
  expect(work?.task.description).toBe(
    'N706: a document is missing for line 3 (S8101). Attach it to the Claim, complete this Task and submit the Claim again',
  );
  expect(work?.task.reasonReference?.reference).toBe('ClaimResponse/r');
});

test('an answer that nobody gave asks for nothing', () => {
  const claim = claimOf(story1);
  const response = unanswered(claim, '2026-01-21', 'not-connected');
  expect(worklist({ claim, response })).toEqual([]);
  expect(submissionTask(claim, response, { on: '2026-01-21', state: 'sent' })).toMatchObject({
    status: 'in-progress',
    businessStatus: { text: 'sent' },
    code: { coding: [{ system: system.task, code: 'submission' }] },
  });
});

test.each([
  [story1, 'completed', 'answered'],
  [story6, 'in-progress', 'pended'],
])('the submission is followed to its answer', (story, status, text) => {
  const task = submissionTask(claimOf(story), respond(story), { on: story.on, state: text });
  expect(task).toMatchObject({
    status,
    businessStatus: { text },
    authoredOn: story.on,
    lastModified: '2026-09-10',
  });
});

test.each([
  ['29', /proof/],
  ['197', /authorisation/],
  ['252', /document/],
  ['9999', /remarks/],
])('CARC %s has a next step', (carc, expected) => {
  expect(nextStep(carc)).toMatch(expected);
});
