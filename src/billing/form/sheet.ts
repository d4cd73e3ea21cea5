/** What the boxes of a paper form say, as text: how it is drawn is another matter. */

/** What a form cannot say, or not wholly. The sentence holds no value of the chart. */
export interface FormNote {
  readonly expression: string; // FHIRPath
  readonly text: string;
}

/** The text of each box by its name: '1a', '24.1.D'. A box that is marked says X. */
export type Boxes = ReadonlyMap<string, string>;

export interface PaperForm {
  readonly pages: readonly Boxes[];
  readonly notes: readonly FormNote[];
}

/** A form that is being filled in. */
export interface Sheet {
  readonly boxes: Map<string, string>;
  readonly notes: FormNote[];
  /** How many characters a box takes. */
  readonly widths: Readonly<Record<string, number>>;
}

export const newSheet = (widths: Sheet['widths'], notes: FormNote[]): Sheet => ({
  boxes: new Map(),
  notes,
  widths,
});

/** How many characters a box takes: its own width, else that of the same box of all lines and rows. */
function widthOf({ widths }: Sheet, box: string): number {
  const ofLine = box.replace(/\.\d+(?=\.|$)/, '');
  const width = widths[box] ?? widths[ofLine] ?? widths[ofLine.replace(/\.[A-Za-z](?=\.|$)/, '')];
  if (width === undefined) throw new Error(`box ${box} has no width`);
  return width;
}

/** What the typeface of the forms has signs for. */
const unprintable = /[^\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Common}]/u;

/** Upper case, one line, one space between words. */
const printed = (text: string): string =>
  text
    .normalize('NFC')
    .replace(/[\s\p{C}]+/gu, ' ')
    .trim()
    .toUpperCase();

/** Writes a box. What is longer than the box is cut, and told. */
export function write(sheet: Sheet, box: string, text: string | undefined, expression: string): void {
  const whole = printed(text ?? '');
  if (whole === '') return;
  const width = widthOf(sheet, box);
  const letters = Array.from(whole).map((letter) => (unprintable.test(letter) ? '?' : letter));
  if (unprintable.test(whole))
    tell(sheet, expression, `box ${box} has letters that the form has no sign for: they are printed as ?`);
  if (letters.length > width)
    tell(sheet, expression, `box ${box} takes ${width} characters: what is longer is cut off`);
  sheet.boxes.set(box, letters.slice(0, width).join('').trimEnd());
}

export function mark(sheet: Sheet, box: string, isMarked = true): void {
  if (isMarked) sheet.boxes.set(box, 'X');
}

/** Tells once what does not stand on the form as it stands on the claim. */
export function tell({ notes }: Pick<Sheet, 'notes'>, expression: string, text: string): void {
  if (!notes.some((n) => n.expression === expression && n.text === text)) notes.push({ expression, text });
}
