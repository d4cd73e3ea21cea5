import type { ResourceType } from '@medplum/fhirtypes';
import type { Remembered, Transaction } from '../../store/store.ts';
import type { ExportRequest } from './exportRequest.ts';

/** A file of an export: its number in the list is its name. */
export interface ExportFile {
  readonly kind: 'output' | 'deleted' | 'error';
  readonly type: ResourceType;
  readonly count: number; // lines
}

/** Up to where an export has come: the type in the list, and behind which place of it (Store.asOf). */
export interface ExportPlace {
  readonly type: number;
  readonly after?: string;
}

/** How an export stands. Times are epoch milliseconds. */
export interface ExportState {
  readonly is: 'waiting' | 'at work' | 'done' | 'cancelled' | 'failed';
  readonly place: ExportPlace;
  readonly files: readonly ExportFile[];
  readonly resources: number;
  readonly started: number;
  readonly until?: number; // of one that has ended: when its files go
  readonly failure?: 'refused' | 'given-up'; // why it failed: who asked may not any more, or the server could not
}

/** Files can be had for a day after the end. Milliseconds. */
export const keptFor = 86_400_000;
/** What no job removes, since its job was lost, goes after so many days. */
const daysMax = 8;

type Recalling = Pick<Transaction, 'recall'>;
const stateKey = (id: string): string => `export|${id}`;
const requestKey = (id: string): string => `export|${id}|request`;
const fileKey = (id: string, no: number): string => `export|${id}|${no}`;
const keptText = (body: string): Remembered => ({ bodyHash: '', status: 200, headers: {}, body });

/** When what an export keeps goes by itself. */
const lastDay = (now: string): string => new Date(Date.parse(now) + daysMax * keptFor).toISOString();

export const lockExport = (tx: Transaction, id: string): Promise<void> => tx.lock(stateKey(id));

export async function readState(from: Recalling, id: string): Promise<ExportState | undefined> {
  const found = await from.recall(stateKey(id));
  return found && (JSON.parse(found.body) as ExportState);
}

export const keepState = (tx: Transaction, id: string, state: ExportState, now: string): Promise<void> =>
  tx.remember(stateKey(id), keptText(JSON.stringify(state)), lastDay(now));

export async function readRequest(from: Recalling, id: string): Promise<ExportRequest | undefined> {
  const found = await from.recall(requestKey(id));
  return found && (JSON.parse(found.body) as ExportRequest);
}

export const keepRequest = (
  tx: Transaction,
  id: string,
  request: ExportRequest,
  now: string,
): Promise<void> => tx.remember(requestKey(id), keptText(JSON.stringify(request)), lastDay(now));

export async function readFile(from: Recalling, id: string, no: number): Promise<string | undefined> {
  return (await from.recall(fileKey(id, no)))?.body;
}

export const keepFile = (
  tx: Transaction,
  id: string,
  no: number,
  file: { readonly text: string; readonly now: string },
): Promise<void> => tx.remember(fileKey(id, no), keptText(file.text), lastDay(file.now));

/** Empties files: what has expired is deleted with the next write that keeps something. */
export async function dropFiles(
  tx: Transaction,
  id: string,
  span: { readonly from: number; readonly to: number },
  now: string,
): Promise<void> {
  for (let no = span.from; no < span.to; no++) await tx.remember(fileKey(id, no), keptText(''), now);
}

export async function dropExport(tx: Transaction, id: string, now: string): Promise<void> {
  await tx.remember(requestKey(id), keptText('{}'), now);
  await tx.remember(stateKey(id), keptText('{}'), now);
}
