import type { Dimension, Fact, Figure, Report } from '../report.ts';
import { at, ofClaims } from './claimQuality.ts';

const ways: readonly Dimension[] = ['payer', 'provider', 'place', 'month'];

/** What is kept beside claims of contracts and late payment, in the order it is told. */
const kept = [
  ['expected', 'Expected by contract'],
  ['found', 'Found missing'],
  ['recovered', 'Recovered of what was missing'],
  ['short', 'Still missing'],
  ['over', 'Allowed above what was expected'],
  ['late', 'Paid after the last day'],
  ['interest', 'Interest owed for late payment'],
  ['interest-received', 'Interest received'],
] as const;

/** Billing rules 50 and 57: what payers allowed against what was agreed, and when they paid. */
export const underpayments: Report = {
  id: 'underpayments',
  title: 'Underpayments',
  description:
    'Of the claims sent in the period (by the day they were sent): what the contract with the payer let expect; what of it was found missing, what of that was recovered since and what is still missing (found is never less than recovered and missing together); what was allowed above it; what was paid after the last day of the prompt-pay table, the interest owed for that, and what of it was received. As it stands now: it is kept beside each claim (Tasks payment-expected and late-paid), and none of it is posted.',
  figures: kept.map(([code, text]): Figure => ({ code, text, kind: 'money', ways })),
  facts: (scope) =>
    ofClaims(scope, (story, isIn): Fact[] => {
      const { sent } = story;
      const own = scope.kept?.[scope.books.names.name(story.claim) ?? ''];
      if (!sent || !own || !isIn(sent.day)) return [];
      const head = at(scope, story, sent);
      return kept.flatMap(([figure]) => {
        const amount = own[figure];
        return amount === undefined || amount === 0 ? [] : [{ figure, amount, ...head }];
      });
    }),
};
