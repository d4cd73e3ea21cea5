import { pendingEvents } from '../../interaction/audit/eventRecord.ts';
import type { Store } from '../../store/store.ts';

const atOnce = 100;

/**
 * Takes what commands told the audit into the chain of this server. A record is taken out when it is in the chain: after
 * a crash in between it is there twice, never not at all.
 */
export async function takePendingEvents({ records, audit }: Store): Promise<void> {
  for (;;) {
    const some = await records.list(pendingEvents, { count: atOnce });
    if (some.length === 0) return;
    await audit.append(some.map(({ value }) => value));
    for (const { key } of some) await records.remove(pendingEvents, key);
  }
}
