import type { Fact, Letter, Part } from './letter.ts';
import {
  ensure,
  isNewPage,
  large,
  lead,
  linesOf,
  mark,
  newPage,
  paper,
  textWidth,
  usual,
  type Measure,
  type Node,
  type Sheet,
  type Style,
} from './sheet.ts';
import { layTable } from './table.ts';

/** Where everything that a letter says stands. */
export function lay(letter: Letter, measure: Measure): Sheet {
  const sheet: Sheet = {
    measure,
    sizes: letter.large === true ? large : usual,
    pages: [[]],
    y: paper.top,
  };
  layHead(sheet, letter);
  for (const part of letter.parts) layPart(sheet, part);
  return sheet;
}

/** The windows of a number ten envelope: the sender 0.5 inch from above, the recipient 2 inches. */
const window = { from: 40, to: 150, width: 250, facts: 336 } as const;

function layHead(sheet: Sheet, { from, to, facts = [] }: Letter): void {
  const { body, small } = sheet.sizes;
  block(sheet, from, { x: paper.left, y: window.from, width: window.width, size: small });
  const below = block(sheet, to, {
    x: paper.left + 9,
    y: Math.max(window.to, sheet.y),
    width: window.width,
    size: Math.min(body, 12),
  });
  const beside = layBeside(sheet, facts);
  sheet.y = Math.max(below, beside) + lead(body);
}

interface Block {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly size: number;
}

/** Lines below each other, the first of them bold; gives where they end. */
function block(sheet: Sheet, texts: readonly string[], { x, y, width, size }: Block): number {
  let at = y;
  texts.forEach((text, n) => {
    const node: Node = { type: 'P' };
    for (const line of linesOf(sheet.measure, text, width, { size, bold: n === 0 })) {
      mark(sheet, { node, text: { text: line, x, y: at + size, size, bold: n === 0 } });
      at += lead(size);
    }
  });
  sheet.y = at;
  return at;
}

/** Facts to the right of the addresses; where the letters are large, a label stands above its value. */
function layBeside(sheet: Sheet, facts: readonly Fact[]): number {
  const { body } = sheet.sizes;
  const size = Math.min(body, 14);
  let y: number = window.from;
  for (const { label, value, strong = false } of facts) {
    const node: Node = { type: 'P' };
    const width = paper.right - window.facts;
    const wide = sheet.measure(`${label}  ${value}`, size, strong);
    const isOne = wide <= width;
    mark(sheet, { node, text: { text: label, x: window.facts, y: y + size, size, bold: strong } });
    if (!isOne) y += lead(size);
    for (const line of linesOf(sheet.measure, value, width, { size, bold: strong })) {
      const x = paper.right - sheet.measure(line, size, strong);
      mark(sheet, { node, text: { text: line, x, y: y + size, size, bold: strong } });
      y += lead(size);
    }
    y += 2;
  }
  return y;
}

function layPart(sheet: Sheet, part: Part): void {
  switch (part.kind) {
    case 'heading': {
      layHeading(sheet, part.text, part.level ?? 2);
      return;
    }
    case 'paragraph': {
      const style = { size: sheet.sizes.body, bold: part.strong === true };
      const node: Node = { type: 'P', ...(part.lang === undefined ? {} : { lang: part.lang }) };
      layText(sheet, part.text, { node, style, x: paper.left });
      sheet.y += sheet.sizes.body * 0.55;
      return;
    }
    case 'list': {
      layList(sheet, part.items);
      return;
    }
    case 'facts': {
      for (const fact of part.facts) layFact(sheet, fact);
      sheet.y += sheet.sizes.body * 0.55;
      return;
    }
    case 'table': {
      layTable(sheet, part);
      return;
    }
    case 'cut': {
      layCut(sheet, part.text);
      return;
    }
    case 'page': {
      if (!isNewPage(sheet)) newPage(sheet);
      return;
    }
    case 'together': {
      layTogether(sheet, part.parts);
      return;
    }
  }
}

/** A heading stays with the beginning of what follows it. */
function layHeading(sheet: Sheet, text: string, level: 1 | 2): void {
  const size = level === 1 ? sheet.sizes.h1 : sheet.sizes.h2;
  const style = { size, bold: true };
  if (!isNewPage(sheet)) sheet.y += size * 0.5;
  const height = linesOf(sheet.measure, text, textWidth, style).length * lead(size);
  ensure(sheet, height + 4 * lead(sheet.sizes.body));
  layText(sheet, text, { node: { type: level === 1 ? 'H1' : 'H2' }, style, x: paper.left });
  sheet.y += size * 0.3;
}

interface Placed {
  readonly node: Node;
  readonly style: Style;
  readonly x: number;
}

/** Lines of a text; one line of many is left alone on no page. */
function layText(sheet: Sheet, text: string, { node, style, x }: Placed): void {
  const { size, bold = false } = style;
  const lines = linesOf(sheet.measure, text, paper.right - x, style);
  lines.forEach((line, n) => {
    const left = lines.length - n;
    ensure(sheet, (n === 0 && left > 1) || left === 2 ? 2 * lead(size) : lead(size));
    if (line !== '') mark(sheet, { node, text: { text: line, x, y: sheet.y + size, size, bold } });
    sheet.y += lead(size);
  });
}

function layList(sheet: Sheet, items: readonly string[]): void {
  const { body: size } = sheet.sizes;
  const list: Node = { type: 'L' };
  for (const item of items) {
    const node: Node = { type: 'LI', parent: list };
    const height = linesOf(sheet.measure, item, paper.right - paper.left - size, { size }).length;
    ensure(sheet, Math.min(height, 2) * lead(size));
    mark(sheet, { node, text: { text: '•', x: paper.left, y: sheet.y + size, size } });
    layText(sheet, item, { node, style: { size }, x: paper.left + size });
    sheet.y += size * 0.2;
  }
  sheet.y += size * 0.4;
}

/** A label at the left, its value at the right end of the line, or below it where both do not fit. */
function layFact(sheet: Sheet, { label, value, strong = false }: Fact): void {
  const { body: size } = sheet.sizes;
  const node: Node = { type: 'P' };
  const wide = sheet.measure(`${label}   ${value}`, size, strong);
  if (wide > textWidth) {
    layText(sheet, `${label}: ${value}`, { node, style: { size, bold: strong }, x: paper.left });
    return;
  }
  ensure(sheet, lead(size));
  const y = sheet.y + size;
  mark(sheet, { node, text: { text: label, x: paper.left, y, size, bold: strong } });
  const x = paper.right - sheet.measure(value, size, strong);
  mark(sheet, { node, text: { text: value, x, y, size, bold: strong } });
  sheet.y += lead(size);
}

function layCut(sheet: Sheet, text: string): void {
  const { small: size } = sheet.sizes;
  ensure(sheet, 3 * lead(size));
  sheet.y += lead(size) * 0.6;
  mark(sheet, { rule: { from: 18, to: paper.width - 18, y: sheet.y, dashed: true } });
  sheet.y += 3;
  layText(sheet, text, { node: { type: 'P' }, style: { size }, x: paper.left });
  sheet.y += lead(size) * 0.3;
}

/** Tried on a page of its own first: as high as it is there, so much has to be free here. */
function layTogether(sheet: Sheet, parts: readonly Part[]): void {
  const trial: Sheet = { measure: sheet.measure, sizes: sheet.sizes, pages: [[]], y: paper.top };
  for (const part of parts) layPart(trial, part);
  const height = trial.pages.length > 1 ? paper.bottom : trial.y - paper.top;
  ensure(sheet, height);
  for (const part of parts) layPart(sheet, part);
}
