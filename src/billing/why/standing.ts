import { add, negate, sum, toText, zero, type Cents } from '../../datatypes/cents.ts';
import type { Entry, LedgerAccount, Posting } from '../../datatypes/entry.ts';
import { below, type Step } from './step.ts';

/** A figure of an Account: which ledger accounts it adds up, by what they are told apart, and their sign. */
interface Figure {
  readonly accounts: readonly LedgerAccount[];
  readonly isCredit?: true;
}

const withPayers: readonly LedgerAccount[] = [
  'receivable-unbilled',
  'receivable-insurance-open',
  'receivable-insurance-pended',
  'receivable-insurance-denied',
];
const invoiced: readonly LedgerAccount[] = ['receivable-patient-invoiced', 'receivable-patient-returned'];

export const figures = {
  insurance: { accounts: withPayers },
  patient: { accounts: ['receivable-unbilled', 'receivable-patient-not-invoiced', ...invoiced] },
  invoiced: { accounts: invoiced },
  unapplied: { accounts: ['unapplied-patient-credit'], isCredit: true },
} as const satisfies Readonly<Record<string, Figure>>;
export type FigureName = keyof typeof figures;

export const isFigure = (name: string): name is FigureName => Object.hasOwn(figures, name);

/** What a posting stands on: an Invoice, a claim, a visit, or the Account alone. */
const standsOn = (p: Posting): string | undefined =>
  p.account === 'receivable-unbilled' ? (p.charge ?? p.encounter) : (p.invoice ?? p.claim ?? p.encounter);

const words: Partial<Readonly<Record<LedgerAccount, string>>> = {
  'receivable-unbilled': 'charged and not billed yet',
  'receivable-insurance-open': 'with the payer',
  'receivable-insurance-pended': 'pended by the payer',
  'receivable-insurance-denied': 'denied and not resolved',
  'receivable-patient-not-invoiced': "the patient's, not invoiced yet",
  'receivable-patient-invoiced': 'on an Invoice',
  'receivable-patient-returned': 'a refund of money that was returned',
  'unapplied-patient-credit': 'credit of the patient',
};

interface Stands {
  readonly account: LedgerAccount;
  readonly on: string | undefined;
  amount: Cents;
  readonly entries: { readonly entry: Entry; readonly amount: Cents }[];
}

/** What stands where: postings to some ledger accounts by what they stand on; what came to nothing is left out. */
function standing(
  journal: readonly Entry[],
  counts: (p: Posting) => boolean,
  sign: (amount: Cents) => Cents,
): Stands[] {
  const found = new Map<string, Stands>();
  for (const entry of journal) {
    for (const [key, postings] of Map.groupBy(
      entry.postings.filter(counts),
      (p) => `${p.account}|${standsOn(p) ?? ''}`,
    )) {
      const [first] = postings;
      if (!first) continue;
      const amount = sign(sum(postings.map((p) => p.amount)));
      const known = found.get(key) ?? {
        account: first.account,
        on: standsOn(first),
        amount: zero,
        entries: [],
      };
      known.amount = add(known.amount, amount);
      if (amount !== 0) known.entries.push({ entry, amount });
      found.set(key, known);
    }
  }
  return [...found.values()].filter(({ amount }) => amount !== 0);
}

export const entryStep = ({ id, on, reason, text, cause }: Entry, amount?: Cents): Step => ({
  level: 0,
  kind: 'entry',
  text: `${on}: ${reason} (${text}), entry ${id}`,
  ...(amount === undefined ? {} : { amount }),
  source: cause,
});

const standsStep = ({ account, on, amount, entries }: Stands): Step[] => [
  {
    level: 0,
    kind: 'part',
    text: `${toText(amount)} is ${words[account] ?? account}${on === undefined ? '' : ` (${on})`}`,
    amount,
    ...(on === undefined ? {} : { source: on }),
  },
  ...below(
    1,
    entries.map(({ entry, amount: each }) => entryStep(entry, each)),
  ),
];

/**
 * A figure of an Account at the end of a day: what stands where, and the entries that put it there. `selfPay` names the
 * unbilled charges that are the patient's own.
 */
export function figureSteps(
  journal: readonly Entry[],
  of: {
    readonly name: FigureName;
    readonly account: string;
    readonly asOf: string;
    readonly selfPay: ReadonlySet<string>;
  },
): Step[] {
  const figure: Figure = figures[of.name];
  const isOwn = (p: Posting): boolean => of.selfPay.has(p.charge ?? '');
  const counts = (p: Posting): boolean =>
    figure.accounts.includes(p.account) &&
    (p.account !== 'receivable-unbilled' || isOwn(p) === (of.name === 'patient'));
  const sign = figure.isCredit ? negate : (amount: Cents): Cents => amount;
  const all = standing(
    journal.filter((e) => e.on <= of.asOf),
    counts,
    sign,
  );
  const amount = sum(all.map((s) => s.amount));
  const text = `${of.name} of ${of.account} at the end of ${of.asOf} is ${toText(amount)}`;
  return [
    { level: 0, kind: 'amount', text, amount, source: of.account },
    ...below(1, all.flatMap(standsStep)),
  ];
}

/** Where the money of a claim, or of one line of it, stands now. */
export const claimStandingSteps = (journal: readonly Entry[], claim: string, item?: number): Step[] =>
  standing(
    journal,
    (p) =>
      p.claim === claim &&
      p.account.startsWith('receivable-') &&
      (item === undefined || p.item === undefined || p.item === item),
    (amount) => amount,
  ).flatMap(standsStep);
