import type { ValueFault } from './elementType.ts';
import type { Segment } from './segment.ts';

/** The element a relational condition fails on, and the code for it. */
export interface Broken {
  readonly element: number;
  readonly fault: ValueFault;
}

interface Condition {
  readonly kind: string;
  readonly places: readonly number[];
}

const missing: ValueFault = { code: '2', sentence: 'is missing beside the elements that are there' };
const excluded: ValueFault = { code: '10', sentence: 'may not come together with another element' };

const read = new Map<string, Condition>();

function conditionOf(text: string): Condition {
  const known = read.get(text);
  if (known) return known;
  const made = { kind: text.charAt(0), places: (text.slice(1).match(/\d\d/g) ?? []).map(Number) };
  read.set(text, made);
  return made;
}

/**
 * Tests a relational condition: P all or none, R at least one, E at most one, C if the first then all
 * others, L if the first then one of the others.
 */
export function brokenCondition(text: string, { elements }: Segment): Broken | undefined {
  const { kind, places } = conditionOf(text);
  const first = places[0] ?? 0;
  let present = 0;
  let absent = 0; // the first that is not there
  let last = 0; // the last that is there
  for (const n of places) {
    const value = elements[n - 1];
    if (value === undefined || value === '') {
      if (absent === 0) absent = n;
    } else {
      present += 1;
      last = n;
    }
  }
  switch (kind) {
    case 'P':
      return present > 0 && absent > 0 ? { element: absent, fault: missing } : undefined;
    case 'R':
      return present === 0 ? { element: first, fault: missing } : undefined;
    case 'E':
      return present > 1 ? { element: last, fault: excluded } : undefined;
    case 'C':
      return absent > 0 && absent !== first ? { element: absent, fault: missing } : undefined;
    case 'L':
      return present === 1 && last === first ? { element: places[1] ?? first, fault: missing } : undefined;
    default:
      return undefined;
  }
}

/** A condition as bits of the elements it names: element 01 is bit 0. */
export interface ConditionMask {
  readonly kind: string;
  readonly first: number;
  readonly others: number;
}

export function conditionMask(text: string): ConditionMask {
  const { kind, places } = conditionOf(text);
  const [first = 0, ...others] = places.map((n) => 1 << (n - 1));
  return { kind, first, others: others.reduce((mask, bit) => mask | bit, 0) };
}

/** The same test on the bits of the elements that are there. */
export function isBroken({ kind, first, others }: ConditionMask, there: number): boolean {
  const found = there & (first | others);
  switch (kind) {
    case 'P':
      return found !== 0 && found !== (first | others);
    case 'R':
      return found === 0;
    case 'E':
      return (found & (found - 1)) !== 0;
    case 'C':
      return (there & first) !== 0 && (there & others) !== others;
    case 'L':
      return (there & first) !== 0 && (there & others) === 0;
    default:
      return false;
  }
}
