import type { EntryReason, LedgerAccount } from '../../../datatypes/entry.ts';
import type { Row } from '../books.ts';
import { isOfIncome, lineOf } from '../accounts.ts';
import { isReceivable, owedBy } from '../receivables.ts';
import { aboutOf, monthOfDay } from '../place.ts';
import { dayNumber } from '../../../datatypes/dayNumber.ts';
import {
  eachPosting,
  ofPeriod,
  everPosted,
  type Dimension,
  type Fact,
  type Figure,
  type Report,
} from '../report.ts';

const ways: readonly Dimension[] = ['payer', 'provider', 'place', 'month', 'reason'];
const money = (code: string, text: string): Figure => ({ code, text, kind: 'money', ways });
const percent = (code: string, text: string): Figure => ({
  ...{ code, text, kind: 'percent', of: 'money' },
  ways,
});

const byPatient: readonly EntryReason[] = [
  'patient-payment',
  'payment-reversed',
  'refund',
  'refund-reversed',
];

/** Cash of a period, and where it is from. */
export const paymentAnalysis: Report = {
  id: 'payment-analysis',
  title: 'Payments',
  description:
    'Cash by posting date: payers (deposits of remittances and what payers take back), patients (payments less what was returned or refunded), and all of it. method is how a patient paid; of payers it is none.',
  figures: (
    [
      ['payers', 'Cash of payers'],
      ['patients', 'Cash of patients, less refunds'],
      ['cash', 'All cash'],
    ] as const
  ).map(([code, text]) => ({ code, text, kind: 'money', ways: ['payer', 'month', 'reason', 'method'] })),
  facts: (scope) =>
    eachPosting(
      scope,
      ofPeriod(scope, (account) => account === 'cash'),
      (row, posting): Fact[] | undefined =>
        row.account === 'cash'
          ? [
              { figure: byPatient.includes(row.reason) ? 'patients' : 'payers', amount: row.amount, posting },
              { figure: 'cash', amount: row.amount, posting },
            ]
          : undefined,
    ),
};

/** What a payment takes off a receivable, in cents, or its reversal puts there again; 0 for every other posting. */
const paidOff = (row: Row): number =>
  row.isOfMoney && owedBy(row.account) !== undefined ? 0 - row.amount : 0;

/** Accounts of which these reports have something to say. */
const counts = (account: LedgerAccount): boolean => isReceivable(account) || isOfIncome(account);

/** Billing rule 3.8: net and gross collection of the services of a period, whenever they were paid. */
export const collectionRate: Report = {
  id: 'collection-rate',
  title: 'Net and gross collection',
  description:
    'Of the services of the period, by date of service, and all that was posted for them by now, also after the period: net = payments ÷ (charges − contractual adjustments), gross = payments ÷ charges. Payments are what payers and patients paid on receivables; what a payer took back with an answer is taken off.',
  figures: [
    money('charges', 'Charges'),
    money('contractual', 'Contractual adjustments'),
    money('payments', 'Payments'),
    percent('net-collection', 'Payments ÷ (charges − contractual adjustments)'),
    percent('gross-collection', 'Payments ÷ charges'),
  ],
  facts: (scope) => {
    const [from, through] = [dayNumber(scope.start), dayNumber(scope.end)];
    return eachPosting(scope, everPosted(scope, counts), (row, posting): Fact[] | undefined => {
      const service = aboutOf(scope.books, row, 'service');
      if (service === undefined || service < from || service > through) return undefined;
      const month = monthOfDay(service);
      const fact = (figure: string, amount: number, part?: Fact['part']): Fact => ({
        ...{ figure, amount, posting, in: { month } },
        ...(part === undefined ? {} : { part }),
      });
      const paid = paidOff(row);
      if (paid !== 0)
        return [fact('payments', paid), fact('net-collection', paid), fact('gross-collection', paid)];
      if (row.account === 'revenue') {
        const charge = 0 - row.amount;
        return [
          fact('charges', charge),
          fact('net-collection', charge, 'denominator'),
          fact('gross-collection', charge, 'denominator'),
        ];
      }
      if (row.account !== 'contractual-adjustment') return undefined;
      return [fact('contractual', row.amount), fact('net-collection', 0 - row.amount, 'denominator')];
    });
  },
};

/** Whose patients the practice bills: charges placed on payers, and what each paid. */
export const payerMix: Report = {
  id: 'payer-mix',
  title: 'Payer mix',
  description:
    'By posting date and payer: charges that were placed on a payer for the first time (none: billed to the patient), payments and adjustments.',
  figures: [
    money('charges', 'Charges placed on payers and patients'),
    money('payments', 'Payments'),
    money('adjustments', 'Adjustments'),
  ],
  facts: (scope) =>
    eachPosting(scope, ofPeriod(scope, counts), (row, posting): Fact | undefined => {
      const placed = ['claim-submitted', 'self-pay-invoiced', 'claim-withdrawn', 'self-pay-withdrawn'];
      if (placed.includes(row.reason) && row.account !== 'receivable-unbilled' && owedBy(row.account))
        return { figure: 'charges', amount: row.amount, posting };
      const paid = paidOff(row);
      if (paid !== 0) return { figure: 'payments', amount: paid, posting };
      return lineOf(row.account) === 'adjustments'
        ? { figure: 'adjustments', amount: row.amount, posting }
        : undefined;
    }),
};
