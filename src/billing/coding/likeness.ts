/** Words that say nothing of what was done. */
const empty = new Set([
  'of',
  'the',
  'and',
  'or',
  'for',
  'with',
  'in',
  'on',
  'to',
  'a',
  'an',
  'by',
  'at',
  'each',
  'per',
]);

const wordsOf = (text: string): Set<string> =>
  new Set(
    text
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .filter((word) => word.length > 1 && !empty.has(word)),
  );

/** How alike two texts are by their words, in percent: the words they share of all of them. */
export function likeness(a: string, b: string): number {
  const [x, y] = [wordsOf(a), wordsOf(b)];
  if (x.size === 0 || y.size === 0) return 0;
  const shared = [...x].filter((word) => y.has(word)).length;
  return Math.floor((shared / (x.size + y.size - shared)) * 1e2);
}

/** Texts from this percent on are held to say the same. */
export const alike = 60;

/** How something was billed before: each code, how often, and of how many. */
export function usual(
  seen: readonly (readonly string[])[], // the codes of each that was billed
): readonly { readonly code: string; readonly times: number; readonly of: number }[] {
  const counts = new Map<string, number>();
  for (const codes of seen) for (const code of new Set(codes)) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts]
    .map(([code, times]) => ({ code, times, of: seen.length }))
    .sort((a, b) => b.times - a.times || (a.code < b.code ? -1 : 1));
}
