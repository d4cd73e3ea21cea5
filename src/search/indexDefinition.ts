import type { SearchParameter } from './query.ts';

/** The kinds whose entries have changed since the first version. */
const forms: Partial<Record<SearchParameter['kind'], string>> = { string: 'string without punctuation' };

/**
 * The definition by which the index entries of a parameter are made. A store keeps it: where it differs, the entries are
 * built again in the background. So it has to change whenever entries of the same element change.
 */
export function indexDefinition({ kind, expression, caseless }: SearchParameter): string {
  return `${caseless ? 'token in lower case' : (forms[kind] ?? kind)} ${expression}`;
}

/** True when a store of the first schema, which kept the expression alone, has entries as they are made now. */
export const isAsFirst = ({ kind, caseless }: SearchParameter): boolean =>
  kind !== 'date' && kind !== 'quantity' && forms[kind] === undefined && !caseless;
