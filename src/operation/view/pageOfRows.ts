import { FormatError, RowWriter, type Format } from './rowWriter.ts';
import { Rows, ViewError } from './rows.ts';
import type { View } from './viewDefinition.ts';

/** Makes rows of one page of resources, as text. */
export interface PageTask {
  readonly view: View;
  readonly format: Format;
  /** The resources as JSON in UTF-8, one behind the other; each ends at its place in `ends`. */
  readonly bytes: Uint8Array;
  readonly ends: readonly number[];
  readonly rowsBefore: number;
  readonly rowsMax: number; // of this page
}

export type PageResult =
  | { readonly text: string; readonly rows: number }
  | { readonly code: ViewError['code']; readonly said: string };

/** Most characters of one page: of a megabyte of resources no honest view makes more. */
const charactersMax = 32 * 1024 * 1024;
const utf8 = new TextDecoder();

/** Makes the page; `step` is called for each resource. */
export function pageOfRows(task: PageTask, step: () => void): PageResult {
  try {
    const rows = new Rows(task.view);
    const writer = new RowWriter(task.view, task.format);
    let text = '';
    let count = 0;
    let from = 0;
    for (const end of task.ends) {
      step();
      if (count >= task.rowsMax) break;
      const resource: unknown = JSON.parse(utf8.decode(task.bytes.subarray(from, end)));
      from = end;
      for (const row of rows.of(resource)) {
        if (count >= task.rowsMax) break;
        text += writer.row(row, task.rowsBefore + count);
        count += 1;
        if (text.length > charactersMax)
          throw new ViewError('view-rows', 'the rows of some resources are too long');
      }
    }
    return { text, rows: count };
  } catch (error) {
    if (error instanceof ViewError) return { code: error.code, said: error.message };
    // An expression that nests too deep, or makes a string longer than there may be.
    if (error instanceof RangeError || error instanceof FormatError)
      return { code: 'view-value', said: 'an expression makes a value that is too large' };
    throw error;
  }
}
