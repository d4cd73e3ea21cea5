import type { Column, Row, Table } from './letter.ts';
import {
  ensure,
  lead,
  linesOf,
  mark,
  newPage,
  paper,
  textWidth,
  type Measure,
  type Node,
  type Sheet,
} from './sheet.ts';

const gap = 10; // between columns
const above = 2.5; // a row
const below = 3;

/** A table: its rows over as many pages as they need, its head on each. */
export function layTable(sheet: Sheet, table: Table): void {
  const node: Node = { type: 'Table' };
  const found = sheet.sizes.table.flatMap((size) => {
    const widths = widthsOf(sheet.measure, table, size);
    return widths === undefined ? [] : [{ node, widths, size }];
  })[0];
  if (found) layColumns(sheet, table, found);
  else layStacked(sheet, table, node);
  sheet.y += sheet.sizes.body * 0.8;
}

interface Laid {
  readonly node: Node;
  readonly widths: readonly number[];
  readonly size: number;
}

/** The width of each column; none when a usual word would have to be cut: then smaller letters or no columns. */
function widthsOf(measure: Measure, { columns, rows }: Table, size: number): number[] | undefined {
  const longest = columns.map((column, n) => longestOf(measure, column, rows, { n, size }));
  const gaps = gap * (columns.length - 1);
  const fixed = columns.reduce((sum, c, n) => sum + (c.amount === true ? (longest[n] ?? 0) : 0), 0);
  const left = textWidth - gaps - fixed;
  const shares = columns.reduce((sum, c) => sum + (c.amount === true ? 0 : (c.share ?? 1)), 0);
  const widths = columns.map((c, n) =>
    c.amount === true ? (longest[n] ?? 0) : (left * (c.share ?? 1)) / shares,
  );
  const isTight = columns.some((_, n) => (longest[n] ?? 0) > (widths[n] ?? 0));
  return left <= 0 || isTight ? undefined : widths;
}

const usualLetters = 16; // of a word; a longer one may be cut

/** Of amounts the widest cell, of texts the widest word; of heads the widest word. */
function longestOf(
  measure: Measure,
  { head, amount }: Column,
  rows: readonly Row[],
  { n, size }: { n: number; size: number },
): number {
  const words = head.split(/\s+/).map((w) => measure(w, size, true));
  const cells = rows.flatMap(({ cells: all, strong }) => {
    const cell = all[n] ?? '';
    const parts = amount === true ? [cell] : cell.split(/\s+|(?<=-)/).map((w) => w.slice(0, usualLetters));
    return parts.map((w) => measure(w, size, strong));
  });
  return Math.max(0, ...words, ...cells);
}

function layColumns(sheet: Sheet, { columns, rows }: Table, laid: Laid): void {
  const head: Row = { cells: columns.map((c) => c.head), strong: true };
  const headHeight = heightOf(cellsOf(sheet, columns, head, laid), laid.size);
  const first = rows[0] ? heightOf(cellsOf(sheet, columns, rows[0], laid), laid.size) : 0;
  ensure(sheet, headHeight + Math.min(first, 160));
  layRow(sheet, { columns, row: head, laid, type: 'TH' });
  line(sheet);
  for (const row of rows) {
    const height = heightOf(cellsOf(sheet, columns, row, laid), laid.size);
    if (sheet.y + Math.min(height, 240) > paper.bottom) {
      newPage(sheet);
      layRow(sheet, { columns, row: head, laid });
      line(sheet);
    }
    if (row.strong === true) line(sheet);
    layRow(sheet, { columns, row, laid, type: 'TD' });
  }
}

const heightOf = (cells: readonly (readonly string[])[], size: number): number =>
  above + Math.max(1, ...cells.map((c) => c.length)) * lead(size) + below;

const cellsOf = (sheet: Sheet, columns: readonly Column[], row: Row, { widths, size }: Laid): string[][] =>
  columns.map((_, n) =>
    linesOf(sheet.measure, row.cells[n] ?? '', (widths[n] ?? 0) + 0.01, { size, bold: row.strong === true }),
  );

interface RowOf {
  readonly columns: readonly Column[];
  readonly row: Row;
  readonly laid: Laid;
  readonly type?: 'TH' | 'TD'; // none: a head that is repeated, which is not read out again
}

/** One row, line by line, so that one that is higher than a page goes on over it. */
function layRow(sheet: Sheet, { columns, row, laid, type }: RowOf): void {
  const { node, widths, size } = laid;
  const cells = cellsOf(sheet, columns, row, laid);
  const rowNode: Node = { type: 'TR', parent: node };
  const nodes = cells.map((): Node => ({ type: type ?? 'TD', parent: rowNode }));
  const bold = row.strong === true;
  const count = Math.max(1, ...cells.map((c) => c.length));
  sheet.y += above;
  for (let n = 0; n < count; n += 1) {
    if (sheet.y + lead(size) > paper.bottom) newPage(sheet);
    const y = sheet.y + size;
    let x: number = paper.left;
    columns.forEach((column, i) => {
      const width = widths[i] ?? 0;
      const text = cells[i]?.[n] ?? '';
      const at = column.amount === true ? x + width - sheet.measure(text, size, bold) : x;
      const owner = nodes[i];
      if (text !== '')
        mark(sheet, {
          ...(type === undefined || !owner ? {} : { node: owner }),
          text: { text, x: at, y, size, bold },
        });
      x += width + gap;
    });
    sheet.y += lead(size);
  }
  sheet.y += below;
}

function line(sheet: Sheet): void {
  mark(sheet, { rule: { from: paper.left, to: paper.right, y: sheet.y } });
}

/** Each row as lines of its own, `head: cell`: for large print, and for columns that are too many. */
function layStacked(sheet: Sheet, { columns, rows }: Table, node: Node): void {
  const { body: size } = sheet.sizes;
  for (const row of rows) {
    const rowNode: Node = { type: 'TR', parent: node };
    const lines = columns.flatMap(({ head }, n) => {
      const cell = row.cells[n] ?? '';
      if (cell === '') return [];
      const text = head === '' ? cell : `${head}: ${cell}`;
      const bold = n === 0 || row.strong === true;
      const cellNode: Node = { type: 'TD', parent: rowNode };
      return linesOf(sheet.measure, text, textWidth, { size, bold }).map((t) => ({ t, bold, cellNode }));
    });
    ensure(sheet, Math.min(lines.length * lead(size), 300));
    line(sheet);
    sheet.y += above;
    for (const { t, bold, cellNode } of lines) {
      if (sheet.y + lead(size) > paper.bottom) newPage(sheet);
      mark(sheet, { node: cellNode, text: { text: t, x: paper.left, y: sheet.y + size, size, bold } });
      sheet.y += lead(size);
    }
    sheet.y += below;
  }
}
