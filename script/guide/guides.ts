import type { Guide, LoopUse, SegmentUse, Use } from '../../src/x12/guide.ts';
import { isLoop } from '../../src/x12/guide.ts';
import { corrections, loosened } from './corrections.ts';
import { unsure } from './derive.ts';
import { derivedGuides } from './derivedGuides.ts';
import { compared, readLinuxForHealth } from './linuxForHealth.ts';
import { type Dictionary, readDictionary, readPyx12 } from './pyx12.ts';
import { changed, ranked, segmentAt, withElement } from './shape.ts';
import { readTigerShark } from './tigershark.ts';

export interface Folders {
  readonly pyx12: string;
  readonly tigerShark: string;
  readonly linuxForHealth: string;
}

export interface Wanted {
  readonly map: string;
  readonly id: string;
  readonly name: string;
  readonly set: string;
  readonly functionalGroup: string;
  readonly versions: readonly string[];
  readonly units: readonly string[];
  readonly readOnly?: true;
  /** The model of the second source. */
  readonly second?: string;
}

const institutional = ['005010X223A2', '005010X223A3', '005010X223', '005010X223A1'];

const wanted: readonly Wanted[] = [
  {
    map: '837.5010.X222.A1.xml',
    id: '005010X222A1',
    name: 'Health Care Claim: Professional',
    set: '837',
    functionalGroup: 'HC',
    versions: ['005010X222A1', '005010X222A2', '005010X222'],
    units: ['2300'],
    second: 'v5010/x12_837_005010X222A2',
  },
  {
    map: '837Q3.I.5010.X223.A1.v2.xml',
    id: '005010X223A2',
    name: 'Health Care Claim: Institutional',
    set: '837',
    functionalGroup: 'HC',
    versions: institutional,
    units: ['2300'],
    second: 'v5010/x12_837_005010X223A3',
  },
  {
    map: '835.5010.X221.A1.v2.xml',
    id: '005010X221A1',
    name: 'Health Care Claim Payment/Advice',
    set: '835',
    functionalGroup: 'HP',
    versions: ['005010X221A1', '005010X221'],
    units: ['2100'],
    second: 'v5010/x12_835_005010X221A1',
  },
  {
    map: '999.5010X231.A1.xml',
    id: '005010X231A1',
    name: 'Implementation Acknowledgment',
    set: '999',
    functionalGroup: 'FA',
    versions: ['005010X231A1', '005010X231'],
    units: ['2000'],
  },
  {
    map: '277.5010.X214.xml',
    id: '005010X214',
    name: 'Health Care Claim Acknowledgment',
    set: '277',
    functionalGroup: 'HN',
    versions: ['005010X214'],
    units: ['2000D'],
  },
  {
    map: '277.5010.X212.xml',
    id: '005010X212-277',
    name: 'Health Care Claim Status Response',
    set: '277',
    functionalGroup: 'HN',
    versions: ['005010X212'],
    units: ['2000D'],
    second: 'v5010/x12_277_005010X212',
  },
  {
    map: 'M270_5010_X279_A1.py',
    id: '005010X279A1-270',
    name: 'Health Care Eligibility Benefit Inquiry',
    set: '270',
    functionalGroup: 'HS',
    versions: ['005010X279A1', '005010X279'],
    units: ['2000C'],
    second: 'v5010/x12_270_005010X279A1',
  },
  {
    map: 'M271_5010_X279_A1.py',
    id: '005010X279A1-271',
    name: 'Health Care Eligibility Benefit Response',
    set: '271',
    functionalGroup: 'HB',
    versions: ['005010X279A1', '005010X279'],
    units: ['2000C'],
    second: 'v5010/x12_271_005010X279A1',
  },
  {
    map: '837.4010.X098.A1.xml',
    id: '004010X098A1',
    name: 'Health Care Claim: Professional',
    set: '837',
    functionalGroup: 'HC',
    versions: ['004010X098A1', '004010X098'],
    units: ['2300'],
    readOnly: true,
    second: 'v4010/x12_837_004010X098A1',
  },
  {
    map: '837.4010.X096.A1.xml',
    id: '004010X096A1',
    name: 'Health Care Claim: Institutional',
    set: '837',
    functionalGroup: 'HC',
    versions: ['004010X096A1', '004010X096'],
    units: ['2300'],
    readOnly: true,
    second: 'v4010/x12_837_004010X096A1',
  },
  {
    map: '837.4010.X097.A1.xml',
    id: '004010X097A1',
    name: 'Health Care Claim: Dental',
    set: '837',
    functionalGroup: 'HC',
    versions: ['004010X097A1', '004010X097'],
    units: ['2300'],
    readOnly: true,
  },
  {
    map: '835.4010.X091.A1.xml',
    id: '004010X091A1',
    name: 'Health Care Claim Payment/Advice',
    set: '835',
    functionalGroup: 'HP',
    versions: ['004010X091A1', '004010X091'],
    units: ['2100'],
    readOnly: true,
  },
];

