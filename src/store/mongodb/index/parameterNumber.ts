import type { ResourceType } from '@medplum/fhirtypes';
import type { SearchParameter } from '../../../search/query.ts';

/** The number of a parameter in index entries: FNV-1a of its type and code, so that every server gives the same. */
export function numberOf(type: ResourceType, code: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(`${type}|${code}`)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash | 0;
}

const known = new WeakMap<SearchParameter, number>();

export function parameterNumber(parameter: SearchParameter): number {
  const before = known.get(parameter);
  if (before !== undefined) return before;
  const no = numberOf(parameter.type, parameter.code);
  known.set(parameter, no);
  return no;
}

/** The number as it stands in text entries. */
export const numberText = (no: number): string => (no >>> 0).toString(36);

const names = new WeakMap<Pick<SearchParameter, 'type' | 'code'>, string>();
/** The name of a parameter among those that are indexed. */
export function nameOf(parameter: Pick<SearchParameter, 'type' | 'code'>): string {
  const before = names.get(parameter);
  if (before !== undefined) return before;
  const name = `${parameter.type}.${parameter.code}`;
  names.set(parameter, name);
  return name;
}
