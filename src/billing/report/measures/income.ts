import { isOfIncome, lineOf } from '../accounts.ts';
import { eachPosting, ofPeriod, type Dimension, type Fact, type Figure, type Report } from '../report.ts';

const ways: readonly Dimension[] = ['month', 'account', 'reason', 'payer', 'provider', 'place'];
const money = (code: string, text: string): Figure => ({ code, text, kind: 'money', ways });

/** Revenue, adjustments, expense and profit of a period. */
export const income: Report = {
  id: 'income',
  title: 'Revenue, adjustments, expense and profit',
  description:
    'By posting date: gross revenue (charges), other revenue (capitation, incentives, interest), adjustments (contractual, QMB cost share, denials written off, charity, discounts, small balances, capitation, penalties), net revenue = gross + other − adjustments, expense (bad debt, interest, and what an office or a payer’s adjustment posted as other expense), profit = net revenue − expense. Expense is what the ledger of billing has: rent and wages are kept in the general ledger of the practice, not here.',
  figures: [
    money('gross-revenue', 'Charges'),
    money('other-revenue', 'Capitation, incentives, interest'),
    money('adjustments', 'What lowers revenue'),
    money('net-revenue', 'Gross and other revenue less adjustments'),
    money('expense', 'Bad debt, interest and other expense'),
    money('profit', 'Net revenue less expense'),
  ],
  facts: (scope) =>
    eachPosting(scope, ofPeriod(scope, isOfIncome), (row, posting): Fact[] | undefined => {
      const line = lineOf(row.account);
      if (line === undefined) return undefined;
      const isRevenue = line === 'gross-revenue' || line === 'other-revenue';
      const head = { posting, amount: 0 - row.amount };
      return [
        { posting, figure: line, amount: isRevenue ? 0 - row.amount : row.amount },
        ...(line === 'expense' ? [] : [{ ...head, figure: 'net-revenue' }]),
        { ...head, figure: 'profit' },
      ];
    }),
};

/** What lowers revenue, by kind. */
export const adjustments: Report = {
  id: 'adjustments',
  title: 'Adjustments and write-offs',
  description:
    'By posting date: what lowers revenue (contra-revenue) and bad debt, by ledger account, reason, payer, provider, place and month.',
  figures: [
    money('adjustments', 'Contractual and other adjustments'),
    money('denial-write-offs', 'Denials written off'),
    money('bad-debt', 'Bad debt'),
    {
      ...{
        code: 'denial-write-off-rate',
        text: 'Denials written off ÷ net revenue',
        kind: 'percent',
        of: 'money',
      },
      ways,
    },
  ],
  facts: (scope) =>
    eachPosting(scope, ofPeriod(scope, isOfIncome), (row, posting): Fact[] | undefined => {
      const line = lineOf(row.account);
      if (line === undefined) return undefined;
      const one = { posting, amount: row.amount };
      const facts: Fact[] = [];
      if (line === 'adjustments') facts.push({ ...one, figure: 'adjustments' });
      if (row.account === 'denial-write-off')
        facts.push({ ...one, figure: 'denial-write-offs' }, { ...one, figure: 'denial-write-off-rate' });
      if (row.account === 'bad-debt-expense') facts.push({ ...one, figure: 'bad-debt' });
      if (line !== 'expense')
        facts.push({
          ...{ posting, figure: 'denial-write-off-rate', part: 'denominator', amount: 0 - row.amount },
        });
      return facts;
    }),
};
