import { type ElementUse, isLoop, type LoopUse, type SegmentUse, type Use } from '../../src/x12/guide.ts';
import { changed, loopAt, segmentAt, withElement } from './shape.ts';

const isSegment = (use: Use, id: string): use is SegmentUse => !isLoop(use) && use.id === id;

/** A segment whose usage billing.md confirms, whatever the second source says. */
const sure = ({ id, name, position, usage, repeat, elements, syntax }: SegmentUse): SegmentUse => ({
  id,
  name,
  position,
  usage,
  repeat,
  elements,
  ...(syntax === undefined ? {} : { syntax }),
});

/**
 * 271, 2110C and 2110D: the map has III beside its loop 2115 as well, LS and LE in the loops between them. LS and LE stand
 * around the repeats of 2120, 2115 holds III alone.
 */
function benefit(loop: LoopUse): LoopUse {
  const level = loop.id.slice(-1);
  const additional = loopAt(loop.content, `2115${level}`);
  const entity = loopAt(loop.content, `2120${level}`);
  const iii = segmentAt(additional.content, 'III');
  const rest = loop.content.filter((use) => !isLoop(use) && use.id !== 'III' && use.id !== 'LS');
  const last = rest.length + 1;
  return {
    ...loop,
    content: [
      ...rest.map((use, at) => ({ ...use, position: at + 1 })),
      { ...additional, position: last, content: [{ ...iii, usage: 'R', position: 1 }] },
      { ...sure(segmentAt(loop.content, 'LS')), position: last + 1 },
      { ...entity, position: last + 2, content: entity.content.filter(({ id }) => id !== 'LE') },
      { ...segmentAt(entity.content, 'LE'), position: last + 3 },
    ],
  };
}

/** One element or component of a segment in a loop ('' is the set) that valid samples use otherwise than the map says. */
interface Loosening {
  readonly loop: RegExp;
  readonly segment: string;
  /** The qualifier in element 01, where only one use of the segment is meant. */
  readonly qualifier?: string;
  readonly element?: number;
  readonly component?: number;
  readonly change: Partial<ElementUse>;
}

const everywhere = /(?:)/;

/** What valid samples contradict: situational, or with more codes, and unsure. */
const loosenings: Readonly<Record<string, readonly Loosening[]>> = {
  '005010X222A1': [
    { loop: /2300$/, segment: 'CLM', element: 5, component: 2, change: { usage: 'S' } },
    { loop: /2320$/, segment: '2330B', change: { usage: 'S' } },
  ],
  '005010X223A2': [
    { loop: /2000B$/, segment: '2300', change: { usage: 'S' } }, // it lies in 2000C where the patient is somebody else
    { loop: /2300$/, segment: 'CLM', element: 6, change: signature() },
    { loop: /2300$/, segment: 'DTP', qualifier: '434', element: 2, change: { codes: ['D8', 'RD8'] } },
    { loop: /2320$/, segment: '2330B', change: { usage: 'S' } },
  ],
  '004010X096A1': [{ loop: /2000B$/, segment: '2300', change: { usage: 'S' } }],
  '005010X221A1': [
    { loop: /1000A$/, segment: 'PER', qualifier: 'BL', change: { usage: 'S' } },
    ...[9, 11].map((element) => ({ loop: /2000$/, segment: 'TS3', element, change: amount() })),
  ],
  '005010X212-276': [
    { loop: /^$/, segment: 'BHT', element: 6, change: { usage: 'S' } },
    { loop: everywhere, segment: 'SVC', element: 3, change: { usage: 'S' } },
  ],
  '005010X214': [
    { loop: /2000B$/, segment: '2000C', change: { usage: 'S' } },
    { loop: /2000C$/, segment: '2000D', change: { usage: 'S' } },
    { loop: /2000C$/, segment: '2200C', change: { usage: 'S' } },
    { loop: /2000[BC]$/, segment: 'HL', element: 4, change: { codes: ['0', '1'] } },
    { loop: /2200C$/, segment: 'STC', change: { usage: 'S' } },
    { loop: /2200C$/, segment: 'TRN', change: { usage: 'S' } },
    { loop: everywhere, segment: 'STC', element: 2, change: statusDate() },
  ],
};

