import { afterOthers } from '../../interaction/breather.ts';
import { patientsOf } from '../../store/access/access.ts';
import type { Store, Stored } from '../../store/store.ts';
import { FhirError, unprocessable } from '../../outcome/fhirError.ts';
import { businessFault } from '../../outcome/issue.ts';
import { rowsApart } from './rowsApart.ts';
import { RowWriter, type Format } from './rowWriter.ts';
import { TaskStopped } from './taskThread.ts';
import type { View } from './viewDefinition.ts';

/** Of which resources a view is run, and how its rows are written. */
export interface ViewRun {
  readonly view: View;
  readonly format: Format;
  readonly hasHeader: boolean;
  readonly rowsMax: number;
  readonly store: Store; // as its caller sees it
  readonly at: number; // moment whose versions are read, epoch milliseconds
  readonly since?: number;
  readonly patients?: ReadonlySet<string>; // none: of all
  /** Instead of what is stored: resources that were sent. */
  readonly given?: readonly Pick<Stored, 'json'>[];
}

/** Resources of one page. */
const pageSize = 250;

const wherever = 'ViewDefinition';

/** The text of a view, page by page: the head first, the rows of each page, the end. */
export async function* runView(run: ViewRun): AsyncGenerator<string, undefined> {
  const writer = new RowWriter(run.view, run.format);
  yield writer.head(run.hasHeader);
  let rows = 0;
  for await (const resources of pagesOf(run)) {
    const { text, made } = await rowsOf(run, resources, rows);
    rows += made;
    if (text !== '') yield text;
    if (rows >= run.rowsMax) break;
  }
  yield writer.tail();
  return undefined;
}

/** The rows of one page; FhirError where the view cannot be run on it. */
export async function rowsOf(
  { view, format, rowsMax }: Pick<ViewRun, 'view' | 'format' | 'rowsMax'>,
  resources: readonly Pick<Stored, 'json'>[],
  before: number,
): Promise<{ readonly text: string; readonly made: number }> {
  try {
    const result = await rowsApart(
      { view, format, rowsBefore: before, rowsMax: rowsMax - before },
      resources,
    );
    if ('text' in result) return { text: result.text, made: result.rows };
    throw unprocessable([businessFault(result.code, wherever, result.said)]);
  } catch (error) {
    if (error instanceof TaskStopped) throw stopped(error);
    throw error;
  }
}

function stopped({ why }: TaskStopped): FhirError {
  const text =
    why === 'time'
      ? 'the view was stopped: an expression does not come to an end on one of the resources'
      : 'the view was stopped: it takes more memory than it may';
  return unprocessable([businessFault('view-stopped', wherever, text)]);
}

/** The resources of a view, page by page; there is a first page, so that each view is judged. */
async function* pagesOf(run: ViewRun): AsyncGenerator<readonly Pick<Stored, 'json'>[]> {
  const { store, view, at, since, given, patients } = run;
  if (given) {
    for (let i = 0; i === 0 || i < given.length; i += pageSize) yield given.slice(i, i + pageSize);
    return;
  }
  let after: string | undefined;
  let isFirst = true;
  do {
    const query = { type: view.resource, at, count: pageSize, ...(since === undefined ? {} : { since }) };
    const page = await store.asOf(after === undefined ? query : { ...query, after });
    const wanted = page.versions.filter((one) => !one.deleted && isOf(one, patients));
    if (isFirst || wanted.length > 0) yield wanted;
    isFirst = false;
    after = page.next;
    await afterOthers();
  } while (after !== undefined);
}

const isOf = (version: Stored, patients: ReadonlySet<string> | undefined): boolean =>
  patients === undefined || patientsOf(version).some((id) => patients.has(id));