export const envelope = new Set(['ISA', 'GS', 'GE', 'TA1', 'IEA']);

function read(map: string, { pyx12, tigerShark }: Folders, dictionary: Dictionary): Use[] {
  if (map.endsWith('.xml')) return readPyx12(pyx12, map, dictionary);
  return readTigerShark(tigerShark, map, numbers(pyx12, dictionary));
}

/** Data element numbers by the element's id ('NM101' → '98'), of the older maps of the same transactions. */
function numbers(pyx12: string, dictionary: Dictionary): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (use: Use): void => {
    if (isLoop(use)) {
      use.content.forEach(visit);
      return;
    }
    use.elements.forEach((element, at) => {
      const id = `${use.id}${String(at + 1).padStart(2, '0')}`;
      if (element.number !== undefined) found.set(id, element.number);
      element.components?.forEach((part, n) => {
        if (part.number !== undefined) found.set(`${id}-${String(n + 1).padStart(2, '0')}`, part.number);
      });
    });
  };
  for (const map of ['271.4010.X092.A1.xml', '270.4010.X092.A1.xml', '277.5010.X212.xml'])
    readPyx12(pyx12, map, dictionary).forEach(visit);
  return found;
}

/** Puts each HL loop into the one above it: the map of 277 X212 lists them side by side. */
function nested(content: readonly Use[]): Use[] {
  const levels = content.filter((use): use is LoopUse => isLoop(use) && /^2000[A-F]$/.test(use.id));
  if (levels.length < 2) return [...content];
  const [first, ...rest] = levels;
  const tree = rest.reduceRight<LoopUse | undefined>(
    (inner, level) =>
      inner === undefined ? level : { ...level, content: [...level.content, { ...inner, position: 9000 }] },
    undefined,
  );
  const whole = (level: LoopUse): LoopUse => {
    if (tree === undefined) return level;
    const last = level.content.findLast((use): use is LoopUse => isLoop(use) && /^2000/.test(use.id));
    if (last === undefined) return { ...level, content: [...level.content, { ...tree, position: 9000 }] };
    return { ...level, content: level.content.map((use) => (use === last ? whole(last) : use)) };
  };
  return content.flatMap((use) => {
    if (use === first) return [whole(first)];
    return rest.some((level) => level === use) ? [] : [use];
  });
}

/** ST03 and its versions: the map knows one, partners send the guide's older and newer addenda. */
export function withVersions(
  segment: SegmentUse,
  { versions, readOnly }: Pick<Guide, 'versions' | 'readOnly'>,
): SegmentUse {
  if (readOnly === true || segment.elements.length < 3) return segment;
  const asked = segment.elements[2]?.usage === 'R';
  return withElement(segment, 3, { codes: versions, ...(asked ? {} : { usage: 'S', unsure: true }) });
}

function guide(want: Wanted, folders: Folders, dictionary: Dictionary): Guide {
  const { map, second, ...head } = want;
  const raw = read(map, folders, dictionary).filter(({ id }) => !envelope.has(id));
  const shaped = ranked(nested(raw), false);
  const seen =
    second === undefined ? shaped : compared(shaped, readLinuxForHealth(folders.linuxForHealth, second));
  const right = loosened(want.id, corrections[want.id]?.(seen) ?? seen);
  // The samples of 4010 differ from its maps in many places: all of it is reported, nothing refused.
  const correct = want.readOnly === true ? right.map(unsure) : right;
  const content = changed(correct, (use) =>
    !isLoop(use) && use.id === 'ST' ? withVersions(use, want) : use,
  );
  const source = map.endsWith('.py') ? `TigerShark 0.3.4 ${map}` : `pyx12 4.0.0 ${map}`;
  const compare = second === undefined ? '' : `, compared with linuxforhealth-x12 0.57.0 ${second}`;
  return { ...head, source: `${source}${compare}`, content };
}

/** ISA, GS, GE, TA1 and IEA: the envelope of every interchange. */
function envelopeGuide({ pyx12 }: Folders, dictionary: Dictionary): Guide {
  const uses = readPyx12(pyx12, 'x12.control.00501.xml', dictionary);
  return {
    id: '00501',
    name: 'Interchange Control Structure',
    set: '',
    functionalGroup: '',
    versions: ['00501', '00401'],
    units: [],
    source: 'pyx12 4.0.0 x12.control.00501.xml',
    content: ['ISA', 'TA1', 'GS', 'GE', 'IEA'].map((id, at) => ({
      ...segmentAt(uses, id),
      position: at + 1,
    })),
  };
}

export function guides(folders: Folders): Guide[] {
  const dictionary = readDictionary(folders.pyx12);
  const made = wanted.map((want) => guide(want, folders, dictionary));
  return [envelopeGuide(folders, dictionary), ...made, ...derivedGuides(made, folders, dictionary)];
}
