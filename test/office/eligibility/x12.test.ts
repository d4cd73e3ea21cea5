import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eachStore } from '../../http/eachStore.ts';
import { system } from '../../../src/terminology/system.ts';
import { until } from '../../until.ts';
import { answered, opened } from '../../eligibility/payerAnswers.ts';
import {
  clearinghouse,
  openPartnerOffice,
  routeTo,
  type PartnerOffice,
} from '../../transport/partnerOffice.ts';
import { post } from '../../http/server.ts';
import { member, requestFor, resultOf, wordsOf, type Answer } from './eligibilityOffice.ts';

describe.each(eachStore('eligibility-x12'))(
  '1 eligibility through a trading partner, on %s',
  (_store, open) => {
    let office: PartnerOffice;
    beforeAll(async () => {
      office = await openPartnerOffice(open);
      const code = [{ coding: [{ system: system.transaction, code: '270' }] }];
      for (const resource of [clearinghouse(), routeTo({ code }), ...member('ada', 'JRH100871102')])
        expect((await office.put(resource)).status).toBeLessThan(300);
    });
    afterAll(() => office.close());

    test('1 a 270 leaves, the answer is queued and filled in by the 271', async () => {
      const { status, text } = await post(
        office.http,
        '/CoverageEligibilityRequest/$submit',
        requestFor('ada'),
      );
      const queued = JSON.parse(text) as Answer;
      expect([status, queued.outcome, wordsOf(queued)]).toEqual([
        200,
        'queued',
        ['The payer has not answered yet.'],
      ]);
      const sent = await until(() => office.sentTexts().find((one) => one.includes('~ST*270*')));
      expect(sent).toContain('*PI*JR001~');
      office.drop('answer.x12', answered(opened(), sent.replace('*PI*JR001~', '*PI*JRH01~'), '271'));
      const filled = await until(async () => {
        const one = await office.get<Answer>(`CoverageEligibilityResponse/${queued.id}`);
        return one.outcome !== 'queued' && one;
      });
      expect([filled.outcome, resultOf(filled)]).toEqual(['complete', 'active']);
      expect(wordsOf(filled)).toContain('Deductible, still to be met: $1,287.60.');
    });
  },
);
