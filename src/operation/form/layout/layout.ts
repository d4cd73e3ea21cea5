/**
 * Where the boxes of a paper form are. Places are counted as a line printer does, ten characters and six lines to the
 * inch, from 1 at the upper left.
 */
export interface Layout {
  readonly title: string;
  readonly left: number; // of column 1, in points
  readonly top: number; // of line 1
  readonly scale: number; // of the facsimile, so that the page has room for its notes
  readonly cells: readonly Cell[];
  readonly fields: readonly Field[];
  readonly marks: readonly Mark[];
}

/** A box as the facsimile draws it. */
export interface Cell {
  readonly col: number;
  readonly line: number;
  readonly width: number;
  readonly height: number;
  readonly label: string;
  readonly shaded?: true;
}

/** Where the text of a box begins, or ends. */
export interface Field {
  readonly box: string;
  readonly col: number;
  readonly line: number;
  readonly right?: true; // `col` is the last column
}

/** A box that is marked with an X, with the word the facsimile writes before it. */
export interface Mark extends Field {
  readonly label: string;
}

export const cell = (line: number, col: number, width: number, label = '', height = 2): Cell => ({
  col,
  line,
  width,
  height,
  label,
});

export const field = (box: string, line: number, col: number): Field => ({ box, line, col });
export const rightField = (box: string, line: number, col: number): Field => ({
  box,
  line,
  col,
  right: true,
});
export const markAt = (box: string, line: number, col: number, label: string): Mark => ({
  box,
  line,
  col,
  label,
});
