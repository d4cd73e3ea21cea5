import { sum, toText, type Cents } from '../../datatypes/cents.ts';
import { isDate } from '../../datatypes/date.ts';
import type { Entry, LedgerAccount } from '../../datatypes/entry.ts';
import { accountBalance, parts, type AccountBalance, type Part } from './accountBalance.ts';
import type { BookFault } from './bookFaults.ts';

const textOf = (amount: number): string => toText(sum([amount as Cents]));

/**
 * (i) Replaying the journal gives every balance at every date: each entry is there once, on a day, takes back only what
 * is there, and what `$balance` says at the end of each day is what the entries up to it add up to.
 */
export function replayFaults(account: string, journal: readonly Entry[]): BookFault[] {
  const fault = (text: string): BookFault => ({ invariant: 'i', text: `${account}: ${text}` });
  const known = new Set<string>();
  const faults: BookFault[] = [];
  for (const e of journal) {
    if (known.has(e.id)) faults.push(fault(`the entry for ${e.cause} stands twice`));
    known.add(e.id);
    if (e.account !== account) faults.push(fault(`the entry for ${e.cause} is of another Account`));
    if (!isDate(e.on)) faults.push(fault(`the entry for ${e.cause} has no day`));
  }
  for (const e of journal)
    if (e.reverses !== undefined && !takesBackWhatIsThere(journal, e, known))
      faults.push(fault(`the entry for ${e.cause} takes back one that is not there`));
  return [...faults, ...dayFaults(journal).map(fault)];
}

/** A payment is reversed under its receipt, everything else under the id of its entry. */
const takesBackWhatIsThere = (
  journal: readonly Entry[],
  { reverses = '' }: Entry,
  ids: ReadonlySet<string>,
): boolean =>
  ids.has(reverses) || journal.some((e) => e.cause.startsWith(`${reverses}/`) || e.cause === reverses);

/** Each day once in order, the entries of that day added to what stood the day before. */
function dayFaults(journal: readonly Entry[]): string[] {
  const faults: string[] = [];
  const running = new Map<LedgerAccount, number>();
  const byDay = Map.groupBy(journal, (e) => e.on);
  for (const day of [...byDay.keys()].sort()) {
    for (const { postings } of byDay.get(day) ?? [])
      for (const p of postings) running.set(p.account, (running.get(p.account) ?? 0) + p.amount);
    const said = accountBalance(journal, day, new Set());
    for (const [what, is, due] of figures(said, running))
      if (is !== due)
        faults.push(`${what} on ${day} is ${textOf(is)} and its entries add up to ${textOf(due)}`);
    const credit = 0 - (running.get('unapplied-patient-credit') ?? 0);
    if (credit < 0) faults.push(`unapplied credit on ${day} is ${textOf(credit)}`);
  }
  return faults;
}

function figures(
  said: AccountBalance,
  running: ReadonlyMap<LedgerAccount, number>,
): [what: string, is: number, due: number][] {
  const of = (...wanted: readonly Part[]): number =>
    Object.entries(parts)
      .filter(([, part]) => wanted.includes(part))
      .reduce((t, [name]) => t + (running.get(name as LedgerAccount) ?? 0), 0);
  const [insurance, patient] = [of('unbilled', 'open', 'pended', 'denied'), of('notInvoiced', 'invoiced')];
  const unapplied = 0 - of('unapplied');
  return [
    ['what insurers owe', said.insurance, insurance],
    ['what the patient owes', said.patient, patient],
    ['what is invoiced', said.invoiced, of('invoiced')],
    ['unapplied credit', said.unapplied, unapplied],
    ['the total', said.total, insurance + patient - unapplied],
  ];
}
