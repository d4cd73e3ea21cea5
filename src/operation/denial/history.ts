import { oddsFrom, type Tally } from '../../billing/denial/odds.ts';
import { parsePairs } from '../../search/parse.ts';
import type { Reader } from '../../store/store.ts';
import { system } from '../../terminology/system.ts';

const over = ['recovered', 'partly-recovered', 'not-recovered', 'written-off'];
const won = over.slice(0, 2);

/** Counts what came of past denials, each pattern once. */
export class DenialHistory {
  readonly #reader: Reader;
  readonly #known = new Map<string, Promise<Tally>>();

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** What came of the denials of a pattern. */
  tally(pattern: string): Promise<Tally> {
    const known = this.#known.get(pattern);
    if (known) return known;
    const counted = Promise.all([this.#count(pattern, won), this.#count(pattern, over)]).then(
      ([wonOf, overOf]): Tally => ({ won: wonOf, over: overOf }),
    );
    this.#known.set(pattern, counted);
    return counted;
  }

  /**
   * The odds of a denial of these patterns, the widest first, in basis points, and what they were counted from. Of several
   * services the one with the most history counts.
   */
  async odds(prior: number, patterns: readonly string[]): Promise<{ odds: number; seen: Tally }> {
    const tallies: Tally[] = [];
    for (const pattern of patterns) tallies.push(await this.tally(pattern));
    const [wide, payer, ...services] = tallies;
    const service = services.toSorted((a, b) => b.over - a.over)[0];
    const used = [wide, payer, service].flatMap((t) => (t ? [t] : []));
    const seen = used.findLast((t) => t.over > 0) ?? { won: 0, over: 0 };
    return { odds: oddsFrom(prior, used), seen };
  }

  async #count(pattern: string, outcomes: readonly string[]): Promise<number> {
    const query = parsePairs('Task', [
      ['identifier', `${system.denialPattern}|${pattern}`],
      ['business-status', outcomes.map((code) => `${system.denialOutcome}|${code}`).join(',')],
      ['_count', '0'],
      ['_total', 'accurate'],
    ]);
    return (await this.#reader.search(query)).total ?? 0;
  }
}
