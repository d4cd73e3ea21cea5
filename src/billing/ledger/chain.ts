import type { Entry } from '../../datatypes/entry.ts';

/** What handed a claim's share on to a further payer, and was not taken back. */
export function handedOn(journal: readonly Entry[]): Entry[] {
  const gone = new Set(journal.flatMap((e) => e.reverses ?? []));
  return journal.filter((e) => e.reason === 'next-payer' && !gone.has(e.id));
}

/** The claims for one set of charges, the first payer's first, as far as answers have handed them on. */
export function payerChain(journal: readonly Entry[], claim: string): string[] {
  const handed = handedOn(journal);
  const other = (from: string, sign: 1 | -1): string | undefined =>
    handed
      .find((e) => e.postings.some((p) => p.claim === from && p.amount * sign > 0))
      ?.postings.find((p) => p.claim !== from)?.claim;
  const chain = [claim];
  for (let c = other(claim, 1); c !== undefined && !chain.includes(c); c = other(c, 1)) chain.unshift(c);
  for (let c = other(claim, -1); c !== undefined && !chain.includes(c); c = other(c, -1)) chain.push(c);
  return chain;
}
