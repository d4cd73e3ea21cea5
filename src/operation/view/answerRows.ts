import type { OperationDefinition } from '@medplum/fhirtypes';
import type { Answer } from '../../interaction/rest/answer.ts';
import { parameter } from '../parameters.ts';
import type { LaterCall } from '../operation.ts';
import { makeDue } from '../audit/makeEvents.ts';
import { mediaTypeOf } from './rowWriter.ts';
import { runView, type ViewRun } from './runView.ts';
import {
  formatOf,
  instantIn,
  patientsIn,
  refuseSource,
  resourcesIn,
  rowsMaxIn,
  viewInput,
  viewOf,
} from './viewInput.ts';

/** Characters that are gathered before the answer begins: what goes wrong by then is refused, and a short answer whole. */
const gathered = 256 * 1024;

/**
 * Runs a view and answers with its rows, sent as they are made. What goes wrong after the first of them were sent ends
 * the connection before the end of the answer: a client sees that it is not whole.
 */
export async function answerRows(call: LaterCall, definition: OperationDefinition): Promise<Answer> {
  const run = await runOf(call, definition);
  const rows = runView(run);
  const first: string[] = [];
  let length = 0;
  let isWhole = false;
  while (length < gathered && !isWhole) {
    const next: IteratorResult<string, undefined> = await rows.next();
    if (next.done === true) isWhole = true;
    else {
      first.push(next.value);
      length += next.value.length;
    }
  }
  const contentType = mediaTypeOf[run.format];
  if (isWhole) return { status: 200, contentType, body: first.join('') };
  return { status: 200, contentType, stream: { chunks: () => joined(first, rows) } };
}

async function* joined(
  first: readonly string[],
  rows: AsyncGenerator<string, undefined>,
): AsyncGenerator<string> {
  try {
    yield first.join('');
    yield* rows;
  } finally {
    await rows.return(undefined); // who listens no more ends the work
  }
}

async function runOf(call: LaterCall, definition: OperationDefinition): Promise<ViewRun> {
  const read = viewInput(call, definition);
  const { input } = read;
  const format = formatOf(call, input);
  refuseSource(input);
  const view = await viewOf(call, read);
  const patients = await patientsIn(call, input);
  const since = instantIn(input);
  const given = resourcesIn(input);
  if (view.resource === 'AuditEvent') await makeDue(call.context);
  return {
    view,
    format,
    hasHeader: parameter(input, 'header')?.valueBoolean !== false,
    rowsMax: rowsMaxIn(input),
    store: call.context.store,
    at: Date.parse(call.context.now()),
    ...(since === undefined ? {} : { since }),
    ...(patients ? { patients } : {}),
    ...(given ? { given } : {}),
  };
}
