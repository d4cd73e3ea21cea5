/** Milliseconds of work after which others get their turn. */
const turn = 10;

export const afterOthers = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/**
 * Lets long work make way: awaited between two pieces of it, it gives other requests their turn when the last one is
 * some time ago. Not inside a transaction of the store, which nothing else may interrupt.
 */
export function breather(): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < turn) return undefined;
    return afterOthers().then(() => {
      since = performance.now();
    });
  };
}
