import { cents, negate, sum, type Cents } from '../../datatypes/cents.ts';
import { keyOf, takeNumber, type Books, type Due, type Ends, type Forwarded } from './books.ts';
import { answerFile, type Clock, type Outgoing } from './envelope.ts';
import type { House } from './house.ts';
import { paidBy, write835, type AccountAdjustment, type Payment } from './write835.ts';

/**
 * Pays what is due on a day: one 835 for each payer and payee, those for the same trading partner in one interchange.
 * What waits for the next payment goes with it, or alone when its own day has come.
 */
export function pay(books: Books, houses: readonly House[], clock: Clock): Outgoing[] {
  const open = books.due.filter((d) => isOpen(books, d));
  const groups = [...Map.groupBy(open, (d) => JSON.stringify([d.ends, d.house, d.payee.npi])).values()];
  const paid = groups.flatMap((group) => {
    const isDue = group.some((d) => d.on <= clock.on);
    return isDue ? [group.filter((d) => d.isLater === true || d.on <= clock.on)] : [];
  });
  const all = new Set(paid.flat());
  books.due = open.filter((d) => !all.has(d));
  const byPartner = Map.groupBy(paid, ([first]) => JSON.stringify(first?.ends));
  return [...byPartner.values()].flatMap((of) => {
    const ends = of[0]?.[0]?.ends;
    const sets = of.flatMap((group) => payment(books, houses, { group, on: clock.on }));
    return ends && sets.length > 0 ? [remittances(books, ends, sets, clock)] : [];
  });
}

/** A takeback of something that a correction has taken back meanwhile is not done again. */
const isOpen = (books: Books, { isLater, house, clps }: Due): boolean =>
  isLater !== true ||
  clps.every((c) => c.status !== '22' || books.claims[keyOf(house, c.icn)]?.state === 'answered');

function payment(
  books: Books,
  houses: readonly House[],
  { group, on }: { readonly group: readonly Due[]; readonly on: string },
): Payment[] {
  const [first] = group;
  const house = houses.find((h) => h.id === first?.house);
  if (!first || !house) return [];
  const trace = `${house.id}${String(takeNumber(books, 'trace')).padStart(8, '0')}`;
  for (const { keeps = [], then, payee, ends } of group) {
    for (const kept of keeps) books.claims[keyOf(house.id, kept.icn)] = kept;
    if (then) books.due.push({ house: house.id, payee, ends, ...then });
  }
  const clps = group.flatMap((d) => d.clps);
  const of = { house: house.id, npi: first.payee.npi };
  const adjustments: AccountAdjustment[] = [
    ...clps.flatMap((c): AccountAdjustment[] =>
      c.interest === undefined ? [] : [{ code: 'L6', reference: c.icn, amount: negate(c.interest) }],
    ),
    ...group.flatMap((d) =>
      (d.recoups ?? []).map(({ icn, amount }) => ({ code: 'WO' as const, reference: icn, amount })),
    ),
    ...appliedBalances(books, of),
  ];
  const short = paidBy({ clps, adjustments });
  if (short < 0) {
    books.forwarded.push({ ...of, trace, amount: negate(short) });
    adjustments.push({ code: 'FB', reference: trace, amount: short });
  }
  return [{ house, payee: first.payee, trace, on, clps, adjustments }];
}

/** Balances that earlier remittances carried forward are taken now: PLB FB with the trace number of the one that made it. */
function appliedBalances(
  books: Books,
  { house, npi }: Omit<Forwarded, 'trace' | 'amount'>,
): AccountAdjustment[] {
  const own = books.forwarded.filter((f) => f.house === house && f.npi === npi);
  books.forwarded = books.forwarded.filter((f) => !own.includes(f));
  return own.map(({ trace, amount }) => ({ code: 'FB', reference: trace, amount }));
}

function remittances(books: Books, ends: Ends, payments: readonly Payment[], clock: Clock): Outgoing {
  return answerFile(books, ends, clock, {
    kind: '835',
    groups: [
      {
        ...{ functionalGroup: 'HP', version: '005010X221A1' },
        sets: payments.map((one) => ({ set: '835', convention: '', content: write835(one) })),
      },
    ],
  });
}

/** What a payee still owes to a payer. */
export const owed = (books: Books, house: string, npi: string): Cents =>
  sum(books.forwarded.filter((f) => f.house === house && f.npi === npi).map((f) => cents(f.amount)));
