import { typeFault } from './elementType.ts';
import type { ElementUse, SegmentUse } from './guide.ts';
import type { Segment } from './segment.ts';
import { conditionMask, isBroken } from './syntax.ts';
import type { ConditionMask } from './syntax.ts';

/**
 * The quick look at a segment: true means that nothing is wrong with it. Where it is false, checkSegment looks
 * again and names what is wrong. Nearly every segment is sound, so this is what reading costs.
 */
type Quick = (value: string, before: string, marks: Marks) => boolean;

/** The separators that may not stand in a simple value, as character codes; -1 where there is none. */
interface Marks {
  readonly component: number;
  readonly repetition: number;
  readonly text: string; // of the component separator
}

/** A use made ready for the quick look. */
export interface QuickUse {
  readonly elements: readonly Quick[];
  readonly required: number;
  readonly conditions: readonly ConditionMask[];
}

let lastComponent = '';
let lastRepetition = '';
let marks: Marks = { component: -1, repetition: -1, text: '' };

function marksOf(component: string, repetition: string): Marks {
  if (component === lastComponent && repetition === lastRepetition) return marks;
  lastComponent = component;
  lastRepetition = repetition;
  const code = (text: string): number => (text === '' ? -1 : text.charCodeAt(0));
  marks = { component: code(component), repetition: code(repetition), text: component };
  return marks;
}

/** True where every element of the segment is as its use says. */
export function isSound(segment: Segment, quick: QuickUse): boolean {
  const { elements, delimiters } = segment;
  const { length } = elements;
  if (length > quick.elements.length) return false;
  const separators = marksOf(delimiters.component, delimiters.repetition);
  let there = 0;
  let before = '';
  for (let at = 0; at < length; at += 1) {
    const value = elements[at] ?? '';
    if (value !== '') {
      there |= 1 << at;
      const look = quick.elements[at];
      if (!look?.(value, before, separators)) return false;
    }
    before = value;
  }
  if ((there & quick.required) !== quick.required) return false;
  for (const condition of quick.conditions) if (isBroken(condition, there)) return false;
  return true;
}

/** Elements are counted in the bits of a number; no segment has more than 31. */
export function quickUse(use: SegmentUse): QuickUse {
  const required = use.elements.reduce((mask, { usage }, at) => (usage === 'R' ? mask | (1 << at) : mask), 0);
  return {
    elements: use.elements.length > 31 ? [] : use.elements.map(quickElement),
    required,
    conditions: (use.syntax ?? []).map(conditionMask),
  };
}

function quickElement(use: ElementUse): Quick {
  if (use.usage === 'N') return () => false;
  const { components, codes, number } = use;
  if (components) return quickComposite(components);
  if (codes && codes.length > 0) return quickCode(codes);
  const value = quickValue(use);
  if (number !== '1251') return value;
  return (text, before, separators) => {
    if (before === 'D8') return text.length === 8 && isSoundDate(text);
    return before !== 'RD8' && before !== 'DT' && before !== 'TM' && before !== 'D6'
      ? value(text, before, separators)
      : false;
  };
}

function quickCode(codes: readonly string[]): Quick {
  const [first = '', second = first, third = second] = codes;
  if (codes.length < 4) return (text) => text === first || text === second || text === third;
  const all = new Set(codes);
  if (codes.some((code) => code.length > 3)) return (text) => all.has(text);
  const keys = new Set(codes.map(shortKey));
  return (text) => text.length < 4 && keys.has(shortKey(text));
}

/** A number for a text of up to three characters of the basic set: looking it up is quicker than the text. */
const shortKey = (text: string): number => {
  let key = 0;
  for (let at = 0; at < text.length; at += 1) key = (key << 8) | text.charCodeAt(at);
  return key;
};

function quickComposite(uses: readonly ElementUse[]): Quick {
  const parts = uses.map(quickElement);
  const required = uses.reduce((mask, { usage }, at) => (usage === 'R' ? mask | (1 << at) : mask), 0);
  return (text, _, separators) => {
    const { component } = separators;
    let [there, start, n, before] = [0, 0, 0, ''];
    for (let at = 0; at <= text.length; at += 1) {
      if (at < text.length && text.charCodeAt(at) !== component) continue;
      if (n >= parts.length) return false;
      if (at > start) {
        const part = text.slice(start, at);
        there |= 1 << n;
        if (!parts[n]?.(part, before, separators)) return false;
        before = part;
      } else before = '';
      start = at + 1;
      n += 1;
    }
    return (there & required) === required;
  };
}

function quickValue({ type, min = 0, max = Infinity }: ElementUse): Quick {
  switch (type) {
    case 'DT':
      return (text) => text.length >= min && text.length <= max && isSoundDate(text);
    case 'N0':
    case 'N2':
    case 'R':
      return (text) => isSoundNumber(text, type === 'R', min, max);
    case 'AN':
    case 'ID':
      return (text, _, separators) => text.length >= min && text.length <= max && isPlain(text, separators);
    default:
      return (text, _, separators) =>
        text.length >= min &&
        text.length <= max &&
        isPlain(text, separators) &&
        typeFault(type, text) === undefined;
  }
}

/** Printable, and none of the separators within. */
function isPlain(text: string, { component, repetition }: Marks): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 32 || code === 127 || code === component || code === repetition) return false;
  }
  return true;
}

/** Digits with at most one point, no sign: what has one is looked at again. */
function isSoundNumber(text: string, mayBeDecimal: boolean, min: number, max: number): boolean {
  let points = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 46) points += 1;
    else if (code < 48 || code > 57) return false;
  }
  const digits = text.length - points;
  return points <= (mayBeDecimal ? 1 : 0) && digits > 0 && digits >= min && digits <= max;
}

/** CCYYMMDD with a day that every month has; another is looked at again. */
function isSoundDate(text: string): boolean {
  if (text.length !== 8) return false;
  for (let at = 0; at < 8; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 48 || code > 57) return false;
  }
  const month = (text.charCodeAt(4) - 48) * 10 + text.charCodeAt(5) - 48;
  const day = (text.charCodeAt(6) - 48) * 10 + text.charCodeAt(7) - 48;
  return month >= 1 && month <= 12 && day >= 1 && day <= 28;
}
