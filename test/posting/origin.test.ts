import { expect, test } from '@jest/globals';
import type { Provenance } from '@medplum/fhirtypes';
import { desk, story1Lines } from './remittance.ts';

test('D.5 a remittance and each of its claims leave a Provenance, by the server for the practice', async () => {
  const d = await desk();
  const clps = [];
  for (const name of ['one', 'two']) clps.push({ number: await d.sent(name), lines: story1Lines });
  await d.post({ trace: 'T1', clps });
  const all = await d.all<Provenance>('Provenance');
  const of = (activity: string): Provenance[] => all.filter((one) => one.activity?.text === activity);
  const types = (one: Provenance | undefined): string[] =>
    [...new Set(one?.target.map(({ reference = '' }) => reference.split('/')[0] ?? ''))].sort();
  expect(of('receipt of a remittance').map(types)).toEqual([['PaymentReconciliation']]);
  const posted = of('posting of a remittance');
  expect(posted.map(types)).toEqual(
    ['one', 'two'].map(() => ['ClaimResponse', 'ExplanationOfBenefit', 'Task']),
  );
  for (const [i, name] of ['one', 'two'].entries()) {
    const sources = (posted[i]?.entity ?? []).map(({ what }) => what.reference ?? '');
    expect(sources.some((reference) => reference.startsWith(`Claim/${name}/`))).toBe(true);
    expect(posted[i]?.agent[0]?.who.display).toBe('Claimwright');
  }
});
