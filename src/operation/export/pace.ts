import { setTimeout as pause } from 'node:timers/promises';
import { afterOthers } from '../../interaction/breather.ts';

/** Milliseconds of work after which it is looked whether others ask for something, and how long the look takes. */
const stretch = 20;
const look = 2;
/** The share of the time from which on the server counts as busy with others. */
const busyFrom = 0.1;
/** While it is busy, work rests this many times as long as it took: then it has less than a sixth of the time. */
const restTimes = 6;

/**
 * Keeps long work from slowing other requests: awaited between two pieces of it, it lets others in, and rests where they
 * need the time.
 */
export function pace(): () => Promise<void> {
  let worked = 0;
  let since = performance.now();
  return async () => {
    worked += performance.now() - since;
    if (worked < stretch) await afterOthers();
    else {
      const before = performance.eventLoopUtilization();
      await pause(look);
      if (performance.eventLoopUtilization(before).utilization > busyFrom) await pause(worked * restTimes);
      worked = 0;
    }
    since = performance.now();
  };
}
