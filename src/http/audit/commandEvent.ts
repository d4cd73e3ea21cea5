import { randomUUID } from 'node:crypto';
import { pendingEvents, type CommandEvent, type EventRecord } from '../../interaction/audit/eventRecord.ts';
import type { Records } from '../../store/record.ts';

/** Where a command keeps what it tells the audit. */
export interface CommandPlace {
  readonly records: Records;
  readonly now: () => string;
}

/**
 * Tells the audit what a command did with an account or a client, before it does it. A command may run beside a server,
 * whose chain it cannot write: the server takes the record into its chain within seconds, or when it is started next.
 */
export async function tellOfCommand(
  { records, now }: CommandPlace,
  { e, w, d }: Pick<EventRecord, 'w' | 'd'> & { readonly e: CommandEvent },
): Promise<void> {
  const t = Date.parse(now());
  const record: EventRecord = { k: 'event', t, e, s: '0', w, ...(d === undefined ? {} : { d }) };
  await records.keep({
    kind: pendingEvents,
    key: `${String(t).padStart(15, '0')}-${randomUUID()}`,
    value: JSON.stringify(record),
  });
}
