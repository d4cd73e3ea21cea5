import type { EventRecord } from '../../interaction/audit/eventRecord.ts';
import type { AuditTrail } from '../../store/store.ts';

/** Records what the authorization server did; resolves when the record is flushed. */
export type TellEvent = (event: Omit<EventRecord, 'k' | 't'>) => Promise<void>;

export const eventTeller =
  (trail: AuditTrail, now: () => string): TellEvent =>
  (event) => {
    const record: EventRecord = { k: 'event', t: Date.parse(now()), ...event };
    return trail.append([JSON.stringify(record)]);
  };
