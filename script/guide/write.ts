import { type ElementUse, type Guide, isLoop, type Use } from '../../src/x12/guide.ts';

/** Writes a guide in the form that src/x12/guideTable.ts reads: one line a loop or segment. */

const mark = (use: { usage: string; unsure?: true }): string =>
  `${use.usage}${use.unsure === true ? '?' : ''}`;

function repeatOf(repeat: number | null | undefined): string {
  if (repeat === undefined || repeat === 1) return '';
  return repeat === null ? ' *' : ` *${repeat}`;
}

function simpleLine(element: ElementUse): string {
  if (element.usage === 'N') return 'N';
  const { type, min, max, codes } = element;
  const list = codes === undefined ? '' : ` = ${codes.join(',')}`;
  return `${mark(element)} ${element.number ?? '-'} ${type ?? 'AN'} ${min ?? 1}-${max ?? 80} ${element.name}${repeatOf(element.repeat)}${list}`;
}

function elementLine(element: ElementUse): string | string[] {
  if (element.usage === 'N' || element.components === undefined) return simpleLine(element);
  return [
    `${mark(element)} ${element.number ?? ''} ${element.name}${repeatOf(element.repeat)}`,
    ...element.components.map(simpleLine),
  ];
}

function lines(use: Use, indent: string, written: Map<string, string>): string {
  const head = { name: use.name, position: use.position, usage: mark(use), repeat: use.repeat };
  if (!isLoop(use)) {
    const syntax = use.syntax === undefined ? {} : { syntax: use.syntax };
    return `${indent}${JSON.stringify({ id: use.id, ...head, ...syntax, elements: use.elements.map(elementLine) })}`;
  }
  const content = use.content.map((each) => lines(each, '', new Map())).join('\n');
  const open = JSON.stringify({ loop: use.id, ...head }).slice(0, -1);
  if (written.get(use.id) === content) return `${indent}${open},"like":"${use.id}"}`;
  written.set(use.id, content);
  const inner = use.content.map((each) => lines(each, `${indent} `, written)).join(',\n');
  return `${indent}${open},"content":[\n${inner}\n${indent}]}`;
}

export function writeGuide({ content, ...head }: Guide): string {
  const written = new Map<string, string>();
  const body = content.map((use) => lines(use, ' ', written)).join(',\n');
  return `${JSON.stringify(head).slice(0, -1)},"content":[\n${body}\n]}\n`;
}
