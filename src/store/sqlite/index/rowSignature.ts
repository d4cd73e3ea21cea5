import type { Resource, ResourceType } from '@medplum/fhirtypes';
import type { FilterValue, IndexEntry, SearchParameter } from '../../../search/query.ts';
import { isOtherReference } from '../../../search/extract.ts';
import { isOfIdentifiers, shipped } from '../../../search/registry.ts';
import type { Names } from './names.ts';
import { join, sqlFragment, type SqlFragment } from '../search/sqlFragment.ts';

/**
 * Columns that each index row of a resource has besides its own, made of the resource's other entries. They only rule
 * out: a row that passes is tested all the same, and a row without them passes. So reading an index for one criterion
 * needs no lookup for rows that cannot meet another criterion.
 */
export interface RowSignature {
  /** The number of the only patient that it names, of a Patient its own; 0: it names none; null: several. */
  readonly about: number | null;
  /** Two bits of 46 for each code that is shared by many and each place or person it refers to. */
  readonly mark: number;
  /** The day of its principal date, in days since 1970; null where it has none, several, or one that lasts longer. */
  readonly day: number | null;
}

const dayLength = 86_400_000;

/** The types that many resources refer to and few searches ask for alone. */
const sharedTypes = new Set<ResourceType>([
  'HealthcareService',
  'InsurancePlan',
  'Location',
  'Medication',
  'Organization',
  'Practitioner',
  'PractitionerRole',
]);

export const isShared = (type: ResourceType): boolean => sharedTypes.has(type);

const marked = new WeakMap<SearchParameter, boolean>();

/** True when codes of a parameter are in the mark: not what names one resource, nor what changes with its state. */
export function isMarked(parameter: SearchParameter): boolean {
  const known = marked.get(parameter);
  if (known !== undefined) return known;
  const { kind, part, code, expression } = parameter;
  const isCode = kind === 'token' && part === undefined && !code.startsWith('_') && code !== 'status';
  const is = isCode && !isOfIdentifiers(expression) && !/telecom|ContactPoint/.test(expression);
  marked.set(parameter, is);
  return is;
}

/** Half of the 46 bits. */
const half = 23;

/** The bits of a value; they lie in the rows, so they never change. */
function bitsOf(parameter: number, value: string): readonly [number, number] {
  let hash = 0x811c9dc5 ^ parameter;
  for (let i = 0; i < value.length; i += 1) hash = Math.imul(hash ^ value.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = (hash ^ (hash >>> 13)) >>> 0;
  return [1 << (hash % half), 1 << (Math.floor(hash / half) % half)];
}

const markOf = ([low, high]: readonly [number, number]): number => high * 2 ** half + low;

const datesFirst = [
  'date',
  'created',
  'birthdate',
  'authoredon',
  'onset-date',
  'period',
  'issued',
  'started',
];
const principals = new Map<ResourceType, string | undefined>();

/** The date that a type is mostly asked for by: of those that R4 has, the first in this order. */
export function principalDate(type: ResourceType): string | undefined {
  if (principals.has(type)) return principals.get(type);
  const dates = shipped.indexedOf(type).filter(({ kind }) => kind === 'date');
  const code = datesFirst.find((one) => dates.some((date) => date.code === one));
  principals.set(type, code);
  return code;
}

/** The signature of a resource; `entries` are all that the index holds of it. */
export function rowSignatureOf(
  names: Names,
  { resourceType: type, id = '' }: Pick<Resource, 'resourceType' | 'id'>,
  entries: readonly IndexEntry[],
): RowSignature {
  let [low, high] = [0, 0];
  const patients = new Set<string>();
  const dates = new Map<string, number | null>();
  const principal = principalDate(type);
  for (const entry of entries) {
    const { parameter } = entry;
    if (entry.kind === 'reference' && entry.type === 'Patient') patients.add(entry.id);
    if (entry.kind === 'date' && parameter.code === principal)
      dates.set(`${entry.low} ${entry.high}`, dayOf(entry.low, entry.high));
    const value = markedValue(names, entry);
    if (value === undefined) continue;
    const bits = bitsOf(names.parameter(parameter), value);
    low |= bits[0];
    high |= bits[1];
  }
  const of = (patient: string): number => names.targets.intern(names.type('Patient'), patient);
  const [patient = ''] = patients;
  const named = patients.size > 1 ? null : patients.size === 0 ? 0 : of(patient);
  const [day = null] = dates.size === 1 ? dates.values() : [];
  return { about: type === 'Patient' ? of(id) : named, mark: markOf([low, high]), day };
}

const dayOf = (low: number, high: number): number | null =>
  high - low <= dayLength ? Math.floor(low / dayLength) : null;

function markedValue(names: Names, entry: IndexEntry): string | undefined {
  if (entry.kind === 'token') return isMarked(entry.parameter) ? entry.code : undefined;
  if (entry.kind !== 'reference' || !entry.type || !isShared(entry.type)) return undefined;
  if (isOtherReference(entry.parameter)) return undefined; // nobody searches by it: nothing to rule out
  return String(names.targets.intern(names.type(entry.type), entry.id));
}

export const isSame = (one: RowSignature, other: RowSignature): boolean =>
  one.about === other.about && one.mark === other.mark && one.day === other.day;

/** True of a row `d` that may belong to a resource with a value of a parameter: a code, or the number of a target. */
export function mayHave(names: Names, type: ResourceType, parameter: number, value: string): SqlFragment {
  const mark = markOf(bitsOf(parameter, value));
  const isKnown = names.signatureBackfill.of(type) === undefined;
  return sqlFragment(isKnown ? 'd.mark & ? = ?' : '(d.mark IS NULL OR d.mark & ? = ?)', mark, mark);
}

/** True of a row `d` whose resource may have a date that meets all the values; undefined where it rules nothing out. */
export function mayBeOf(values: readonly FilterValue[]): SqlFragment | undefined {
  const bounds = values.map(lowOf);
  const [from, to] = [
    Math.max(...bounds.map(([least]) => least)),
    Math.min(...bounds.map(([, most]) => most)),
  ];
  const days: SqlFragment[] = [];
  if (from > -Infinity) days.push(sqlFragment('d.day >= ?', Math.floor(from / dayLength)));
  if (to < Infinity) days.push(sqlFragment('d.day <= ?', Math.floor(to / dayLength)));
  if (days.length === 0) return undefined;
  const { sql, values: bound } = join(days, ' AND ', '1');
  return sqlFragment(`(d.day IS NULL OR ${sql})`, ...bound);
}

/** Between what a stretch of a day at most begins that meets a value. */
function lowOf({ prefix, low = 0, high = 0 }: FilterValue): readonly [number, number] {
  switch (prefix) {
    case 'ne':
      return [-Infinity, Infinity];
    case 'gt':
      return [high - dayLength, Infinity];
    case 'ge':
      return [low - dayLength, Infinity];
    case 'lt':
    case 'eb':
      return [-Infinity, low];
    case 'le':
      return [-Infinity, high];
    case 'sa':
      return [high, Infinity];
    case 'ap':
      return [low - dayLength, high];
    default:
      return [low, high];
  }
}
