type Holder = Readonly<Record<string, unknown>>;

/** A rule of R4 on one data type that needs nothing but the value itself. */
export interface Invariant {
  readonly key: string; // as R4 names it; also the code of the issue
  readonly at: string | undefined; // the element that is at fault; undefined: the value as a whole
  readonly text: string;
  readonly holds: (value: Holder) => boolean;
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);
const there = (value: Holder, key: string): boolean =>
  value[key] !== undefined || value[`_${key}`] !== undefined;

/** True when the first is surely after the second: both days, cut to the same length, or both instants. */
function surelyAfter(start: unknown, end: unknown): boolean {
  if (typeof start !== 'string' || typeof end !== 'string') return false;
  if (start.includes('T') !== end.includes('T')) return false;
  if (start.includes('T')) return Date.parse(start) > Date.parse(end);
  const length = Math.min(start.length, end.length);
  return start.slice(0, length) > end.slice(0, length);
}

function hasValue(extension: Holder): boolean {
  for (const key in extension) if (key.startsWith('value') || key.startsWith('_value')) return true;
  return false;
}

const ofContained = (of: (resource: Holder) => boolean) => (value: Holder) =>
  list(value['contained']).every((r) => typeof r !== 'object' || r === null || of(r as Holder));

const quantity: readonly Invariant[] = [
  {
    key: 'qty-3',
    at: 'system',
    text: 'is required where there is a code for the unit',
    holds: (value) => !there(value, 'code') || there(value, 'system'),
  },
];

/** By data type. Other rules of R4 look further than one value, and are not structure. */
export const invariants: Readonly<Record<string, readonly Invariant[]>> = {
  Attachment: [
    {
      key: 'att-1',
      at: 'contentType',
      text: 'is required where there is data',
      holds: (value) => !there(value, 'data') || there(value, 'contentType'),
    },
  ],
  ContactPoint: [
    {
      key: 'cpt-2',
      at: 'system',
      text: 'is required where there is a value',
      holds: (value) => !there(value, 'value') || there(value, 'system'),
    },
  ],
  Extension: [
    {
      key: 'ext-1',
      at: undefined,
      text: 'must have either extensions or a value, not both and not neither',
      holds: (value) => there(value, 'extension') !== hasValue(value),
    },
  ],
  Period: [
    {
      key: 'per-1',
      at: 'end',
      text: 'must not be before the start',
      holds: (value) => !surelyAfter(value['start'], value['end']),
    },
  ],
  Quantity: quantity,
  Age: quantity,
  Count: quantity,
  Distance: quantity,
  Duration: quantity,
};

/** Of every resource that may contain others. */
export const containing: readonly Invariant[] = [
  {
    key: 'dom-2',
    at: 'contained',
    text: 'must not contain further resources',
    holds: ofContained((resource) => !there(resource, 'contained')),
  },
  {
    key: 'dom-4',
    at: 'contained',
    text: 'must have neither meta.versionId nor meta.lastUpdated',
    holds: ofContained(({ meta }) => {
      const { versionId, lastUpdated } = (meta ?? {}) as Holder;
      return versionId === undefined && lastUpdated === undefined;
    }),
  },
];
