import type { ElementType, ElementUse, Guide, LoopUse, SegmentUse, Usage, Use } from './guide.ts';

/**
 * The written form of a guide's table (guide/<id>.json): one line a loop or segment, one text an element.
 *
 * An element is `usage number type min-max name`, then ` *n` where it may repeat (`*` without limit) and ` = codes by comma` where the
 * guide lists them: `R 98 ID 2-3 Entity Identifier Code = 85`. A usage with `?` is unsure. A composite is a list: first
 * itself, `R C003 Composite Medical Procedure Identifier`, then its components. `N` alone is an element not used.
 * A loop with `like` has the content of another loop of the same id: the subscriber's 2300 serves the patient's as well.
 */
export interface WrittenSegment {
  readonly id: string;
  readonly name: string;
  readonly position: number;
  readonly usage: string;
  readonly repeat: number | null;
  readonly syntax?: readonly string[];
  readonly elements: readonly WrittenElement[];
}

export interface WrittenLoop {
  readonly loop: string;
  readonly name: string;
  readonly position: number;
  readonly usage: string;
  readonly repeat: number | null;
  readonly like?: string;
  readonly content?: readonly WrittenUse[];
}

export type WrittenUse = WrittenLoop | WrittenSegment;
export type WrittenElement = string | readonly string[];
export type WrittenGuide = Omit<Guide, 'content'> & { readonly content: readonly WrittenUse[] };

const elementTypes: readonly ElementType[] = ['AN', 'ID', 'DT', 'TM', 'N0', 'N2', 'R', 'B'];

function usage(text: string): { usage: Usage; unsure?: true } {
  const letter = text[0];
  if (letter !== 'R' && letter !== 'S' && letter !== 'N')
    throw new Error(`A guide's table names the usage ${text}.`);
  return text.endsWith('?') ? { usage: letter, unsure: true } : { usage: letter };
}

const simple = /^([RSN]\??) (\S+) ([A-Z][A-Z0-9]?) (\d+)-(\d+) (.*?)(?: \*(\d*))?(?: = (.*))?$/;
const composite = /^([RSN]\??) (C\d+) (.*?)(?: \*(\d*))?$/;

function readElement(written: string): ElementUse {
  if (written === 'N') return { name: 'Not Used', usage: 'N' };
  const match = simple.exec(written);
  const type = elementTypes.find((each) => each === match?.[3]);
  if (match === null || type === undefined)
    throw new Error(`A guide's table holds an element that cannot be read: ${written}`);
  const [, use = '', number, , min, max, name = '', repeat, codes] = match;
  return {
    name,
    ...usage(use),
    ...(number === undefined || number === '-' ? {} : { number }),
    type,
    min: Number(min),
    max: Number(max),
    ...(codes === undefined ? {} : { codes: codes.split(',') }),
    ...(repeat === undefined ? {} : { repeat: repeat === '' ? null : Number(repeat) }),
  };
}

function readComposite([head = '', ...parts]: readonly string[]): ElementUse {
  const match = composite.exec(head);
  if (match === null) throw new Error(`A guide's table holds a composite that cannot be read: ${head}`);
  const [, use = '', number = '', name = '', repeat] = match;
  return {
    name,
    ...usage(use),
    number,
    components: parts.map(readElement),
    ...(repeat === undefined ? {} : { repeat: repeat === '' ? null : Number(repeat) }),
  };
}

function readUse(written: WrittenUse, known: Map<string, readonly Use[]>): Use {
  const { name, position, repeat } = written;
  if ('loop' in written) {
    const content = written.content?.map((each) => readUse(each, known)) ?? known.get(written.like ?? '');
    if (content === undefined)
      throw new Error(`A guide's table names the loop ${String(written.like)} before it is there.`);
    known.set(written.loop, content);
    const loop: LoopUse = { id: written.loop, name, position, ...usage(written.usage), repeat, content };
    return loop;
  }
  const segment: SegmentUse = {
    id: written.id,
    name,
    position,
    ...usage(written.usage),
    repeat,
    elements: written.elements.map((each) =>
      typeof each === 'string' ? readElement(each) : readComposite(each),
    ),
    ...(written.syntax === undefined ? {} : { syntax: written.syntax }),
  };
  return segment;
}

/** The guide of its written form. */
export function readGuideTable(written: WrittenGuide): Guide {
  const known = new Map<string, readonly Use[]>();
  return { ...written, content: written.content.map((each) => readUse(each, known)) };
}
