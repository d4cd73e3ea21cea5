/** Milliseconds of work after which other requests are served. */
const turn = 10;

export const afterOthers = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/**
 * Lets long work yield: awaited between two pieces of it, it returns to the event loop when that was long ago, so that
 * other requests are served. Not for use inside a transaction of the store, which nothing may interrupt.
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
