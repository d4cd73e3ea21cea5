import { readFileSync } from 'node:fs';
import PDFDocument from 'pdfkit';
import type { PaperForm } from '../../billing/form/sheet.ts';
import type { Cell, Layout, Mark } from './layout/layout.ts';

/** How a form is printed: onto the red form of a print shop, or with boxes of its own. */
export type Style = 'facsimile' | 'overlay';

export interface Printing {
  readonly style: Style;
  readonly offset: { readonly x: number; readonly y: number }; // of an overlay, in millimetres
  readonly title: string; // of the document
  readonly on: string; // FHIR date, of the document: the same claim gives the same bytes
}

const font = (name: string): Buffer => readFileSync(new URL(`font/${name}.ttf`, import.meta.url));
const fonts = { data: font('DejaVuSansMono'), label: font('DejaVuSansCondensed') } as const;

const column = 7.2; // ten to the inch
const line = 12; // six to the inch
const millimetre = 72 / 25.4;
/** Of the data; at this size a letter is as wide as a column. */
const sizes = { overlay: column / 0.602, facsimile: 9.5, label: 5.2 } as const;
const colors = { data: '#000000', line: '#7a7a7a', label: '#555555', shade: '#e9e9e9', water: '#ededed' };

export type Page = InstanceType<typeof PDFDocument>;

/**
 * The font of labels and letters as pdfkit has opened it: pdfkit takes such a one as well as bytes, and to open it takes
 * twice as long as to print a letter.
 */
let labelFont: OpenedFont | undefined;

/** A font that pdfkit has opened. The types of pdfkit do not tell of such ones: they name them as bytes. */
type OpenedFont = Buffer & { readonly hasGlyphForCodePoint: (codePoint: number) => boolean };

function openedFont(document: Page): OpenedFont | undefined {
  const embedded: unknown = Reflect.get(document, '_font');
  const font: unknown =
    typeof embedded === 'object' && embedded !== null ? Reflect.get(embedded, 'font') : undefined;
  return isOpened(font) ? font : undefined;
}

const isOpened = (font: unknown): font is OpenedFont =>
  typeof font === 'object' &&
  font !== null &&
  ['layout', 'hasGlyphForCodePoint'].every((name) => typeof Reflect.get(font, name) === 'function');

/** Written from right to left: a line of several words would stand in the wrong order. */
const fromRight = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/** Whether the font of labels and letters has every letter of a text, and sets it in the order it is read in. */
export function isPrintable(text: string): boolean {
  if (fromRight.test(text)) return false;
  if (!labelFont) newDocument('', '2000-01-01'); // opens it
  const opened = labelFont;
  const letters = Array.from(text.replaceAll(/\s/g, ''));
  return opened === undefined || letters.every((one) => opened.hasGlyphForCodePoint(one.codePointAt(0) ?? 0));
}

/** A document whose bytes depend on nothing but what is drawn; one whose text has a language is tagged. */
export function newDocument(
  title: string,
  on: string,
  tagged?: { readonly lang: string },
): { document: Page; bytes: Promise<Buffer> } {
  const document = new PDFDocument({
    size: 'LETTER',
    margin: 0,
    autoFirstPage: false,
    lang: tagged?.lang ?? 'en-US',
    ...(tagged ? { tagged: true, displayTitle: true, pdfVersion: '1.7' } : {}),
    info: {
      Title: title,
      Producer: 'Claimwright',
      Creator: 'Claimwright',
      CreationDate: new Date(`${on}T00:00:00Z`),
    },
  });
  const chunks: Buffer[] = [];
  const bytes = new Promise<Buffer>((resolve, reject) => {
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    document.on('end', () => {
      resolve(Buffer.concat(chunks));
    });
    document.on('error', reject);
  });
  document.registerFont('data', fonts.data);
  document.registerFont('label', labelFont ?? fonts.label);
  labelFont ??= openedFont(document.font('label'));
  return { document, bytes };
}

/** The pages of a form as PDF. */
export async function draw(layout: Layout, form: PaperForm, printing: Printing): Promise<Buffer> {
  const { document, bytes } = newDocument(printing.title, printing.on);
  form.pages.forEach((boxes, n) => {
    document.addPage();
    document.save();
    if (printing.style === 'overlay') {
      document.translate(printing.offset.x * millimetre, printing.offset.y * millimetre);
    } else {
      watermark(document);
      footer(document, layout, form, n + 1);
      document.translate((612 * (1 - layout.scale)) / 2, 10).scale(layout.scale);
      for (const each of layout.cells) drawCell(document, layout, each);
      for (const each of layout.marks) drawMark(document, layout, each);
    }
    document.font('data').fontSize(sizes[printing.style]).fillColor(colors.data);
    for (const { box, col, line: at, right } of [...layout.fields, ...layout.marks]) {
      const text = boxes.get(box);
      if (text !== undefined)
        put(document, text, xOf(layout, right === true ? col + 1 : col), baseline(layout, at), right);
    }
    document.restore();
  });
  document.end();
  return bytes;
}

const xOf = ({ left }: Layout, col: number): number => left + (col - 1) * column;
const yOf = ({ top }: Layout, at: number): number => top + (at - 1) * line;
const baseline = (layout: Layout, at: number): number => yOf(layout, at) + line - 2.6;

/** Text from its baseline, to the right of x or, where it ends there, to the left. */
export function put(page: Page, text: string, x: number, y: number, right = false): void {
  const from = right ? x - page.widthOfString(text) - 4 : x;
  page.text(text, from, y, { lineBreak: false, baseline: 'alphabetic' });
}

function drawCell(page: Page, layout: Layout, { col, line: at, width, height, label, shaded }: Cell): void {
  const [x, y] = [xOf(layout, col) - 2, yOf(layout, at)];
  page.lineWidth(0.4).rect(x, y, width * column, height * line);
  if (shaded === true) page.fillAndStroke(colors.shade, colors.line);
  else page.stroke(colors.line);
  if (label === '') return;
  page.font('label').fontSize(sizes.label).fillColor(colors.label);
  put(page, label, x + 1.2, y + 5);
}

/** A small square with its word above. */
function drawMark(page: Page, layout: Layout, { col, line: at, label }: Mark): void {
  const [x, y] = [xOf(layout, col), yOf(layout, at)];
  page
    .lineWidth(0.4)
    .rect(x - 1.3, y + 2.2, 8.2, 8.6)
    .stroke(colors.line);
  page.font('label').fontSize(sizes.label).fillColor(colors.label);
  put(page, label, x - 1, y - 0.2);
}

const mostNotes = 3;

/** What was cut, and that nobody takes this sheet for the form. */
function footer(page: Page, { title }: Layout, { notes, pages }: PaperForm, number: number): void {
  page.font('label').fontSize(6.5).fillColor(colors.label);
  const count = `page ${number} of ${pages.length}`;
  put(page, `Facsimile of the data of a ${title}, not for submission; ${count}`, 24, 758);
  const told = notes.slice(0, mostNotes).map((n) => n.text);
  const more =
    notes.length > mostNotes ? [`and ${notes.length - mostNotes} more: part=outcome tells all`] : [];
  [...told, ...more].forEach((text, i) => {
    put(page, text, 24, 766 + 7 * i);
  });
}

function watermark(page: Page): void {
  page.save();
  page.rotate(-52, { origin: [306, 396] });
  page.font('label').fontSize(54).fillColor(colors.water);
  put(page, 'NOT FOR SUBMISSION', 30, 410);
  page.restore();
}
