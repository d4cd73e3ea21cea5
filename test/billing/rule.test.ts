import { expect, test } from '@jest/globals';
import type { Claim } from '@medplum/fhirtypes';
import { csvOf, tableOf } from '../../src/billing/rule/backTest.ts';
import { whyUnsound } from '../../src/billing/rule/dataRule.ts';
import { placesAtFault, readCondition } from '../../src/billing/rule/judge.ts';
import { proposedRule } from '../../src/billing/rule/proposal.ts';
import { subjectFrom } from '../../src/billing/rule/subject.ts';
import { cents } from '../../src/datatypes/cents.ts';
import { inputOf } from './scrub/fixture.ts';

/** The places that the rule proposed for a denied line finds on a claim. */
const found = (carc: string, claim: Claim, denied: Claim = claim): readonly string[] | undefined => {
  const pattern = { practice: 'Organization/a', payer: 'Organization/b', carc, claim: denied, cure: 'Look.' };
  const rule = proposedRule({ ...pattern, sequences: [1] });
  if (!rule) return undefined;
  expect([whyUnsound(rule.each), whyUnsound(rule.when)]).toEqual([undefined, undefined]);
  return placesAtFault(readCondition(rule), subjectFrom(claim, { known: new Map(), on: '2026-09-01' }));
};
const claim = (): Claim => inputOf('complete').claim;

test.each(['11', '50', '4', '5', '97', '119', '16', '96', '252'])(
  '12.7 the rule proposed for CARC %s finds the claim that was denied',
  (carc) => {
    expect(found(carc, claim())).toContain('Claim.item[0].productOrService');
  },
);

test('12.7 a denial for no authorisation proposes a rule that a number cures', () => {
  const bare = claim();
  for (const one of bare.insurance) delete one.preAuthRef;
  expect(found('197', bare)).toEqual(['Claim.item[0].productOrService']);
  const cured = structuredClone(bare);
  for (const one of cured.insurance) one.preAuthRef = ['A1'];
  expect(found('197', cured, bare)).toEqual([]);
});

test.each(['18', '27', '29', '31', '22'])('12.7 CARC %s lies in nothing that a claim says', (carc) => {
  expect(found(carc, claim())).toBeUndefined();
});

test('12.7 neighbour: a table adds up, and its text is comma-separated without thousands', () => {
  const table = tableOf([
    { claim: 'Claim/1', payer: 'Organization/b', isStopped: true, denied: cents(123_456) },
    { claim: 'Claim/2', payer: 'Organization/b', isStopped: true, denied: undefined },
    { claim: 'Claim/3', payer: 'Organization/a', isStopped: false, denied: cents(5) },
  ]);
  expect(table.wrongly).toEqual(['Claim/2']);
  expect(csvOf(table).split('\r\n')).toEqual([
    'payer,claims,stopped,rightly,wrongly,missed,prevented',
    'Organization/b,2,2,1,1,0,1234.56',
    'Organization/a,1,0,0,0,1,0.00',
    'all,3,2,1,1,1,1234.56',
    '',
  ]);
});

test.each(['sequence = 2 item', "code = 'a' b", 'item.exists())', 'sequence ='])(
  '12.7 neighbour: what stands after the end of an expression is not passed over: %s',
  (expression) => {
    expect(whyUnsound(expression)).toBe('this is no FHIRPath that can be read');
  },
);
