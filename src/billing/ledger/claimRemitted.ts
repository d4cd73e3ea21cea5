import { add, cents, least, most, subtract, sum, zero, type Cents } from '../../datatypes/cents.ts';
import type { Entry, EntryReason, LedgerAccount, Posting } from '../../datatypes/entry.ts';
import { groups, type Group } from './balance.ts';
import { credit, debit, post, type About, type Head } from './posting.ts';

/** What a payer decided of a claim line, by what it means for the money; without item, of the claim as a whole. */
export interface RemittedLine {
  readonly item?: number | undefined;
  readonly encounter?: string | undefined;
  readonly paid: Cents;
  readonly share: Cents; // PR
  /** What is taken off the claim by contract and the like, each to its account. */
  readonly off: readonly { readonly account: LedgerAccount; readonly amount: Cents }[];
  readonly waits: Cents; // stays where it is: the payer has not decided, or decides on another claim
  readonly refused: Cents;
}

export interface Remitted extends Omit<Head, 'id'> {
  readonly newId: () => string;
  readonly claim: string;
  readonly payer: string;
  readonly remittance: string | undefined; // PaymentReconciliation/1, whose deposit pays; none: paid by itself
  readonly lines: readonly RemittedLine[];
  readonly next?: { readonly claim: string; readonly payer: string } | undefined;
}

const sources = [
  'receivable-insurance-open',
  'receivable-insurance-pended',
  'receivable-insurance-denied',
] as const;
type Source = (typeof sources)[number];

/** What stands on a line, by where it stands. Amounts are drawn from it in that order. */
class Standing {
  readonly #left = new Map<Source, Cents>();
  readonly about: About;

