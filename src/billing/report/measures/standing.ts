import { dayNumber } from '../../../datatypes/dayNumber.ts';
import type { LedgerAccount } from '../../../datatypes/entry.ts';
import { credits } from '../accounts.ts';
import { Claims } from '../claims.ts';
import { aboutOf, monthOfDay, none } from '../place.ts';
import { endOf, isReceivable, owedBy, Receivables } from '../receivables.ts';
import { eachPosting, untilEnd, type Dimension, type Fact, type Figure, type Report } from '../report.ts';

const money = (code: string, text: string, ways: readonly Dimension[]): Figure => ({
  code,
  text,
  kind: 'money',
  ways,
});
const count = (code: string, text: string, ways: readonly Dimension[]): Figure => ({
  code,
  text,
  kind: 'count',
  ways,
});

/** Balance of every ledger account: what stood before the period, what moved, what stands after it. */
export const trialBalance: Report = {
  id: 'trial-balance',
  title: 'Trial balance',
  description:
    'Every account of the ledger by posting date: opening (before the period), movement (in it), closing (at its end); debits are positive. opening + movement = closing, and the closing of a month is the opening of the next. All accounts together are 0.',
  figures: ['opening', 'movement', 'closing'].map((code) => money(code, code, ['account'])),
  facts(scope) {
    const from = dayNumber(scope.start);
    return eachPosting(scope, untilEnd(scope), (row, posting): Fact[] => [
      { figure: row.day < from ? 'opening' : 'movement', amount: row.amount, posting },
      { figure: 'closing', amount: row.amount, posting },
    ]);
  },
};

const creditWays: readonly Dimension[] = ['payer', 'account', 'bucket'];

/** Billing rule 72: what is owed back, by how long. Medicare's overpayments are reported and returned in 60 days. */
export const creditBalances: Report = {
  id: 'credit-balances',
  title: 'Credit balances',
  description:
    'What the practice owes patients and payers at the end of the period: unapplied credit of patients, unapplied credit of payers, refunds payable, and receivables below zero. Positive is owed. overdue-payer is what of payers’ credits stands for more than 60 days (42 CFR 401.305), counted from the day the credit of that claim and payer began.',
  figures: [
    money('credits', 'All credits', creditWays),
    money('overdue-payer', 'Credits of payers older than 60 days', creditWays),
  ],
  *facts(scope) {
    const receivables = new Receivables(scope);
    yield* receivables.read();
    const payers = new Map<string, { balance: number; first: number }>();
    const keyOf = ({ claim, payer }: { readonly claim: number; readonly payer: number }) =>
      `${claim} ${payer}`;
    for (const posting of untilEnd(scope, (account) => account === 'unapplied-payer-credit')) {
      if (posting === undefined) {
        yield undefined;
        continue;
      }
      const row = scope.books.row(posting);
      const own = payers.get(keyOf(row)) ?? { balance: 0, first: row.day };
      if (own.balance === 0) own.first = row.day;
      own.balance += row.amount;
      payers.set(keyOf(row), own);
    }
    const isOverdue = (first: number): boolean => endOf(scope) - first > 60;
    const isOwed = (account: LedgerAccount): boolean => isReceivable(account) || credits.includes(account);
    yield* eachPosting(scope, untilEnd(scope, isOwed), (row, posting): Fact[] | undefined => {
      const one = receivables.of(row);
      const isCredit = credits.includes(row.account);
      if (!isCredit && !(one && one.balance < 0)) return undefined;
      const amount = 0 - row.amount;
      const account = isCredit ? row.account : `below-zero-${one?.kind ?? ''}`;
      const own = isCredit ? payers.get(keyOf(row)) : undefined;
      const since = isCredit ? own?.first : one?.first;
      const isPayers = row.account === 'unapplied-payer-credit' || one?.kind === 'insurance';
      const isOld = isPayers && since !== undefined && isOverdue(since);
      const head = { amount, posting, in: { account, bucket: isOld ? 'over-60-days' : none } };
      return [{ ...head, figure: 'credits' }, ...(isOld ? [{ ...head, figure: 'overdue-payer' }] : [])];
    });
  },
};

const filing = [90, 180, 365] as const;
const claimWays: readonly Dimension[] = ['payer', 'provider', 'place', 'month', 'bucket'];

/** What rules of payers and law have limits for. */
export const compliance: Report = {
  id: 'compliance',
  title: 'Compliance',
  description:
    'Timely filing: claims sent in the period for the first time, by the days since the first service (bucket), and how many were sent after more than 90, 180 and 365 days; unsent: charges that nobody was billed for yet at the end of the period, after more than 90 days, in money. 60-day overpayments: see credit-balances. Each payer’s own limit is checked before a claim is sent (scrub rule timely-filing).',
  figures: [
    count('sent', 'Claims sent', claimWays),
    ...filing.map((days) => count(`sent-after-${days}`, `Sent after more than ${days} days`, claimWays)),
    money('unsent-over-90', 'Charges unbilled after more than 90 days', ['provider', 'place']),
  ],
  *facts(scope) {
    const [from, through] = [dayNumber(scope.start), dayNumber(scope.end)];
    const claims = new Claims(scope);
    yield* claims.read();
    for (const { sent, payer } of claims.stories.values()) {
      if (!sent || sent.isCorrection || sent.day < from || sent.day > through) continue;
      const service = aboutOf(scope.books, scope.books.row(sent.posting), 'service') ?? sent.day;
      const age = sent.day - service;
      const over = filing.filter((days) => age > days);
      const bucket = over.length === 0 ? 'days-0-90' : `over-${over.at(-1) ?? 0}-days`;
      const head = {
        ...{ amount: 1, posting: sent.posting },
        in: { payer: scope.books.names.name(payer) ?? none, month: monthOfDay(sent.day), bucket },
      };
      yield { ...head, figure: 'sent' };
      for (const days of over) yield { ...head, figure: `sent-after-${days}` };
    }
    const receivables = new Receivables(scope);
    yield* receivables.read();
    yield* eachPosting(scope, untilEnd(scope, isReceivable), (row, posting): Fact | undefined => {
      if (owedBy(row.account) !== 'unbilled') return undefined;
      const one = receivables.of(row);
      const isOld = one && one.balance > 0 && endOf(scope) - (one.service ?? one.first) > 90;
      return isOld ? { figure: 'unsent-over-90', amount: row.amount, posting } : undefined;
    });
  },
};
