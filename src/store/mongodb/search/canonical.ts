import type { Document } from 'mongodb';
import type { ResourceType } from '@medplum/fhirtypes';
import type { SearchParameter } from '../../../search/query.ts';
import { referenceText } from '../index/fields.ts';
import { fromEntries } from './lookup.ts';
import { numberText } from '../index/parameterNumber.ts';
import type { MongoState } from '../connection/mongoState.ts';
import { placesOf } from './place.ts';

/** The endings of entries by which resources name others by canonical URL, and of entries of the resources named. */
export interface CanonicalKeys {
  readonly naming: readonly string[];
  readonly named: readonly string[];
}

const endsOf = (parameter: SearchParameter): string[] =>
  placesOf(parameter).map(({ no }) => `>${numberText(no)}`);

/** Undefined where a parameter holds no canonical URLs, or those of the type have none. */
export function canonicalKeysOf(
  { registry }: MongoState,
  parameter: SearchParameter,
  type: ResourceType,
): CanonicalKeys | undefined {
  const link = registry.canonicalLink(parameter, type);
  return link && { naming: endsOf(link.from), named: endsOf(link.to) };
}

/** The entries of the other side that have the same keys as the entries of a resource. */
export const counterparts = (
  x: readonly string[] | undefined,
  ends: readonly string[],
  other: readonly string[],
): string[] =>
  (x ?? []).flatMap((text) => {
    const end = text.startsWith('/') ? ends.find((one) => text.endsWith(one)) : undefined;
    return end === undefined ? [] : other.map((one) => text.slice(0, -end.length) + one);
  });

/** The entries of a key under some parameters. */
export const keyTexts = (parameters: readonly SearchParameter[], key: string): string[] =>
  parameters.flatMap((parameter) => placesOf(parameter).map(({ no }) => referenceText(no, key)));

/** The same in a stage, for the entries of a candidate. */
export const counterpartStage = (ends: readonly string[], other: readonly string[]): Document =>
  fromEntries(
    ends.map((end) => ({
      start: '/.*',
      end,
      then: (entryFrom) => other.map((one) => ({ $concat: [entryFrom(0), one] })),
    })),
  );
