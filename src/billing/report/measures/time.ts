import { dayNumber } from '../../../datatypes/dayNumber.ts';
import type { LedgerAccount } from '../../../datatypes/entry.ts';
import { Claims } from '../claims.ts';
import { aboutOf, monthOfDay, none } from '../place.ts';
import { isOfIncome, lineOf } from '../accounts.ts';
import { isReceivable, owedBy, Receivables } from '../receivables.ts';
import {
  daysOf,
  eachPosting,
  ofPeriod,
  postingsOf,
  untilEnd,
  type Dimension,
  type Fact,
  type Figure,
  type Report,
} from '../report.ts';

const ways: readonly Dimension[] = ['payer', 'provider', 'place', 'month'];
const lag = (code: string, text: string): Figure => ({ ...{ code, text, kind: 'days', of: 'days' }, ways });
const count = (code: string, text: string): Figure => ({ code, text, kind: 'count', ways });

/** Days of gross charges that the gross variant of days in A/R looks back on. */
const grossDays = 90;

/** Billing rule 3.8: how many days of revenue the receivables are. */
export const daysInReceivables: Report = {
  id: 'days-in-receivables',
  title: 'Days in A/R',
  description:
    'net: receivables at the end of the period ÷ (net revenue of the period ÷ its days). gross: the same receivables ÷ average charges a day of the last 90 days. Receivables below zero are left out and told apart as credits, with the credits of patients and payers.',
  figures: [
    { code: 'net', text: 'By net revenue', kind: 'days', of: 'money', times: daysOf, ways: [] },
    {
      code: 'gross',
      text: 'By gross charges of 90 days',
      kind: 'days',
      of: 'money',
      times: () => grossDays,
      ways: [],
    },
    { code: 'receivables', text: 'Receivables above zero', kind: 'money', ways: [] },
    { code: 'credits', text: 'Receivables below zero', kind: 'money', ways: [] },
  ],
  *facts(scope) {
    const receivables = new Receivables(scope);
    yield* receivables.read();
    yield* eachPosting(scope, untilEnd(scope, isReceivable), (row, posting): Fact[] | undefined => {
      const one = receivables.of(row);
      if (owedBy(row.account) === undefined || !one || one.balance === 0) return undefined;
      const head = { amount: row.amount, posting };
      if (one.balance < 0) return [{ ...head, figure: 'credits' }];
      return ['receivables', 'net', 'gross'].map((figure) => ({ ...head, figure }));
    });
    const end = dayNumber(scope.end);
    const revenue =
      (figure: string, isGross: boolean) => (row: Parameters<typeof receivables.of>[0], posting: number) => {
        const line = lineOf(row.account);
        const counts = isGross ? line === 'gross-revenue' : line !== undefined && line !== 'expense';
        return counts
          ? ({ figure, part: 'denominator', amount: 0 - row.amount, posting } as const)
          : undefined;
      };
    yield* eachPosting(scope, ofPeriod(scope, isOfIncome), revenue('net', false));
    yield* eachPosting(
      scope,
      postingsOf(scope, { from: end - grossDays + 1, through: end, on: isOfIncome }),
      revenue('gross', true),
    );
  },
};

/** How long a charge, a claim and a payment take. */
export const lags: Report = {
  id: 'lags',
  title: 'Charge lag, bill lag and payment lag',
  description:
    'Average days from service to charge (charges captured in the period), from charge to the first sending of its claim (claims sent in the period), and from sending to the first answer (claims answered in the period, no corrections), by posting dates. An average has its days and its number beside it.',
  figures: [
    lag('charge-lag', 'Service to charge'),
    lag('bill-lag', 'Charge to sending'),
    lag('payment-lag', 'Sending to answer'),
  ],
  *facts(scope) {
    const [from, through] = [dayNumber(scope.start), dayNumber(scope.end)];
    const captured = new Map<number, number>();
    const average = (figure: string, days: number, posting: number, over: Fact['in'] = {}): Fact[] => [
      { figure, amount: days, posting, in: over },
      { figure, part: 'denominator', amount: 1, posting, in: over },
    ];
    const lagging = (account: LedgerAccount): boolean =>
      account === 'revenue' || account === 'receivable-insurance-open';
    yield* eachPosting(scope, untilEnd(scope, lagging), (row, posting): Fact[] | undefined => {
      const isIn = row.day >= from && row.day <= through;
      if (row.reason === 'charge-captured' && row.account === 'revenue') {
        captured.set(row.charge, row.day);
        const service = aboutOf(scope.books, row, 'service');
        return isIn && service !== undefined ? average('charge-lag', row.day - service, posting) : undefined;
      }
      if (row.reason !== 'claim-submitted' || row.account !== 'receivable-insurance-open') return undefined;
      const since = captured.get(row.charge);
      return isIn && since !== undefined ? average('bill-lag', row.day - since, posting) : undefined;
    });
    const claims = new Claims(scope);
    yield* claims.read();
    for (const { sent, answered, payer } of claims.stories.values()) {
      // The money of a correction moves to it with its answer: the journal does not know when it was sent.
      if (!sent || sent.isCorrection || !answered || answered.day < from || answered.day > through) continue;
      const over = { payer: scope.books.names.name(payer) ?? none, month: monthOfDay(answered.day) };
      yield* average('payment-lag', answered.day - sent.day, answered.posting, over);
    }
  },
};

/** What was done for whom: visits, charges and claims of each provider. */
export const productivity: Report = {
  id: 'productivity',
  title: 'Productivity',
  description:
    'By posting date and rendering provider: visits that were charged for the first time, charges captured (number and money, less those taken back), claims sent and claims answered.',
  figures: [
    count('visits', 'Visits charged'),
    count('charges', 'Charges captured'),
    { code: 'gross-charges', text: 'Charges in money', kind: 'money', ways },
    count('claims-sent', 'Claims sent'),
    count('claims-answered', 'Claims answered'),
  ],
  *facts(scope) {
    const [from, through] = [dayNumber(scope.start), dayNumber(scope.end)];
    const visits = new Set<number>();
    const isRevenue = (account: LedgerAccount): boolean => account === 'revenue';
    yield* eachPosting(scope, untilEnd(scope, isRevenue), (row, posting): Fact[] | undefined => {
      const isNew = row.reason === 'charge-captured' && row.encounter >= 0 && !visits.has(row.encounter);
      if (isNew) visits.add(row.encounter);
      if (row.day < from || row.day > through) return undefined;
      return [
        ...(isNew ? [{ figure: 'visits', amount: 1, posting }] : []),
        { figure: 'charges', amount: row.amount < 0 ? 1 : -1, posting },
        { figure: 'gross-charges', amount: 0 - row.amount, posting },
      ];
    });
    const claims = new Claims(scope);
    yield* claims.read();
    for (const { sent, answered, payer } of claims.stories.values())
      for (const [figure, of] of [
        ['claims-sent', sent],
        ['claims-answered', answered],
      ] as const)
        if (of && of.day >= from && of.day <= through)
          yield {
            ...{ figure, amount: 1, posting: of.posting },
            in: { payer: scope.books.names.name(payer) ?? none, month: monthOfDay(of.day) },
          };
  },
};
