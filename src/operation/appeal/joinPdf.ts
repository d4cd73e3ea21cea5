import { ParseSpeeds, PDFDocument, StandardFonts, rgb } from '@cantoo/pdf-lib';

/** Pages of a packet: a PDF, or a picture that fills a page. */
export interface Pages {
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

export const joinable = ['application/pdf', 'image/png', 'image/jpeg'] as const;

const letter = { width: 612, height: 792, margin: 36 } as const;

/** One PDF of several, in their order, each page numbered within the whole; throws where one cannot be read. */
export async function joinPdf(
  parts: readonly Pages[],
  { title, on, mark }: { readonly title: string; readonly on: string; readonly mark: string },
): Promise<Uint8Array> {
  const whole = await PDFDocument.create();
  const day = new Date(`${on}T00:00:00Z`);
  whole.setTitle(title);
  whole.setProducer('Claimwright');
  whole.setCreator('Claimwright');
  whole.setCreationDate(day);
  whole.setModificationDate(day);
  whole.setLanguage('en-US');
  for (const part of parts) await add(whole, part);
  const font = await whole.embedFont(StandardFonts.Helvetica);
  const pages = whole.getPages();
  pages.forEach((page, n) => {
    const text = `${mark}   ${(n + 1).toString()} / ${pages.length.toString()}`;
    const size = 7.5;
    const { width, height } = page.getSize();
    page.drawText(text, {
      ...{ x: width - font.widthOfTextAtSize(text, size) - 24, y: height - 16, size, font },
      color: rgb(0.33, 0.33, 0.33),
    });
  });
  return whole.save({ objectsPerTick: Infinity }); // a transaction waits for it: no timers
}

async function add(whole: PDFDocument, { contentType, bytes }: Pages): Promise<void> {
  if (contentType === 'application/pdf') {
    const source = await PDFDocument.load(bytes, { parseSpeed: ParseSpeeds.Fastest });
    for (const page of await whole.copyPages(source, source.getPageIndices())) whole.addPage(page);
    return;
  }
  const image = contentType === 'image/png' ? await whole.embedPng(bytes) : await whole.embedJpg(bytes);
  const page = whole.addPage([letter.width, letter.height]);
  const room = { width: letter.width - 2 * letter.margin, height: letter.height - 2 * letter.margin };
  const scale = Math.min(1, room.width / image.width, room.height / image.height);
  const [width, height] = [image.width * scale, image.height * scale];
  page.drawImage(image, { x: letter.margin, y: letter.height - letter.margin - height, width, height });
}
