import { addBusinessDays } from '../../datatypes/businessDay.ts';

/** What starts the clock of a good-faith estimate. */
export interface Asked {
  readonly date: string; // day of the primary service
  readonly scheduledOn?: string | undefined;
  readonly requestedOn?: string | undefined;
}

/**
 * The last day to give a good-faith estimate: within 3 business days of a request; of what was scheduled 10 business
 * days ahead or more within 3, 3 days ahead or more within 1. Undefined where none has to be given.
 * See 45 CFR 149.610(b)(1)(vi)
 */
export function estimateDue({ date, scheduledOn, requestedOn }: Asked): string | undefined {
  const ofRequest = requestedOn === undefined ? undefined : addBusinessDays(requestedOn, 3);
  const ofSchedule = scheduledOn === undefined ? undefined : dueOfSchedule(scheduledOn, date);
  return [ofRequest, ofSchedule].filter((day) => day !== undefined).sort()[0];
}

function dueOfSchedule(scheduledOn: string, date: string): string | undefined {
  if (addBusinessDays(scheduledOn, 10) <= date) return addBusinessDays(scheduledOn, 3);
  return addBusinessDays(scheduledOn, 3) <= date ? addBusinessDays(scheduledOn, 1) : undefined;
}
