/** At most so many rules are judged in one call. */
export const rulesMax = 500;

const bytes = 4 * (rulesMax + 1);

/** How long each rule of a call has taken, in memory that both threads see: the one that hangs says nothing any more. */
export function times(memory: SharedArrayBuffer): {
  begin: (rule: number) => void;
  end: (rule: number, took: number) => void;
  clear: () => void;
  slowest: (since: number) => number;
} {
  const took = new Int32Array(memory);
  return {
    begin: (rule) => void Atomics.store(took, rulesMax, rule + 1),
    end: (rule, milliseconds) => {
      Atomics.store(took, rule, Math.round(milliseconds * 1000));
      Atomics.store(took, rulesMax, 0);
    },
    clear: () => void took.fill(0),
    /** The rule that took the most of `since` milliseconds: the one at work, unless one before took more. */
    slowest: (since) => {
      const current = Atomics.load(took, rulesMax) - 1;
      const done = took.subarray(0, rulesMax).reduce((sum, one) => sum + one, 0);
      if (current >= 0) Atomics.store(took, current, Math.max(0, Math.round(since * 1000) - done));
      let worst = Math.max(0, current);
      for (let i = 0; i < rulesMax; i += 1) if ((took[i] ?? 0) > (took[worst] ?? 0)) worst = i;
      return worst;
    },
  };
}

export const sharedTimes = (): SharedArrayBuffer => new SharedArrayBuffer(bytes);
