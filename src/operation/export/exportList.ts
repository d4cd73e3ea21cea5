import { FhirError } from '../../outcome/fhirError.ts';
import { details } from '../../outcome/issue.ts';
import type { Transaction } from '../../store/store.ts';

/** Exports that are not finished, of one caller and of all, and those whose files a caller has. */
const unfinishedOfOne = 10;
const unfinishedMax = 100;
const keptOfOne = 100;

interface Listed {
  readonly id: string;
  readonly owner: string;
  readonly started: number; // epoch milliseconds, as `until`
  readonly until?: number; // none: it is not finished
}

const key = 'export-list';
/** An export that nobody has ended in so many milliseconds never will be: its job was lost. */
const lostAfter = 8 * 86_400_000;

async function readList(tx: Transaction, now: number): Promise<readonly Listed[]> {
  await tx.lock(key);
  const found = await tx.recall(key);
  const list = found ? (JSON.parse(found.body) as readonly Listed[]) : [];
  return list.filter(({ started, until = started + lostAfter }) => until > now);
}

const keepList = (tx: Transaction, list: readonly Listed[]): Promise<void> =>
  tx.remember(key, { bodyHash: '', status: 200, headers: {}, body: JSON.stringify(list) });

/** Adds an export; 429 where there are too many, for each may write as much as the store holds. */
export async function listExport(tx: Transaction, id: string, owner: string, now: number): Promise<void> {
  const list = await readList(tx, now);
  const unfinished = list.filter(({ until }) => until === undefined);
  const own = list.filter((one) => one.owner === owner);
  if (
    unfinished.length >= unfinishedMax ||
    own.length >= keptOfOne ||
    unfinished.filter((one) => one.owner === owner).length >= unfinishedOfOne
  )
    throw tooMany();
  await keepList(tx, [...list, { id, owner, started: now }]);
}

/** Says until when the files of an export are kept; no longer at all without it. */
export async function unlistExport(tx: Transaction, id: string, now: number, until?: number): Promise<void> {
  const list = await readList(tx, now);
  const found = list.find((one) => one.id === id);
  if (!found) return;
  const others = list.filter((one) => one.id !== id);
  await keepList(tx, until === undefined ? others : [...others, { ...found, until }]);
}

function tooMany(): FhirError {
  const text = 'There are too many exports: wait until one is finished, or DELETE what is no longer needed';
  return new FhirError(
    429,
    [{ severity: 'error', code: 'throttled', details: details('too-many-exports', text) }],
    { 'retry-after': '60' },
  );
}
