import { toText } from '../../datatypes/cents.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { entryStep } from './standing.ts';
import type { Step } from './step.ts';

/** One entry of the journal: what it debited and credited, and what it is about. */
export const entrySteps = (entry: Entry): Step[] => [
  { ...entryStep(entry), kind: 'amount' },
  ...entry.postings.map((p): Step => {
    const about = [p.invoice, p.claim, p.charge, p.encounter, p.payer].find((name) => name !== undefined);
    return {
      level: 1,
      kind: 'part',
      text: `${p.amount < 0 ? 'credit' : 'debit'} ${p.account} ${toText(p.amount)}${about === undefined ? '' : ` (${about})`}`,
      amount: p.amount,
      ...(about === undefined ? {} : { source: about }),
    };
  }),
  ...(entry.reverses === undefined
    ? []
    : [{ level: 1, kind: 'entry' as const, text: `it takes back entry ${entry.reverses}` }]),
];
