/** Edit distance of two words (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, change));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The word of a list that differs least from a text; the first of several. */
export function nearest(text: string, words: Iterable<string>): string | undefined {
  let best: { readonly word: string; readonly by: number } | undefined;
  for (const word of words) {
    const by = distance(text.toLowerCase().slice(0, 64), word.toLowerCase());
    if (!best || by < best.by) best = { word, by };
  }
  return best?.word;
}
