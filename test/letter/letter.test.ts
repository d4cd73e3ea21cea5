import { describe, expect, test } from '@jest/globals';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import type { Letter, Part } from '../../src/operation/letter/letter.ts';
import { printLetter } from '../../src/operation/letter/print.ts';
import { linesOf } from '../../src/operation/letter/sheet.ts';
import { briefDate, dollars, languageOf, spokenDate } from '../../src/operation/letter/words.ts';
import { cents } from '../../src/datatypes/cents.ts';
import { readPdf, textsOf } from '../form/pdf.ts';

const longName =
  'Hubert Blaine Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh de la Santísima Trinidad';

const letter = (parts: readonly Part[], more: Partial<Letter> = {}): Letter => ({
  title: 'Statement of an account',
  on: '2026-03-01',
  language: 'en',
  from: ['Riverside Family Practice', '12 Main Street', 'Springfield, IL 62701'],
  to: [longName, '1 Long Lane', 'Springfield, IL 62701'],
  facts: [{ label: 'Amount due', value: '$6,000.00', strong: true }],
  running: 'Account 1',
  parts,
  ...more,
});

const columns = [
  { head: 'Date' },
  { head: 'Service', share: 2 },
  { head: 'Charge', amount: true },
  { head: 'You owe', amount: true },
];
const forty = Array.from({ length: 40 }, (_, n) => ({
  cells: [`day ${n + 1}`, 'Office visit, established patient, long', '$1,250.00', '$150.00'],
}));

describe('letters', () => {
  test('forty rows go over pages, each once, with the head of the table and the number of the page on each', async () => {
    const pages = await readPdf(await printLetter(letter([{ kind: 'table', columns, rows: forty }])));
    expect(pages.length).toBeGreaterThan(1);
    const days = pages.flatMap((page) => textsOf(page)).filter((text) => text.startsWith('day '));
    expect(days).toEqual(forty.map((row) => row.cells[0]));
    pages.forEach((page, n) => {
      const texts = textsOf(page);
      expect(texts).toContain('Service');
      expect(texts).toContain(`Page ${n + 1} of ${pages.length}`);
      for (const { x, y } of page) {
        expect(x).toBeGreaterThan(30);
        expect(y).toBeLessThan(770);
      }
    });
  });

  test('a name that is longer than its place goes on below, and loses no letter', async () => {
    const [page] = await readPdf(await printLetter(letter([])));
    const said = textsOf(page).join('').replaceAll(/[\s-]/g, '');
    expect(said).toContain(longName.replaceAll(/[\s-]/g, ''));
  });

  test('a word that is wider than its column is cut between letters', async () => {
    const word = 'Pneumonoultramicroscopicsilicovolcanoconiosis'.repeat(3);
    const rows = [{ cells: ['day 1', word, '$1.00', '$1.00'] }];
    const [page] = await readPdf(await printLetter(letter([{ kind: 'table', columns, rows }])));
    const cut = textsOf(page).filter((text) => text.length > 3 && word.includes(text));
    expect(cut.join('')).toBe(word);
    expect(cut.length).toBeGreaterThan(1);
  });

  test('what is measured of a word without an end grows as the word does', () => {
    const word = 'x'.repeat(20_000);
    let measured = 0;
    const lines = linesOf(
      (text) => {
        measured += text.length;
        return text.length;
      },
      `a ${word}😀 b`,
      80,
      { size: 10 },
    );
    expect(lines.slice(0, 2)).toEqual(['a', 'x'.repeat(80)]);
    expect(lines.at(-1)).toBe('😀 b');
    expect(lines.slice(1).join('')).toBe(`${word}😀 b`);
    expect(measured).toBeLessThan(20 * word.length);
  });

  test('large print writes a row as lines of its own', async () => {
    const bytes = await printLetter(
      letter([{ kind: 'table', columns: [...columns, ...columns], rows: forty.slice(0, 2) }], {
        large: true,
      }),
    );
    const texts = (await readPdf(bytes)).flatMap((page) => textsOf(page));
    expect(texts).toContain('Date: day 2');
  });

  test('a row that is higher than a page goes on over it', async () => {
    const text = Array.from({ length: 900 }, (_, n) => `word${n}`).join(' ');
    const rows = [{ cells: ['day 1', text, '$1.00', '$1.00'] }];
    const pages = await readPdf(await printLetter(letter([{ kind: 'table', columns, rows }])));
    const said = pages.flatMap((page) => textsOf(page)).join(' ');
    expect(pages.length).toBeGreaterThan(1);
    for (const n of [0, 450, 899]) expect(said).toContain(`word${n}`);
  });

  test('what belongs together stands on one page', async () => {
    const filler: Part = { kind: 'list', items: Array.from({ length: 30 }, (_, n) => `item ${n}`) };
    const facts = Array.from({ length: 8 }, (_, n) => ({ label: `label ${n}`, value: String(n) }));
    const coupon: Part = {
      kind: 'together',
      parts: [
        { kind: 'cut', text: 'cut here' },
        { kind: 'facts', facts },
      ],
    };
    const pages = await readPdf(await printLetter(letter([filler, coupon])));
    const first = pages.findIndex((page) => textsOf(page).includes('cut here'));
    expect(first).toBe(1);
    expect(textsOf(pages[first])).toContain('label 7');
  });

  test('it is tagged in its language, and the same letter gives the same bytes', async () => {
    const parts: Part[] = [
      { kind: 'heading', level: 1, text: 'Su estado de cuenta' },
      { kind: 'paragraph', text: 'Chú ý', lang: 'vi' },
      { kind: 'table', columns, rows: forty.slice(0, 1) },
    ];
    const bytes = await printLetter(letter(parts, { language: 'es' }));
    expect(await printLetter(letter(parts, { language: 'es' }))).toEqual(bytes);
    const task = getDocument({ data: new Uint8Array(bytes), verbosity: 0 });
    const document = await task.promise;
    const page = await document.getPage(1);
    const { contentLang, isTagged } = await metadataOf(document);
    expect([contentLang, isTagged]).toEqual(['es-US', true]);
    const tree = JSON.stringify(await page.getStructTree());
    for (const role of ['H1', 'P', 'Table', 'TR', 'TH', 'TD']) expect(tree).toContain(`"role":"${role}"`);
    expect(tree).toContain('"lang":"vi"');
    expect(textsOf((await readPdf(bytes))[0])).toContain('Página 1 de 1');
    await task.destroy();
  });
});