  constructor(about: About, left: readonly (readonly [Source, Cents])[]) {
    this.about = about;
    for (const [source, amount] of left) this.#left.set(source, add(this.at(source), amount));
  }
  at(source: Source): Cents {
    return this.#left.get(source) ?? zero;
  }
  get total(): Cents {
    return sum([...this.#left.values()]);
  }
  /** Credits for an amount, from what is open first; a negative one is opened again. */
  draw(amount: Cents): Posting[] {
    const postings: Posting[] = [];
    let left = amount;
    for (const source of sources) {
      const isLast = source === 'receivable-insurance-denied';
      const part = left <= 0 || isLast ? left : least(left, most(this.at(source), zero));
      if (part === 0) continue;
      this.#left.set(source, subtract(this.at(source), part));
      postings.push(credit(source, part, this.about));
      left = subtract(left, part);
    }
    return postings;
  }
}

/** How a line is posted, after what would be posted twice is cut off. */
interface Parts {
  readonly line: RemittedLine;
  readonly standing: Standing;
  readonly off: readonly { readonly account: LedgerAccount; readonly amount: Cents }[];
  readonly share: Cents;
  readonly paid: Cents;
  readonly excess: Cents;
  readonly waits: Cents;
}

/**
 * The entries of a claim of a remittance: what was paid comes out of the deposit, write-offs and the patient's share
 * leave the receivable, the rest is denied. What exceeds the receivable is owed back to the payer.
 */
export function claimRemitted(journal: readonly Entry[], event: Remitted): Entry[] {
  const { claim, payer, remittance, next } = event;
  const parts = standingOf(journal, event).map(([line, standing]) => cutToStanding(line, standing));
  const further = ({ line, standing }: Parts): About => ({
    ...standing.about,
    item: line.item,
    claim: next?.claim,
    payer: next?.payer,
  });
  const ofPatient = ({ line, standing }: Parts): About => ({
    ...standing.about,
    item: line.item,
    payer: undefined,
  });
  const paid = sum(parts.map((p) => add(p.paid, p.excess)));
  const drawn = (amount: (p: Parts) => Cents, to: (p: Parts, amount: Cents) => Posting): Posting[] =>
    parts.flatMap((p) => {
      const moved = amount(p);
      return moved === 0 ? [] : [to(p, moved), ...p.standing.draw(moved)];
    });
  const events: (readonly [reason: EntryReason, text: string, postings: Posting[]])[] = [
    [
      'contractual',
      'contractual adjustment',
      parts.flatMap((p) =>
        p.off.flatMap(({ account, amount }) =>
          amount === 0 ? [] : [debit(account, amount, p.standing.about), ...p.standing.draw(amount)],
        ),
      ),
    ],
    [
      'insurer-payment',
      'insurer payment',
      [
        debit(remittance === undefined ? 'cash' : 'unidentified-payer-cash', paid, {
          claim,
          payer,
          remittance,
        }),
        ...parts.flatMap((p) => p.standing.draw(p.paid)),
        credit('unapplied-payer-credit', sum(parts.map((p) => p.excess)), { claim, payer }),
      ],
    ],
    next
      ? [
          'next-payer',
          'patient share of this payer, another payer follows',
          drawn(
            (p) => p.share,
            (p, amount) => debit('receivable-insurance-open', amount, further(p)),
          ),
        ]
      : [
          'patient-share',
          'patient share (PR)',
          drawn(
            (p) => p.share,
            (p, amount) => debit('receivable-patient-not-invoiced', amount, ofPatient(p)),
          ),
        ],
    ['claim-denied', 'denied, kept until corrected, appealed or written off', parts.flatMap(deny)],
  ];
  return events
    .filter(([, , postings]) => postings.some((p) => p.amount !== 0))
    .map(([reason, text, postings]) => post({ ...event, id: event.newId() }, { reason, text }, postings));
}

/** Moves what is left of a line, but for what waits, to denied. */
function deny({ standing, waits }: Parts): Posting[] {
  let kept = waits;
  const undecided = ['receivable-insurance-pended', 'receivable-insurance-open'] as const;
  return undecided.flatMap((source) => {
    const at = standing.at(source);
    const keep = least(kept, most(at, zero));
    kept = subtract(kept, keep);
    const moved = subtract(at, keep);
    if (moved === 0) return [];
    return [
      debit('receivable-insurance-denied', moved, standing.about),
      credit(source, moved, standing.about),
    ];
  });
}

/** Each line with what stands on it; where one of both knows no lines, the claim as a whole. */
function standingOf(journal: readonly Entry[], event: Remitted): (readonly [RemittedLine, Standing])[] {
  const { claim, payer, lines } = event;
  const placed = sources.flatMap((source) =>
    groups(journal, { account: source, claim }, ['encounter', 'item']).map((g) => [source, g] as const),
  );
  const saysLines = lines.every((l) => l.item !== undefined);
  if (saysLines && placed.length > 0 && placed.every(([, g]) => g.item === undefined))
    return divided(placed, event);
  const isByItem = saysLines && placed.every(([, g]) => g.item !== undefined);
  const whole = isByItem ? undefined : together(lines);
  return (whole ? [whole] : lines).map((line) => {
    const own = placed.filter(([, g]) => whole !== undefined || g.item === line.item);
    const encounter = own[0]?.[1].encounter ?? line.encounter;
    const about = { encounter, claim, item: line.item, payer };
    return [
      line,
      new Standing(
        about,
        own.map(([source, g]) => [source, g.amount] as const),
      ),
    ] as const;
  });
}

/**
 * What stands on a claim as a whole (a former system had it open) is divided over the lines of its answer by what the
 * answer says of them, payments first; what is left is with the last line.
 */
function divided(
  placed: readonly (readonly [Source, Group])[],
  { claim, payer, lines }: Remitted,
): (readonly [RemittedLine, Standing])[] {
  const pools = sources.map((source) => ({
    source,
    left: sum(placed.filter(([s]) => s === source).map(([, g]) => g.amount)),
  }));
  const amounts = granted(lines, sum(pools.map((p) => p.left)));
  return lines.map((line, i) => {
    let wanted = amounts[i] ?? zero;
    const parts = pools.map((pool) => {
      const isRest = i === lines.length - 1;
      const part = isRest ? pool.left : least(most(wanted, zero), most(pool.left, zero));
      wanted = subtract(wanted, part);
      pool.left = subtract(pool.left, part);
      return [pool.source, part] as const;
    });
    return [line, new Standing({ encounter: line.encounter, claim, payer }, parts)] as const;
  });
}

/** What of a sum each line gets: what was paid first, write-offs last, in the order in which they would be cut off. */
function granted(lines: readonly RemittedLine[], total: Cents): Cents[] {
  const amounts = lines.map(() => zero);
  let left = total;
  const kinds: ((line: RemittedLine) => Cents)[] = [
    (l) => l.paid,
    (l) => l.share,
    (l) => l.refused,
    (l) => l.waits,
    (l) => sum(l.off.map((o) => o.amount)),
  ];
  for (const amountOf of kinds)
    for (const [i, line] of lines.entries()) {
      const part = least(most(amountOf(line), zero), most(left, zero));
      amounts[i] = add(amounts[i] ?? zero, part);
      left = subtract(left, part);
    }
  return amounts;
}

const saidOf = (line: RemittedLine): Cents =>
  sum([line.paid, line.share, line.waits, line.refused, ...line.off.map((o) => o.amount)]);

const together = (lines: readonly RemittedLine[]): RemittedLine => ({
  encounter: lines[0]?.encounter,
  paid: sum(lines.map((l) => l.paid)),
  share: sum(lines.map((l) => l.share)),
  off: lines.flatMap((l) => l.off),
  waits: sum(lines.map((l) => l.waits)),
  refused: sum(lines.map((l) => l.refused)),
});

/**
 * Nothing is posted twice: where an answer says more than stands on the line (a further payer repeats the first one's
 * write-off, a payer pays again) the write-off gives way first, then what is refused, the share, and the payment last.
 */
function cutToStanding(line: RemittedLine, standing: Standing): Parts {
  let over = subtract(saidOf(line), standing.total);
  const cut = (amount: Cents): Cents => {
    const off = least(most(amount, zero), most(over, zero));
    over = subtract(over, off);
    return subtract(amount, off);
  };
  const off = line.off.map(({ account, amount }) => ({ account, amount: cut(amount) }));
  const waits = cut(line.waits);
  cut(line.refused);
  const share = cut(line.share);
  const paid = cut(line.paid);
  return { line, standing, off, share, paid, excess: cents(line.paid - paid), waits };
}
