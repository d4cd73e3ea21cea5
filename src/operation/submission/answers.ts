import type { ClaimResponse } from '@medplum/fhirtypes';
import { parseReference } from '../../datatypes/reference.ts';
import { changed } from '../../datatypes/json.ts';
import { parsed } from '../../interaction/repository.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import { furtherAnswerKey, reserveKey, responseKey, writtenHolder } from '../uniqueKey.ts';

type Stored<T> = T & { id: string };

/** Every answer that a claim (Claim/1) got, in the order they came, those that were taken back too. */
export async function answersTo(reader: Reader, claim: string): Promise<Stored<ClaimResponse>[]> {
  const found: Stored<ClaimResponse>[] = [];
  for (let n = 1; ; n += 1) {
    const key = n === 1 ? responseKey(claim) : furtherAnswerKey(claim, n);
    const target = parseReference(await writtenHolder(reader, key));
    if (target?.type !== 'ClaimResponse') return found;
    const stored = await reader.read('ClaimResponse', target.id);
    if (stored && !stored.deleted) found.push(changed(parsed<ClaimResponse>(stored), { id: target.id }));
  }
}

/** The answer to a claim as it stands: the last one that was not taken back; undefined where none is left. */
export const standingAnswer = async (
  reader: Reader,
  claim: string,
): Promise<Stored<ClaimResponse> | undefined> =>
  (await answersTo(reader, claim)).findLast(({ status }) => status === 'active');

/** True when a claim was answered and every answer was taken back: its payer owes a correction. */
export const awaitsCorrection = (answers: readonly ClaimResponse[]): boolean =>
  answers.length > 0 && answers.every(({ status }) => status === 'cancelled');

/** Writes down a further answer to a claim that got `count` before. */
export const keepAnswer = (
  tx: Transaction,
  claim: string,
  { count, response }: { readonly count: number; readonly response: string },
): Promise<unknown> =>
  reserveKey(tx, count === 0 ? responseKey(claim) : furtherAnswerKey(claim, count + 1), response);
