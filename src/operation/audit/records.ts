import type { AuditEvent } from '@medplum/fhirtypes';
import type { AccessRecord } from '../../interaction/audit/accessRecord.ts';
import { textOfLine, type AuditBlock, type ChainStart, type MadeRecord } from '../../store/audit.ts';
import { accessEvents } from './auditEvent.ts';
import { signInEvent, type EventRecord } from './signInEvent.ts';

/** What a line of a chain may say. */
export type ChainRecord = AccessRecord | EventRecord | ChainStart | MadeRecord;

/** The records of a block with their numbers. */
export const recordsIn = ({
  seq,
  lines,
}: AuditBlock): { readonly seq: number; readonly record: ChainRecord }[] =>
  lines.map((line, i) => ({ seq: seq + i, record: JSON.parse(textOfLine(line)) as ChainRecord }));

/** The AuditEvents of a block. */
export function eventsOf(block: AuditBlock, base: string): AuditEvent[] {
  const { chain } = block;
  return recordsIn(block).flatMap(({ seq, record }) => {
    switch (record.k) {
      case 'start':
      case 'made':
        return [];
      case 'event':
        return [signInEvent(record, { chain, seq, base })];
      default:
        return accessEvents(record, { chain, seq, base });
    }
  });
}
