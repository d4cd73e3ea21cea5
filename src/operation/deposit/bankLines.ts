import { createHash } from 'node:crypto';
import type { Basic } from '@medplum/fhirtypes';
import type { BankLine } from '../../billing/deposit/bankLine.ts';
import { lineContent, lineRecord, matchedTo, matchesOf } from '../../billing/deposit/bankRecord.ts';
import type { KeptLine } from '../../billing/deposit/matchBank.ts';
import { changed } from '../../datatypes/json.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import { createResource, find, readResource, updateResource } from '../../interaction/repository.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { bankedKey, bankLineKey, holderOf, isHeldBy, releaseKey, reserveKey } from '../uniqueKey.ts';
import type { Span } from './expectedDeposits.ts';

type Stored<T> = T & { id: string };

/** Keeps the lines of a statement; one that is kept already stays as it is. Answers with how many are new. */
export async function keepLines(call: Call, lines: readonly BankLine[], practice: string): Promise<number> {
  const { context, tx } = call;
  const times = new Map<string, number>();
  let made = 0;
  for (const line of lines) {
    const alike = lineContent(line, practice, 0);
    const ordinal = times.get(alike) ?? 0;
    times.set(alike, ordinal + 1);
    const content = lineContent(line, practice, ordinal);
    const hash = createHash('sha256').update(content).digest('base64url');
    if (await holderOf(tx, bankLineKey(hash))) continue;
    const { id } = await createResource<Basic>(context, tx, lineRecord(line, practice, hash));
    await reserveKey(tx, bankLineKey(hash), `Basic/${id}`);
    made += 1;
  }
  return made;
}

/** The lines of a practice in a span, each with its record. */
export const linesIn = async ({ tx }: Pick<Call, 'tx'>, span: Span): Promise<Basic[]> =>
  find<Basic>(tx, 'Basic', {
    code: `${system.basic}|bank-line`,
    author: span.practice,
    created: [`ge${span.from}`, `le${span.to}`],
  });

/** Whether what a line was matched to stands: a payment that was taken back or replaced does not. */
export async function isSettled({ tx }: Pick<Call, 'tx'>, record: Basic): Promise<boolean> {
  const names = matchesOf(record);
  for (const name of names) {
    const target = parseReference(name);
    const stored = target && (await readResource(tx, target.type, target.id));
    if (stored?.resourceType === 'PaymentReconciliation' && stored.status !== 'active') return false;
  }
  return names.length > 0;
}

/** Says what a line is the money of; what it was before is open again. Nothing is the money of two lines. */
export async function settleLine(
  { context, tx }: Call,
  line: Pick<KeptLine, 'name'>,
  names: readonly string[],
): Promise<Stored<Basic>> {
  const id = parseReference(line.name)?.id ?? '';
  const record = await readResource<Basic>(tx, 'Basic', id);
  for (const before of matchesOf(record))
    if (!names.includes(before) && (await isHeldBy(tx, bankedKey(before), line.name)))
      await releaseKey(tx, bankedKey(before));
  for (const name of names) await reserveKey(tx, bankedKey(name), line.name);
  return updateResource(context, tx, changed(record, { id, extension: matchedTo(record, names) }));
}

/** The line whose money a payment was is the money of the payment that takes its place. */
export async function moveLine(call: Call, from: string, to: string): Promise<void> {
  const record = await holderOf(call.tx, bankedKey(from));
  if (!record) return;
  const names = matchesOf(record).map((name) => (name === from ? to : name));
  await settleLine(call, { name: referenceText(record) }, names);
}
