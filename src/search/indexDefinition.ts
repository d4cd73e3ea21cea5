import type { SearchParameter } from './query.ts';

/** The kinds whose entries are made otherwise than at first. */
const forms: Partial<Record<SearchParameter['kind'], string>> = { string: 'string without punctuation' };

/**
 * What the index entries of a parameter are made by. A store keeps it: where it reads otherwise, entries are made anew in
 * the background, so it changes with whatever changes what is kept of an element.
 */
export function indexDefinition({ kind, expression, caseless }: SearchParameter): string {
  return `${caseless ? 'token in lower case' : (forms[kind] ?? kind)} ${expression}`;
}

/** True when a store of the first schema, which kept the expression alone, has entries as they are made now. */
export const isAsFirst = ({ kind, caseless }: SearchParameter): boolean =>
  kind !== 'date' && kind !== 'quantity' && forms[kind] === undefined && !caseless;
