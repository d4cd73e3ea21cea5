import type { Reader, Transaction } from '../../store/store.ts';
import type { SentClaim, SentSet } from './compose.ts';
import { keep, kept } from './kept.ts';

/** What was sent in one interchange, and what the partner has said of it: 999 and TA1 name it by its numbers. */
export interface SentInterchange {
  readonly endpoint: string; // Endpoint/1
  readonly ids: string; // idsOf the partner
  readonly number: number; // ISA13
  readonly binary: string; // Binary/1
  readonly on: string; // FHIR date
  readonly sets: readonly SentSet[];
  /** What was acknowledged: ISA13 by TA1, else ST02 by 999. */
  readonly acknowledged: Readonly<Record<string, string>>;
}

const key = (ids: string, number: number): string => `x12-sent|${ids}|${number}`;
const groupKey = (ids: string, group: string): string => `x12-sent-group|${ids}|${group}`;

const inquiryKey = (ids: string, trace: string): string => `x12-inquiry|${ids}|${trace}`;
const referenceKey = (ids: string, reference: string): string => `x12-sent-reference|${ids}|${reference}`;

/** Keeps what was sent, found by the numbers of interchange and groups. */
export async function keepSent(tx: Transaction, sent: SentInterchange): Promise<void> {
  await keep(tx, key(sent.ids, sent.number), sent);
  for (const group of new Set(sent.sets.map((s) => s.group)))
    await keep(tx, groupKey(sent.ids, group), { number: sent.number });
  for (const set of sent.sets) {
    await keep(tx, referenceKey(sent.ids, set.reference), set);
    for (const claim of set.claims)
      if (claim.trace !== undefined) await keep(tx, inquiryKey(sent.ids, claim.trace), claim);
  }
}

/** The claim that was asked after with a trace number (TRN02 of a 276). */
export const askedWithTrace = (reader: Reader, ids: string, trace: string): Promise<SentClaim | undefined> =>
  kept<SentClaim>(reader, inquiryKey(ids, trace));

/** The set that went out with a reference (BHT03). */
export const sentWithReference = (
  reader: Reader,
  ids: string,
  reference: string,
): Promise<SentSet | undefined> => kept<SentSet>(reader, referenceKey(ids, reference));

export const sentOf = (reader: Reader, ids: string, number: number): Promise<SentInterchange | undefined> =>
  kept<SentInterchange>(reader, key(ids, number));

/** The interchange that a group went in. */
export async function sentWithGroup(
  reader: Reader,
  ids: string,
  group: string,
): Promise<SentInterchange | undefined> {
  const found = await kept<{ number: number }>(reader, groupKey(ids, group));
  return found && sentOf(reader, ids, found.number);
}

/** Notes what a partner said of an interchange or of one of its sets; the last word counts. */
export async function noteAcknowledged(
  tx: Transaction,
  { ids, number }: Pick<SentInterchange, 'ids' | 'number'>,
  said: Readonly<Record<string, string>>,
): Promise<void> {
  await tx.lock(key(ids, number));
  const sent = await sentOf(tx, ids, number);
  if (sent) await keep(tx, key(ids, number), { ...sent, acknowledged: { ...sent.acknowledged, ...said } });
}

/** Whether the partner has said that it got every set of an interchange, or refused it. */
export const isAcknowledged = ({ sets, acknowledged, number }: SentInterchange): boolean =>
  acknowledged[interchangeMark(number)] === 'R' ||
  sets.every(({ set }) => acknowledged[set] !== undefined) ||
  (acknowledged[interchangeMark(number)] !== undefined && sets.length === 0);

/** Whether anything was said of it: then the partner has it. */
export const isKnownToPartner = ({ acknowledged }: SentInterchange): boolean =>
  Object.keys(acknowledged).length > 0;

export const interchangeMark = (number: number): string => `ISA${number}`;