async function metadataOf(document: {
  getMetadata: () => Promise<{ info: object }>;
  getMarkInfo: () => Promise<unknown>;
}): Promise<{ contentLang: unknown; isTagged: unknown }> {
  const { info } = await document.getMetadata();
  const found = await document.getMarkInfo();
  const isTagged: unknown = found instanceof Map ? found.get('Marked') : undefined;
  return { contentLang: Reflect.get(info, 'Language'), isTagged };
}

describe('words of letters', () => {
  test.each([
    ['en', 'March 5, 2026', 'Mar 5, 2026'],
    ['es', '5 de marzo de 2026', '5 mar 2026'],
  ] as const)('dates in %s', (language, long, brief) => {
    expect([spokenDate(language, '2026-03-05'), briefDate(language, '2026-03-05')]).toEqual([long, brief]);
  });

  test('money', () => {
    expect([dollars(cents(116025)), dollars(cents(-2000))]).toEqual(['$1,160.25', '-$20.00']);
  });

  test('the language is the preferred one, else the first', () => {
    const of = (code: string, preferred?: boolean) => ({
      language: { coding: [{ code }] },
      ...(preferred === undefined ? {} : { preferred }),
    });
    expect(languageOf({ communication: [of('en'), of('es-MX', true)] })).toBe('es');
    expect(languageOf({ communication: [of('es'), of('en')] })).toBe('es');
    expect(languageOf({ communication: [of('fr')] })).toBe('en');
    expect(languageOf(undefined)).toBe('en');
  });
});
