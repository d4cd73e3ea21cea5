import { addDays } from '../../datatypes/date.ts';
import { entry as balanced, type Entry } from '../../datatypes/entry.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { readQuietly } from '../../interaction/repository.ts';
import { conflict } from '../../outcome/fhirError.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import type { Call } from '../operation.ts';
import { parameter } from '../parameters.ts';
import { closingOfPractice } from '../uniqueKey.ts';
import { closedThrough } from './closing.ts';
import { lockPosting } from './closingLock.ts';

type Posting = Pick<Call, 'context' | 'tx' | 'input'>;

/** Parameters by which a caller names the day that a step is posted on. */
const dayNames = ['businessDate', 'date'] as const;

/**
 * Appends an entry to the journal: the one place where it gets its posting date. In a month that its practice has
 * closed nothing is posted. A day that the caller named there is refused with 409 `period-closed`; what has its day from
 * elsewhere (an 835, a job) is posted on the first open day and keeps its own as `dated`. Answers the entry as it was
 * posted. See docs/decision/0051
 */
export async function post({ context, tx, input }: Posting, entry: Entry): Promise<Entry> {
  const practice = await practiceOf(tx, entry.account);
  const posted = practice === undefined ? entry : await inOpenMonth({ context, tx, input }, practice, entry);
  await tx.append(posted);
  return posted;
}

async function inOpenMonth({ context, tx, input }: Posting, practice: string, entry: Entry): Promise<Entry> {
  await lockPosting(tx, { practice, account: entry.account, on: entry.on, now: context.now() });
  const through = await closedOf(tx, practice);
  if (through === undefined || entry.on > through) return entry;
  const named = dayNames.find((name) => parameter(input, name)?.valueDate === entry.on);
  if (named !== undefined)
    throw conflict(
      'period-closed',
      `the books of the practice are closed through ${through}: post it on a later businessDate`,
      `Parameters.parameter.where(name='${named}').value`,
    );
  return balanced({ ...entry, on: addDays(through, 1), dated: entry.dated ?? entry.on });
}

/** The practice (Organization/1) whose books an Account, or a remittance with entries of its own, is in. */
export async function practiceOf(reader: Reader, account: string): Promise<string | undefined> {
  const found = await readQuietly(reader, account);
  const of =
    found?.resourceType === 'Account'
      ? found.owner
      : found?.resourceType === 'PaymentReconciliation'
        ? found.requestor
        : undefined;
  const owner = parseReference(of?.reference);
  return owner?.type === 'Organization' ? `Organization/${owner.id}` : undefined;
}

/** The last day that is closed of a practice, where one is; the record of a Provenance does not name it. */
export async function closedDay(reader: Reader, practice: string): Promise<string | undefined> {
  const found = await readQuietly(reader, await closingOfPractice(reader, practice));
  return found?.resourceType === 'Basic' ? closedThrough(found) : undefined;
}

/** The last closed days of practices that a transaction has asked for. */
const known = new WeakMap<Transaction, Map<string, string | undefined>>();

async function closedOf(tx: Transaction, practice: string): Promise<string | undefined> {
  const own = known.get(tx) ?? new Map<string, string | undefined>();
  known.set(tx, own);
  if (!own.has(practice)) own.set(practice, await closedDay(tx, practice));
  return own.get(practice);
}
