import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { CoverageEligibilityRequest } from '@medplum/fhirtypes';
import { openStore } from '../../../src/store/openStore.ts';
import { eligibilityOffice, resultOf, wordsOf, type EligibilityOffice } from './eligibilityOffice.ts';

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
const section = readme.split('\n## ').find((one) => one.startsWith('Before the visit')) ?? '';
let office: EligibilityOffice;
beforeAll(async () => {
  office = await eligibilityOffice(() =>
    openStore('sqlite::memory:', { now: () => '2026-11-24T15:00:00Z', base: 'http://127.0.0.1:8080/fhir' }),
  );
});
afterAll(() => office.store.close());

test('1 the request that the README prints is answered as it says', async () => {
  const text = /-d '([\s\S]*?)'\n```/.exec(section)?.[1] ?? '';
  const { status, body } = await office.ask(JSON.parse(text) as CoverageEligibilityRequest);
  expect([status, resultOf(body), wordsOf(body)[0]]).toEqual([200, 'active', 'The coverage is active.']);
});
