import { sum, toText, type Cents } from '../../datatypes/cents.ts';
import type { Entry, LedgerAccount, Posting } from '../../datatypes/entry.ts';
import { accountedFor, type BookFault } from './bookFaults.ts';
import { handedOn } from './chain.ts';

/**
 * (c) of what a former system had open, which has no charge here: what was opened of a claim = insurer cash + patient
 * payments applied + adjustments + what is open, on it and on the claims to further payers that follow it.
 */
export function openingFaults(account: string, journal: readonly Entry[]): BookFault[] {
  const opened = new Set(
    journal
      .filter((e) => e.reason === 'opening-balance')
      .flatMap((e) => e.postings.flatMap((p) => p.claim ?? [])),
  );
  return [...opened].flatMap((claim): BookFault[] => {
    const claims = followersOf(journal, claim);
    const isMine = (p: Posting): boolean => p.charge === undefined && claims.has(p.claim ?? '');
    const of = (name: LedgerAccount, only: (e: Entry) => boolean): number =>
      journal
        .filter(only)
        .flatMap((e) => e.postings)
        .filter((p) => p.account === name && isMine(p))
        .reduce((t, p) => t + p.amount, 0);
    const placed = -of('opening-balance', () => true);
    const takenBack = of('unidentified-payer-cash', (e) => e.reason === 'former-answer-reversed');
    const over = accountedFor(journal, isMine) + takenBack - placed;
    const text = `${account}: ${toText(sum([over as Cents]))} more of ${claim} is accounted for than was opened`;
    return over === 0 ? [] : [{ invariant: 'c', text }];
  });
}

/** A claim and those that its answers handed what was left on to. */
function followersOf(journal: readonly Entry[], claim: string): Set<string> {
  const claims = new Set([claim]);
  for (const one of claims)
    for (const e of handedOn(journal))
      if (e.postings.some((p) => p.claim === one && p.amount < 0))
        for (const p of e.postings) if (p.claim !== undefined) claims.add(p.claim); // grows meanwhile
  return claims;
}
