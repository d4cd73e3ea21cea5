import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { ElementType, ElementUse, LoopUse, SegmentUse, Usage, Use } from '../../src/x12/guide.ts';
import { type Node, readXml } from './xml.ts';

/** A data element of the dictionary: type and lengths by its reference number. */
interface DataElement {
  readonly type: ElementType;
  readonly min: number;
  readonly max: number;
}

export type Dictionary = ReadonlyMap<string, DataElement>;

const types: readonly ElementType[] = ['AN', 'ID', 'DT', 'TM', 'N0', 'N2', 'R', 'B'];

function typeOf(value: string): ElementType {
  const found = types.find((type) => type === value);
  if (found === undefined) throw new Error(`unknown data type ${value}`);
  return found;
}

export function readDictionary(folder: string): Dictionary {
  const root = readXml(readFileSync(join(folder, 'dataele.xml'), 'utf8'));
  return new Map(
    root.children.map(({ attributes: a }) => [
      a.ele_num ?? '',
      { type: typeOf(a.data_type ?? ''), min: Number(a.min_len), max: Number(a.max_len) },
    ]),
  );
}

/** The maps write a property as an attribute or as a child element. */
function property(node: Node, name: string): string {
  return node.attributes[name] ?? node.children.find((child) => child.tag === name)?.text ?? '';
}

function usageOf(node: Node): Usage {
  const usage = property(node, 'usage');
  if (usage === 'R' || usage === 'S' || usage === 'N') return usage;
  throw new Error(`unknown usage ${usage} of ${node.attributes.xid ?? ''}`);
}

function countOf(text: string): number | null {
  return text === '>1' ? null : Number(text || '1');
}

function elementUse(node: Node, dictionary: Dictionary): ElementUse {
  const number = property(node, 'data_ele');
  const repeat = property(node, 'repeat');
  const base = {
    name: property(node, 'name'),
    usage: usageOf(node),
    number,
    ...(repeat === '' ? {} : { repeat: countOf(repeat) }),
  };
  if (node.tag === 'composite') {
    const parts = node.children.filter(({ tag }) => tag === 'element');
    return { ...base, components: parts.map((part) => elementUse(part, dictionary)) };
  }
  const codes =
    node.children.find(({ tag }) => tag === 'valid_codes')?.children.map(({ text }) => text) ?? [];
  const known = dictionary.get(number);
  if (known === undefined) throw new Error(`data element ${number} is not in the dictionary`);
  return { ...base, ...known, ...(codes.length === 0 ? {} : { codes: [...new Set(codes)] }) };
}

function segmentUse(node: Node, dictionary: Dictionary): SegmentUse {
  const syntax = node.children.filter(({ tag }) => tag === 'syntax').map(({ text }) => text);
  const elements = node.children.filter(({ tag }) => tag === 'element' || tag === 'composite');
  return {
    id: node.attributes.xid ?? '',
    name: property(node, 'name'),
    position: Number(property(node, 'pos')),
    usage: usageOf(node),
    repeat: countOf(property(node, 'max_use')),
    elements: elements.map((element) => elementUse(element, dictionary)),
    ...(syntax.length === 0 ? {} : { syntax }),
  };
}

/** Wrappers (header, detail, footer) are no loops of the guide: their content moves up. */
const wrapper = /^(ISA_LOOP|GS_LOOP|ST_LOOP|HEADER|DETAIL|FOOTER|TABLE.*)$/;

function contentOf(node: Node, dictionary: Dictionary): Use[] {
  return node.children.flatMap((child): Use[] => {
    if (child.tag === 'segment') return [segmentUse(child, dictionary)];
    if (child.tag !== 'loop') return [];
    const id = child.attributes.xid ?? '';
    const content = contentOf(child, dictionary);
    if (wrapper.test(id)) return content;
    const loop: LoopUse = {
      id,
      name: property(child, 'name'),
      position: Number(property(child, 'pos')),
      usage: usageOf(child),
      repeat: countOf(property(child, 'repeat')),
      content,
    };
    return [loop];
  });
}

/** All uses of one map in their order, envelope segments among them where the map holds them. */
export function readPyx12(folder: string, file: string, dictionary: Dictionary): Use[] {
  return contentOf(readXml(readFileSync(join(folder, file), 'utf8')), dictionary);
}
