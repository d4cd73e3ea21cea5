import { countedLength, formatFault, typeFault } from './elementType.ts';
import type { ValueFault } from './elementType.ts';
import type { Fault } from './fault.ts';
import type { ElementUse, SegmentUse } from './guide.ts';
import type { Segment } from './segment.ts';
import { brokenCondition } from './syntax.ts';

/** Where faults of a segment are put, and what else they say. */
export interface SegmentContext {
  readonly loop: string;
  readonly faults: Fault[];
}

/** Which part of the segment a value stands in. */
interface Place {
  readonly element: number;
  readonly component?: number;
  readonly repeat?: number;
}

interface Look {
  readonly segment: Segment;
  readonly context: SegmentContext;
  readonly unsure: boolean;
}

/** Looks at every element of a segment as its use in the guide says. */
export function checkSegment(segment: Segment, use: SegmentUse, context: SegmentContext): void {
  const { elements } = segment;
  const look: Look = { segment, context, unsure: use.unsure === true };
  const declared = use.elements.length;
  for (let at = 0; at < declared; at += 1) {
    const element = use.elements[at];
    if (element) checkElement(look, element, at);
  }
  for (let at = declared; at < elements.length; at += 1) {
    if (elements[at] === '') continue;
    report(look, undefined, { element: at + 1 }, { code: '3', sentence: 'is more than the segment has' });
    break;
  }
  if (use.syntax) checkSyntax(look, use);
}

function checkElement(look: Look, use: ElementUse, at: number): void {
  const value = look.segment.elements[at] ?? '';
  const place = { element: at + 1 };
  if (value === '') {
    if (use.usage === 'R') report(look, use, place, { code: '1', sentence: 'is required and missing' });
    return;
  }
  if (use.usage === 'N') {
    report(look, use, place, { code: 'I10', sentence: 'is not used in this guide' });
    return;
  }
  const { repetition } = look.segment.delimiters;
  if (repetition === '' || use.type === 'B' || !value.includes(repetition)) {
    checkValue(look, use, { value, place });
    return;
  }
  const all = value.split(repetition);
  const most = use.repeat === undefined ? 1 : use.repeat;
  if (most !== null && all.length > most)
    report(look, use, place, { code: '12', sentence: 'repeats more often than it may' });
  all.forEach((one, n) => {
    if (one !== '') checkValue(look, use, { value: one, place: { ...place, repeat: n + 1 } });
  });
}

function checkValue(look: Look, use: ElementUse, found: { value: string; place: Place }): void {
  const { value, place } = found;
  if (use.components) {
    checkComposite(look, use.components, found);
    return;
  }
  const wrong = valueFault(look, use, found);
  if (wrong) report(look, use, place, wrong);
  else if (use.number === '1251') {
    const format = look.segment.elements[place.element - 2] ?? '';
    const misfit = place.component === undefined ? formatFault(format, value) : undefined;
    if (misfit) report(look, use, place, misfit);
  }
}

function valueFault(
  look: Look,
  use: ElementUse,
  { value, place }: { value: string; place: Place },
): ValueFault | undefined {
  if (use.codes !== undefined && use.codes.length > 0) {
    if (use.codes.includes(value)) return undefined;
    return { code: '7', sentence: 'has a code this guide does not allow here' };
  }
  const { component } = look.segment.delimiters;
  if (place.component === undefined && use.type !== 'B' && value.includes(component))
    return { code: '13', sentence: 'has components and is no composite' };
  const length = countedLength(use.type, value);
  if (use.min !== undefined && length < use.min) return { code: '4', sentence: 'is too short' };
  if (use.max !== undefined && length > use.max) return { code: '5', sentence: 'is too long' };
  return typeFault(use.type, value);
}

function checkComposite(
  look: Look,
  uses: readonly ElementUse[],
  { value, place }: { value: string; place: Place },
): void {
  const parts = value.split(look.segment.delimiters.component);
  for (let n = 0; n < uses.length; n += 1) {
    const use = uses[n];
    if (!use) continue;
    const part = parts[n] ?? '';
    const here = { ...place, component: n + 1 };
    if (part === '') {
      if (use.usage === 'R') report(look, use, here, { code: '1', sentence: 'is required and missing' });
    } else if (use.usage === 'N') {
      report(look, use, here, { code: 'I10', sentence: 'is not used in this guide' });
    } else {
      const wrong = valueFault(look, use, { value: part, place: here });
      const format = use.number === '1251' ? (parts[n - 1] ?? '') : '';
      const misfit = wrong ?? (format === '' ? undefined : formatFault(format, part));
      if (misfit) report(look, use, here, misfit);
    }
  }
  if (parts.length > uses.length && parts.slice(uses.length).some((part) => part !== ''))
    report(look, undefined, place, { code: '13', sentence: 'has more components than it may' });
}

function checkSyntax(look: Look, use: SegmentUse): void {
  for (const condition of use.syntax ?? []) {
    const broken = brokenCondition(condition, look.segment);
    if (broken) report(look, use.elements[broken.element - 1], { element: broken.element }, broken.fault);
  }
}

function report(look: Look, use: ElementUse | undefined, place: Place, wrong: ValueFault): void {
  const { segment, context } = look;
  const part = place.component === undefined ? '' : `-${place.component}`;
  const name = `${segment.id}${String(place.element).padStart(2, '0')}${part}`;
  context.faults.push({
    level: 'element',
    code: wrong.code,
    segmentId: segment.id,
    position: segment.position,
    loop: context.loop,
    ...place,
    ...(use?.number === undefined ? {} : { number: use.number }),
    sentence: `${name} ${wrong.sentence}.`,
    refuses: !(look.unsure || use?.unsure === true),
  });
}
