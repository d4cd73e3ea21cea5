import type { Resource } from '@medplum/fhirtypes';
import { extract, extractWithin } from '../../../search/extract.ts';
import type { IndexEntry } from '../../../search/query.ts';
import { BSON } from 'mongodb';
import { fhirError, type FhirError } from '../../../outcome/fhirError.ts';
import { membersText } from '../../access/membership.ts';
import type { Stored } from '../../store.ts';
import { isLarge, packed } from './packed.ts';
import { methods, type ResourceDocument, type VersionDocument } from '../connection/collections.ts';
import { compartmentKey } from '../index/compartmentKey.ts';
import { toFields } from '../index/entries.ts';
import type { Indexed } from '../index/fields.ts';
import type { Current } from './current.ts';
import type { MongoState } from '../connection/mongoState.ts';

/** The parts of a document that are derived from the resource: index entries, shard key and members. */
export interface Derived extends Indexed {
  readonly k: string;
  readonly b?: string;
}

export function derivedOf(
  state: MongoState,
  resource: Resource & { id?: string },
  entries: readonly IndexEntry[] = extract(resource, state),
): Derived {
  const b = membersText(resource, entries);
  return {
    k: compartmentKey(state.registry, resource.resourceType, resource.id ?? '', entries),
    ...(b === undefined ? {} : { b }),
    ...toFields(entries),
  };
}

/** A version as the document of its resource; without `resource` it is a deletion. */
export function documentOf(
  state: MongoState,
  next: Stored,
  before: Current | undefined,
  resource: Resource | undefined,
): ResourceDocument {
  const w = state.nextOrder(before?.writeOrder);
  state.written.add(next.type);
  const { k, b, ...fields }: Derived = resource
    ? derivedOf(state, resource, extractWithin(resource, state))
    : { k: before?.key ?? `~${next.type}`, ...(before?.members === undefined ? {} : { b: before.members }) };
  const document: ResourceDocument = {
    _id: `${next.type}/${next.id}`,
    h: next.type,
    k,
    v: next.version,
    u: Date.parse(next.lastUpdated),
    w,
    o: before?.order ?? w,
    m: methods.indexOf(next.method),
    ...(b === undefined ? {} : { b }),
    ...(next.deleted ? {} : { t: next.type, j: packed(next.json), due: true as const, ...fields }),
  };
  if (isLarge(next.json) && BSON.calculateObjectSize(document) > largest) throw tooLarge(next);
  return document;
}

const largest = 16 * 1000 * 1000; // bytes of a document, index entries included
const tooLarge = ({ type }: Stored): FhirError =>
  fhirError(
    413,
    'too-long',
    'too-large',
    `the ${type} is larger, packed and indexed, than the 16 MB of a document`,
    type,
  );

/** A former version, with the instant at which the next one replaced it. */
export const formerOf = (before: Current, end: number): VersionDocument => ({
  _id: { r: `${before.type}/${before.id}`, v: before.version },
  h: before.type,
  k: before.key,
  u: Date.parse(before.lastUpdated),
  w: before.writeOrder,
  m: methods.indexOf(before.method),
  e: end,
  ...(before.members === undefined ? {} : { b: before.members }),
  ...(before.deleted ? {} : { j: packed(before.json) }),
});
