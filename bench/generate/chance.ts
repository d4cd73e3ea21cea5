/** A stream of numbers from 0 to 1 that is the same for the same seed (mulberry32). */
export function chanceOf(seed: number): () => number {
  let state = (seed + 0x9e3779b9) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** One of a list. */
export const pick = <L extends readonly [unknown, ...unknown[]]>(chance: () => number, list: L): L[number] =>
  list[Math.floor(chance() * list.length)] ?? list[0];
