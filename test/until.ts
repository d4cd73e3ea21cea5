const patience = 60_000; // milliseconds
const pause = 20;

/** Waits until something is so, and answers with it; fails after a minute, or after what is given. */
export async function until<T>(
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  milliseconds = patience,
): Promise<T> {
  for (const began = performance.now(); performance.now() - began < milliseconds;) {
    const found = await ask();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  throw new Error('it did not come to be');
}

/** How long it takes until something is so, in rounds of 50 ms: a machine that stands still for a second counts as one. */
export async function roundsUntil(isSo: () => Promise<boolean>): Promise<number> {
  let rounds = 0;
  await until(async () => {
    if (await isSo()) return true;
    rounds += 1;
    await new Promise((resolve) => setTimeout(resolve, 30));
    return false;
  });
  return rounds * 50;
}
