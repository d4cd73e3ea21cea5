import { toHttpDate } from '../../datatypes/date.ts';
import type { Context } from '../../interaction/context.ts';
import type { Answer } from '../../interaction/rest/answer.ts';
import { FhirError, fhirError, methodNotAllowed, notFound } from '../../outcome/fhirError.ts';
import { details } from '../../outcome/issue.ts';
import { asServer } from '../../store/access/asServer.ts';
import { forgetCaller } from './callers.ts';
import { unlistExport } from './exportList.ts';
import type { ExportRequest } from './exportRequest.ts';
import { keepState, lockExport, readFile, readRequest, readState, type ExportState } from './exportState.ts';
import { typesToRead } from './piece.ts';
import { enqueueRemoval } from './removal.ts';

/** Where the files of an export are, below the base. */
export const filePath = '$export-file';

/** Seconds after which to ask again: an export that has been at work for long is not finished the next second. */
const askAgain = (atWork: number): number => (atWork < 20_000 ? 1 : atWork < 120_000 ? 5 : 15);

interface Found {
  readonly request: ExportRequest;
  readonly state: ExportState;
}

/** An export of the caller; 404 where there is none, it has expired, was cancelled, or is somebody else's. */
async function found(context: Context, id: string): Promise<Found> {
  const store = asServer(context.store);
  const [request, state] = await Promise.all([readRequest(store, id), readState(store, id)]);
  const isOwn = request !== undefined && request.caller.name === context.principal;
  if (!isOwn || !state || state.is === 'cancelled') throw unknown();
  if (state.until !== undefined && state.until <= Date.parse(context.now())) throw unknown();
  return { request, state };
}

const refused = (): FhirError =>
  fhirError(
    403,
    'forbidden',
    'export-refused',
    'Who asked for the export may not ask for it any more, or the server does not know them any more: ask again',
  );
const givenUp = (): FhirError =>
  fhirError(503, 'exception', 'export-failed', 'The server could not finish the export: ask for it again');
const unknown = (): FhirError => notFound('The export');

/** GET of the status: 202 while it is at work, then 200 with the manifest. DELETE cancels, or removes its files. */
export async function askExport(context: Context, method: string, id: string): Promise<Answer> {
  if (!/^(?:GET|HEAD|DELETE)$/.test(method))
    throw methodNotAllowed('here are GET for the status and DELETE to cancel', 'GET, HEAD, DELETE');
  const { request, state } = await found(context, id);
  if (method === 'DELETE') return cancel(context, id);
  switch (state.is) {
    case 'done': {
      const until = new Date(state.until ?? 0).toISOString();
      const body = JSON.stringify(manifest(context, id, { request, state }));
      return { status: 200, headers: { expires: toHttpDate(until) }, body };
    }
    case 'failed':
      throw state.failure === 'refused' ? refused() : givenUp();
    default: {
      const seconds = askAgain(Date.parse(context.now()) - state.started);
      return {
        status: 202,
        headers: { 'x-progress': progress(request, state), 'retry-after': String(seconds) },
      };
    }
  }
}

/** At most 100 characters, as the guide asks. */
function progress(request: ExportRequest, { is, place, resources }: ExportState): string {
  if (is === 'waiting') return 'waiting for its turn';
  const types = typesToRead(request);
  const of = types[place.type] ?? 'the end';
  return `${resources} resources so far, at ${of} (type ${place.type + 1} of ${types.length})`;
}

/** See https://hl7.org/fhir/uv/bulkdata/STU2/export.html#response---complete-status */
function manifest({ publicUrl }: Context, id: string, { request, state }: Found): object {
  const filesOf = (kind: 'output' | 'deleted' | 'error'): object[] =>
    state.files.flatMap((file, no) => {
      if (file.kind !== kind) return [];
      const url = `${publicUrl}/${filePath}/${id}/${no}.${file.type}.ndjson`;
      return [{ type: file.type, url, count: file.count }];
    });
  return {
    transactionTime: new Date(request.at).toISOString(),
    request: request.url,
    requiresAccessToken: request.caller.name !== 'anonymous',
    output: filesOf('output'),
    ...(request.since === undefined ? {} : { deleted: filesOf('deleted') }),
    error: filesOf('error'),
  };
}

/** What is at work ends with its next piece; the files go at once. */
async function cancel(context: Context, id: string): Promise<Answer> {
  const store = asServer(context.store);
  const landed = await store.transaction(async (tx) => {
    await lockExport(tx, id);
    const state = await readState(tx, id);
    if (!state || state.is === 'cancelled') return tx;
    const now = context.now();
    await keepState(tx, id, { ...state, is: 'cancelled' }, now);
    await enqueueRemoval(tx, id, Date.parse(now), true);
    await unlistExport(tx, id, Date.parse(now));
    return tx;
  });
  context.landed?.(landed);
  forgetCaller(id);
  return { status: 202 };
}

/** A file of an export that is finished, as NDJSON; 404 for whoever did not ask for the export. */
export async function exportFile(context: Context, id: string, name: string): Promise<string> {
  const { state } = await found(context, id);
  const no = /^(\d{1,9})\.[A-Za-z]+\.ndjson$/.exec(name)?.[1];
  const file = no === undefined ? undefined : state.files[Number(no)];
  if (state.is !== 'done' || !file || name !== `${no ?? ''}.${file.type}.ndjson`) throw unknown();
  const isAllowed = file.kind !== 'output' || context.permits?.may(file.type, 'search-type') !== false;
  const text = isAllowed ? await readFile(asServer(context.store), id, Number(no)) : undefined;
  if (text === undefined) throw unknown();
  return text;
}

/** 429 for who asks more often than Retry-After says. */
export const askedTooSoon = (): FhirError =>
  new FhirError(
    429,
    [
      {
        severity: 'error',
        code: 'throttled',
        details: details('asked-too-soon', 'The status was asked for too often: wait as Retry-After says'),
      },
    ],
    { 'retry-after': '5' },
  );