function signature(): Partial<ElementUse> {
  return {
    name: 'Provider or Supplier Signature Indicator',
    usage: 'S',
    number: '1073',
    type: 'ID',
    min: 1,
    max: 1,
  };
}

function amount(): Partial<ElementUse> {
  return { name: 'Monetary Amount', usage: 'S', number: '782', type: 'R', min: 1, max: 18 };
}

function statusDate(): Partial<ElementUse> {
  return { name: 'Status Information Effective Date', usage: 'S', number: '373', type: 'DT', min: 8, max: 8 };
}

/** The content with the loosenings of its guide. */
export function loosened(id: string, content: readonly Use[]): Use[] {
  const own = loosenings[id] ?? [];
  return changed(content, (use, path) =>
    own
      .filter(
        ({ loop, segment, qualifier }) =>
          loop.test(path) && segment === use.id && isQualified(use, qualifier),
      )
      .reduce(loosenedUse, use),
  );
}

const isQualified = (use: Use, qualifier: string | undefined): boolean =>
  qualifier === undefined || (!isLoop(use) && use.elements[0]?.codes?.includes(qualifier) === true);

function loosenedUse(use: Use, { element, component, change }: Loosening): Use {
  if (element === undefined || isLoop(use)) return { ...use, usage: change.usage ?? use.usage, unsure: true };
  if (component === undefined) return withElement(use, element, { ...change, unsure: true });
  const parts = use.elements[element - 1]?.components ?? [];
  const components = parts.map((part, n) =>
    n === component - 1 ? { ...part, ...change, unsure: true as const } : part,
  );
  return withElement(use, element, { components });
}

/** STC: the entity codes are an outside list; samples name more than the maps. */
export const openEntities = (content: readonly Use[]): Use[] =>
  changed(content, (use) => {
    if (!isSegment(use, 'STC')) return use;
    return {
      ...use,
      elements: use.elements.map((element) =>
        element.components === undefined
          ? element
          : {
              ...element,
              components: element.components.map((part, n) => (n === 2 ? withoutCodes(part) : part)),
            },
      ),
    };
  });

const withoutCodes = ({ codes: _codes, ...rest }: ElementUse): ElementUse => rest;

/** AMT*F2 of 4010: samples of other payers' answers still send it, and the second source takes any qualifier. */
function withPatientShare(loop: LoopUse): LoopUse {
  const amount = segmentAt(loop.content, 'AMT');
  const share = withElement(amount, 1, { codes: ['F2'] });
  const at = loop.content.findLastIndex(({ id }) => id === 'AMT') + 1;
  const added = { ...share, name: 'Patient Responsibility Amount', unsure: true } as const;
  return { ...loop, content: [...loop.content.slice(0, at), added, ...loop.content.slice(at)] };
}

/** What the maps of a guide say wrongly, put right. */
export const corrections: Readonly<Record<string, (content: readonly Use[]) => Use[]>> = {
  '005010X222A1': (content) =>
    changed(content, (use) => {
      if (isSegment(use, 'HI')) return sure(use);
      return isLoop(use) && use.id === '2320' ? withPatientShare(use) : use;
    }),
  '005010X214': openEntities,
  '005010X212-277': openEntities,
  '005010X279A1-270': (content) =>
    changed(content, (use) => (isSegment(use, 'EQ') ? withElement(use, 1, { repeat: 99 }) : use)),
  '005010X279A1-271': (content) =>
    changed(content, (use) => {
      if (isSegment(use, 'EB')) return withElement(use, 3, { repeat: 99 });
      return isLoop(use) && use.id.startsWith('2110') ? benefit(use) : use;
    }),
  // loop names of the claim guides have up to six characters
  '005010X231A1': (content) =>
    changed(content, (use) => (isSegment(use, 'IK3') ? withElement(use, 3, { max: 6 }) : use)),
};
