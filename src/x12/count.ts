import type { Fault } from './fault.ts';
import type { SetStatus } from './part.ts';

/** True where a count was told as a plain whole number and is right. */
export const isCount = (told: string, counted: number): boolean =>
  /^\d{1,10}$/.test(told) && Number(told) === counted;

/** What faults make of what they stand in. */
export const statusOf = (faults: readonly Fault[]): SetStatus =>
  faults.some(({ refuses }) => refuses) ? 'R' : faults.length > 0 ? 'E' : 'A';
