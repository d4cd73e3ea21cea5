import type { Group } from '@medplum/fhirtypes';
import { parsed } from '../../interaction/repository.ts';
import type { Handler } from '../../job/queue.ts';
import { toOutcome } from '../../outcome/issue.ts';
import type { Lease } from '../../store/job.ts';
import type { Transaction } from '../../store/store.ts';
import type { OperationContext } from '../operation.ts';
import { callerOf, forgetCaller } from './callers.ts';
import { exportStore } from './exportAccess.ts';
import { unlistExport } from './exportList.ts';
import type { ExportRequest } from './exportRequest.ts';
import {
  keepFile,
  keepState,
  keptFor,
  lockExport,
  readRequest,
  readState,
  type ExportState,
} from './exportState.ts';
import { exportKind, patientsOfGroup } from './kickOff.ts';
import { pace } from './pace.ts';
import { nextPiece, type Piece, type Source } from './piece.ts';
import { enqueueRemoval } from './removal.ts';

type Failure = NonNullable<ExportState['failure']>;

const idOf = ({ job }: Lease): string => (JSON.parse(job.payload) as { readonly id: string }).id;

/**
 * Exports piece by piece. The files of a piece and where it goes on land in one transaction, so whoever takes the job
 * over, also after a crash, goes on from there: no line is lost, none comes twice.
 */
export const bulkExport = (context: OperationContext): Handler => ({
  kind: exportKind,
  alone: true,
  run: async (lease, signal) => {
    const id = idOf(lease);
    const { store } = context;
    const request = await readRequest(store, id);
    let state = await readState(store, id);
    if (!request || (state?.is !== 'waiting' && state?.is !== 'at work')) {
      await store.transaction((tx) => tx.jobs.change(lease, { state: 'done' }));
      return undefined;
    }
    await store.settled(request.at);
    const patients = await patientsFor(context, request);
    const paced = pace();
    while (state.is === 'waiting' || state.is === 'at work') {
      if (signal.aborted) {
        const due = Date.parse(context.now());
        await store.transaction((tx) => tx.jobs.change(lease, { state: 'due', due }));
        return undefined;
      }
      // Asked anew for each piece: a right that was taken back meanwhile counts.
      const caller = await callerOf(context, id, request.caller);
      if (!caller) {
        await fail(context, lease, 'refused');
        return undefined;
      }
      const source: Source = { store: exportStore(caller, request), request, patients, pace: paced };
      state = await keep(context, lease, request, await nextPiece(source, state.place));
    }
    forgetCaller(id);
    return undefined;
  },
  giveUp: async (tx, lease) => {
    await failed(context, tx, idOf(lease), 'given-up');
  },
});

/** The patients an export is about; undefined where it is about all. */
async function patientsFor(
  { store }: OperationContext,
  { patients, group }: ExportRequest,
): Promise<ReadonlySet<string> | undefined> {
  if (patients) return new Set(patients);
  if (!group) return undefined;
  const stored = await store.vread('Group', group.id, group.version);
  return stored && !stored.deleted ? patientsOfGroup(parsed<Group>(stored)) : new Set();
}

/** Keeps a piece and ends the job with the last one; answers how the export stands then. */
function keep(
  context: OperationContext,
  lease: Lease,
  { notes }: ExportRequest,
  piece: Piece,
): Promise<ExportState> {
  const id = idOf(lease);
  return context.store.transaction(async (tx) => {
    await lockExport(tx, id);
    const state = await readState(tx, id);
    if (state?.is !== 'waiting' && state?.is !== 'at work') {
      await tx.jobs.change(lease, { state: 'done' });
      return { is: 'cancelled', place: { type: 0 }, files: [], resources: 0, started: 0 };
    }
    const now = context.now();
    const { next } = piece;
    const told = next || notes.length === 0 ? [] : [outcomeFile(notes)];
    const made = [...piece.files, ...told];
    let no = state.files.length;
    for (const { text } of made) await keepFile(tx, id, no++, { text, now });
    const until = next ? undefined : Date.parse(now) + keptFor;
    const kept: ExportState = {
      ...state,
      is: next ? 'at work' : 'done',
      place: next ?? state.place,
      files: [...state.files, ...made.map(({ kind, type, count }) => ({ kind, type, count }))],
      resources: state.resources + piece.resources,
      ...(until === undefined ? {} : { until }),
    };
    await keepState(tx, id, kept, now);
    if (until !== undefined) {
      await enqueueRemoval(tx, id, until);
      await unlistExport(tx, id, Date.parse(now), until);
    }
    await tx.jobs.change(lease, { state: next ? 'leased' : 'done' });
    return kept;
  });
}

/** What was left out of what was asked for, as the manifest tells it: one OperationOutcome a line. */
function outcomeFile(notes: ExportRequest['notes']): Piece['files'][number] {
  const lines = notes.map((note) => `${JSON.stringify(toOutcome([note]))}\n`);
  return { kind: 'error', type: 'OperationOutcome', count: notes.length, text: lines.join('') };
}

async function fail(context: OperationContext, lease: Lease, failure: Failure): Promise<void> {
  await context.store.transaction(async (tx) => {
    await failed(context, tx, idOf(lease), failure);
    await tx.jobs.change(lease, { state: 'done' });
  });
}

/** Says that an export failed; what it has gathered goes when the word of that does, and counts until then. */
async function failed(
  context: OperationContext,
  tx: Transaction,
  id: string,
  failure: Failure,
): Promise<void> {
  forgetCaller(id);
  await lockExport(tx, id);
  const state = await readState(tx, id);
  if (!state || state.is === 'cancelled') return;
  const now = context.now();
  const until = Date.parse(now) + keptFor;
  await keepState(tx, id, { ...state, is: 'failed', failure, until }, now);
  await enqueueRemoval(tx, id, until);
  await unlistExport(tx, id, Date.parse(now), until);
}
