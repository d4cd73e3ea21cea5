import { least, subtract, type Cents } from '../../datatypes/cents.ts';

/** An amount spread over open amounts, one after the other; `rest` is what they did not need. */
export function allocate<T extends { readonly amount: Cents }>(
  amount: Cents,
  open: readonly T[],
): { applied: T[]; rest: Cents } {
  let rest = amount;
  const applied = open.flatMap((line) => {
    const part = least(line.amount, rest);
    if (part <= 0) return [];
    rest = subtract(rest, part);
    return [{ ...line, amount: part }];
  });
  return { applied, rest };
}
