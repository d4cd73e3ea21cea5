import { add, negate, zero, type Cents } from '../../../src/datatypes/cents.ts';
import type { Entry, LedgerAccount, Posting } from '../../../src/datatypes/entry.ts';
import type { Context } from '../../../src/interaction/context.ts';
import type { Flow, FlowKind, Open } from './recount.ts';

/** The same flows and open amounts as the journal holds them, to be compared with the recount. */
export async function booked({ store }: Context): Promise<{ flows: Flow[]; open: Open[]; entries: Entry[] }> {
  const entries: Entry[] = [];
  for (let after: number | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
    const page = await store.entries({ count: 2_000, ...(after === undefined ? {} : { after }) });
    entries.push(...page.entries);
    after = page.next;
  }
  const each = entries.flatMap((entry) => entry.postings.map((posting) => ({ entry, posting })));
  return { entries, flows: each.flatMap(flowOf), open: each.flatMap(openOf) };
}

interface Booked {
  readonly entry: Entry;
  readonly posting: Posting;
}

const patientOf = ({ account }: Entry): string =>
  account.replace(/^Account\//, 'Patient/').replace(/-account$/, '');

const cashOfPatients: readonly string[] = [
  'patient-payment',
  'payment-reversed',
  'refund',
  'refund-reversed',
];
const kinds: Partial<Readonly<Record<LedgerAccount, FlowKind>>> = {
  revenue: 'charge',
  'contractual-adjustment': 'contractual',
  'denial-write-off': 'denial-write-off',
  'bad-debt-expense': 'patient-write-off',
  'charity-adjustment': 'patient-write-off',
  'small-balance-adjustment': 'patient-write-off',
  'qmb-cost-share': 'qmb',
};

function flowOf({ entry, posting }: Booked): Flow[] {
  const { account, amount, payer } = posting;
  const isPatients = cashOfPatients.includes(entry.reason);
  const kind = account === 'cash' ? (isPatients ? 'patient-payment' : 'payer-payment') : kinds[account];
  if (kind === undefined) return [];
  return [
    {
      kind,
      patient: patientOf(entry),
      ...(payer === undefined ? {} : { payer }),
      on: entry.on,
      amount: kind === 'charge' ? negate(amount) : amount,
    },
  ];
}

const places: Partial<Readonly<Record<LedgerAccount, Open['where']>>> = {
  'receivable-unbilled': 'unbilled',
  'receivable-insurance-open': 'open',
  'receivable-insurance-pended': 'pended',
  'receivable-insurance-denied': 'denied',
  'receivable-patient-not-invoiced': 'not-invoiced',
  'receivable-patient-invoiced': 'invoiced',
  'unapplied-patient-credit': 'credit',
};

function openOf({ entry, posting: { account, amount, payer } }: Booked): Open[] {
  const where = places[account];
  if (where === undefined) return [];
  return [{ where, patient: patientOf(entry), ...(payer === undefined ? {} : { payer }), amount }];
}

/** Sums by a name, those that are nothing left out, in the order of the names. */
export function summed<T extends { readonly amount: Cents }>(
  rows: readonly T[],
  by: (row: T) => string,
): Readonly<Record<string, number>> {
  const sums = new Map<string, Cents>();
  for (const row of rows) sums.set(by(row), add(sums.get(by(row)) ?? zero, row.amount));
  return Object.fromEntries(
    [...sums].filter(([, amount]) => amount !== 0).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
