import { describe, expect, test } from '@jest/globals';
import { subjectFrom } from '../../../src/billing/rule/subject.ts';
import { judgeApart } from '../../../src/operation/rule/judgeApart.ts';
import { inputOf } from '../../billing/scrub/fixture.ts';

const input = inputOf('complete');
const subject = subjectFrom(input.claim, input);
const sound = { each: 'Claim.item', when: 'sequence = 2', place: 'quantity' };
const whole = (when: string) => ({ each: 'Claim', when });
const grown = (start: string, step: string, times: number): string => `${start}${step.repeat(times)}`;

/** Conditions that do not end, or that would use up all memory. */
const bombs = {
  'a collection that grows with itself': whole(
    `${grown('%claim.item', '.select(%claim.item)', 14)}.count() > 3`,
  ),
  'a collection that grows by names': whole(
    `${grown('%claim.item', '.select(%claim.item.sequence | 1 | %claim.item)', 14)}.count() > 3`,
  ),
};

describe('12.7 conditions are judged in another thread, which is stopped', () => {
  test('one that cannot be judged fails alone; what is no condition is none', async () => {
    const judged = await judgeApart(
      [
        sound,
        whole('%nobody'),
        whole('%claim.id'),
        whole("%encounter.exists() or %patient.gender = 'x'"),
        sound,
      ],
      subject,
    );
    const found = ['Claim.item[1].quantity'];
    expect(judged).toEqual([found, 'failed', 'failed', [], found]);
  });

  test.each(Object.entries(bombs))(
    '%s ends after a second, and the others were judged',
    async (_what, bomb) => {
      const found = ['Claim.item[1].quantity'];
      expect(await judgeApart([sound, bomb, sound], subject)).toEqual([found, 'unfinished', found]);
    },
  );

  test('a pattern that would try and try again is judged, a text that grows tenfold fails: neither could be stopped', async () => {
    const tries = whole(`'${'a'.repeat(40)}!'.matches('^(a+)+$') = false`);
    const replaces = grown("'aaaaaaaaaa'", ".replaceMatches('a','aaaaaaaaaa')", 20);
    const grows = grown("'aaaaaaaaaa'", ".replace('a','aaaaaaaaaa')", 20);
    const rules = [tries, whole(`${replaces}.length() > 3`), whole(`${grows}.length() > 3`), sound];
    expect(await judgeApart(rules, subject)).toEqual([
      ['Claim'],
      'failed',
      'failed',
      ['Claim.item[1].quantity'],
    ]);
  });

  test('of several that do not end one after another is found, and the thread goes on to work', async () => {
    const bomb = bombs['a collection that grows with itself'];
    const judged = await judgeApart([bomb, sound, bomb], subject);
    expect(judged.filter((one) => one === 'unfinished')).toHaveLength(2);
    expect(judged[1]).toBe('not-run');
    expect(await judgeApart([sound], subject)).toEqual([['Claim.item[1].quantity']]);
  });

  test('claims that are judged at once do not mix', async () => {
    const other = structuredClone(subject);
    for (const item of other.claim.item ?? []) item.sequence += 1;
    const places = await Promise.all([subject, other, subject].map((one) => judgeApart([sound], one)));
    expect(places.map(([found]) => found)).toEqual([
      ['Claim.item[1].quantity'],
      ['Claim.item[0].quantity'],
      ['Claim.item[1].quantity'],
    ]);
  });
});
