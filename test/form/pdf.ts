import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';

/** The texts of each page of a PDF, as another program reads them, with where they stand in points from the upper left. */
export interface PrintedText {
  readonly text: string;
  readonly x: number;
  readonly y: number;
}

export async function readPdf(bytes: Uint8Array): Promise<PrintedText[][]> {
  const task = getDocument({ data: new Uint8Array(bytes), verbosity: 0 });
  const document = await task.promise;
  const pages: PrintedText[][] = [];
  for (let n = 1; n <= document.numPages; n += 1) {
    const page = await document.getPage(n);
    const { items } = await page.getTextContent();
    const words: Word[] = [];
    for (const item of items) {
      if (!('str' in item) || item.str.trim() === '') continue;
      const [x, y, size] = [Number(item.transform[4]), 792 - Number(item.transform[5]), item.height];
      words.push({ text: item.str, x, y, end: x + item.width, size });
    }
    pages.push(joined(words));
  }
  await task.destroy();
  return pages;
}

export const textsOf = (page: readonly PrintedText[] | undefined): string[] =>
  (page ?? []).map((t) => t.text);

interface Word extends PrintedText {
  readonly end: number;
  readonly size: number;
}

/** Words with no more than a space between them are one text. */
function joined(words: readonly Word[]): PrintedText[] {
  const all: Word[] = [];
  for (const word of words) {
    const last = all.at(-1);
    if (last && last.y === word.y && word.x - last.end < 0.75 * word.size && word.x >= last.end)
      all[all.length - 1] = { ...last, text: `${last.text} ${word.text}`, end: word.end };
    else all.push(word);
  }
  return all;
}
