import { newDocument, put, type Page } from '../form/draw.ts';
import { lay } from './lay.ts';
import type { Letter } from './letter.ts';
import { boldLine, measureOn, paper, type Mark, type Node, type Rule, type Text } from './sheet.ts';
import { pageOf } from './words.ts';

/** The languages as a reader of the screen knows them. */
const spoken = { en: 'en-US', es: 'es-US' } as const;

/** A letter as PDF, tagged for readers of the screen, its font within. The same letter gives the same bytes. */
export async function printLetter(letter: Letter): Promise<Buffer> {
  const { document, bytes } = newDocument(letter.title, letter.on, { lang: spoken[letter.language] });
  const { pages } = lay(letter, measureOn(document));
  const root = document.struct('Document');
  document.addStructure(root);
  const elements: Elements = new Map();
  pages.forEach((marks, n) => {
    document.addPage();
    for (const run of runsOf(marks)) paintRun(document, run, { root, elements });
    paintFoot(document, letter, pageOf(letter.language, n + 1, pages.length));
  });
  root.end();
  document.end();
  return bytes;
}

type Element = ReturnType<Page['struct']>;
type Elements = Map<Node, Element>;

interface Tree {
  readonly root: Element;
  readonly elements: Elements;
}

/** Marks that follow each other and belong to one node are one piece of content. */
interface Run {
  readonly node: Node | undefined;
  readonly marks: Mark[];
}

function runsOf(marks: readonly Mark[]): Run[] {
  const runs: Run[] = [];
  for (const each of marks) {
    const node = 'text' in each ? each.node : undefined;
    const last = runs.at(-1);
    if (last && last.node === node) last.marks.push(each);
    else runs.push({ node, marks: [each] });
  }
  return runs;
}

function paintRun(document: Page, { node, marks }: Run, tree: Tree): void {
  if (!node) {
    document.markContent('Artifact', { type: 'Layout' });
    paintMarks(document, marks);
    document.endMarkedContent();
    return;
  }
  const element = elementOf(document, node, tree);
  const content = document.markStructureContent(node.type);
  paintMarks(document, marks);
  document.endMarkedContent();
  element.add(content);
}

/** The element of a node, below that of its parent; made when the first of it is painted. */
function elementOf(document: Page, node: Node, tree: Tree): Element {
  const known = tree.elements.get(node);
  if (known) return known;
  const parent = node.parent ? elementOf(document, node.parent, tree) : tree.root;
  const element = document.struct(node.type, node.lang === undefined ? {} : { lang: node.lang });
  parent.add(element);
  tree.elements.set(node, element);
  return element;
}

function paintMarks(document: Page, marks: readonly Mark[]): void {
  for (const each of marks) {
    if ('text' in each) paintText(document, each.text);
    else paintRule(document, each.rule);
  }
}

const ink = '#000000';

function paintText(document: Page, { text, x, y, size, bold = false }: Text): void {
  document.font('label').fontSize(size).fillColor(ink);
  if (bold) document.lineWidth(boldLine(size)).strokeColor(ink);
  document.text(text, x, y, { lineBreak: false, baseline: 'alphabetic', fill: true, stroke: bold });
}

function paintRule(document: Page, { from, to, y, dashed = false }: Rule): void {
  document.save().lineWidth(0.6);
  if (dashed) document.dash(4, { space: 3 });
  document.moveTo(from, y).lineTo(to, y).stroke('#666666');
  document.restore();
}

/** What the page belongs to and its number; readers of the screen pass over it. */
function paintFoot(document: Page, { running = '', large = false }: Letter, page: string): void {
  document.markContent('Artifact', { type: 'Pagination' });
  document
    .font('label')
    .fontSize(large ? 12 : 8.5)
    .fillColor('#333333');
  const y = paper.height - 36;
  put(document, running, paper.left, y);
  put(document, page, paper.right, y, true);
  document.endMarkedContent();
}
