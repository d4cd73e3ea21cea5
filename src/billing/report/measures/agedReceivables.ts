import { anchorDay, endOf, isReceivable, owedBy, Receivables } from '../receivables.ts';
import {
  eachPosting,
  untilEnd,
  type Dimension,
  type Fact,
  type Figure,
  type Report,
  type Scope,
} from '../report.ts';

const ways: readonly Dimension[] = ['payer', 'provider', 'place', 'account', 'bucket'];
const money = (code: string, text: string): Figure => ({ code, text, kind: 'money', ways });

const buckets: readonly (readonly [last: number, code: string])[] = [
  [30, 'days-0-30'],
  [60, 'days-31-60'],
  [90, 'days-61-90'],
  [120, 'days-91-120'],
  [Infinity, 'days-121-and-more'],
];

/** Billing rule 3.8, aging: what is owed at the end of the period, by how long. */
export const agedReceivables: Report = {
  id: 'aged-receivables',
  title: 'Aged receivables',
  description:
    'What payers and patients owe at the end of the period, by days since the anchor: the first service, the first bill for it, or since when whoever owes it does (anchor service, first-bill, responsibility). What was never billed has no first bill: not-billed. A receivable below zero is a credit and is not aged: the buckets, not-billed and credits add up to total, which is what the ledger has on all receivables. over-90 is the share of what is aged that is older than 90 days.',
  figures: [
    money('total', 'All receivables, as the ledger has them'),
    ...buckets.map(([, code]) => money(code, code.replaceAll('-', ' '))),
    money('not-billed', 'Never billed, by the anchor first-bill'),
    money('credits', 'Receivables below zero'),
    { code: 'over-90', text: 'Share older than 90 days', kind: 'percent', of: 'money', ways },
  ],
  *facts(scope) {
    const receivables = new Receivables(scope);
    yield* receivables.read();
    yield* eachPosting(scope, untilEnd(scope, isReceivable), (row, posting): Fact[] | undefined => {
      if (owedBy(row.account) === undefined) return undefined;
      const one = receivables.of(row);
      if (!one || one.balance === 0) return undefined;
      const bucket = bucketOf(scope, one);
      const { payer, provider, place } = one;
      const head = { amount: row.amount, posting, in: { payer, provider, place, account: one.kind, bucket } };
      const isAged = bucket.startsWith('days-');
      const isOld = bucket === 'days-91-120' || bucket === 'days-121-and-more';
      return [
        { ...head, figure: 'total' },
        { ...head, figure: bucket },
        ...(isAged ? [{ ...head, figure: 'over-90', part: 'denominator' as const }] : []),
        ...(isOld ? [{ ...head, figure: 'over-90' }] : []),
      ];
    });
  },
};

function bucketOf(scope: Scope, one: Parameters<typeof anchorDay>[0]): string {
  if (one.balance < 0) return 'credits';
  const since = anchorDay(one, scope.anchor);
  if (since === undefined) return 'not-billed';
  const age = endOf(scope) - since;
  return buckets.find(([last]) => age <= last)?.[1] ?? 'days-121-and-more';
}
