/** Numbers that look random and are the same for the same seed: xorshift on 32 bits. */
export interface Random {
  /** A whole number from 0 to below `count`. */
  below(count: number): number;
  /** One of a list. */
  of<T extends readonly [unknown, ...unknown[]]>(list: T): T[number];
}

/** A source of its own for each patient, so that a practice of fewer patients begins with the same ones. */
export function randomOf(seed: number): Random {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  for (let i = 0; i < 8; i += 1) next(); // seeds that are near each other begin alike
  const below = (count: number): number => next() % count;
  return { below, of: (list) => list[below(list.length)] ?? list[0] };
}
