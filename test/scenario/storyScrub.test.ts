import { expect, test } from '@jest/globals';
import type { Claim, OperationOutcome } from '@medplum/fhirtypes';
import { codeOfIssue } from '../../src/outcome/issue.ts';
import { openPractice } from './practice.ts';

test('the claims of the ten stories pass every rule; only the missing authorisation of story 4 is warned of', async () => {
  const practice = await openPractice();
  const claims = await practice.search<Claim>('Claim');
  expect(claims).toHaveLength(11);
  const warned: (string | undefined)[][] = [];
  for (const claim of claims) {
    const { issue } = await practice.read<OperationOutcome>(`Claim/${claim.id ?? ''}/$scrub`);
    for (const i of issue) {
      const code = codeOfIssue(i);
      if (code === 'scrubbed' || code === 'code-edition') continue;
      warned.push([claim.item?.[0]?.encounter?.[0]?.reference, i.severity, code, i.expression?.[0]]);
    }
  }
  expect(warned).toEqual([
    ['Encounter/story-04', 'warning', 'missing-authorization', 'Claim.item[0].productOrService'],
  ]);
});
