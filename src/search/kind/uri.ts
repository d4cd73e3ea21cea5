import { keysOfResource } from '../canonical.ts';
import { unless, type Kind } from '../kind.ts';
import type { FilterValue } from '../query.ts';
import { canonicalPart } from '../registry.ts';
import { unescaped } from '../split.ts';

/** The URIs of a uri, url, oid or canonical; a canonical with a version is found with and without it. */
export function urisOf(value: unknown): string[] {
  if (typeof value !== 'string' || value === '') return [];
  const bar = value.indexOf('|');
  return bar > 0 ? [value, value.slice(0, bar)] : [value];
}

export const uriValue = (text: string): FilterValue => ({ text: unescaped(text) });

/** What `:above` of a text asks for: the text, and what is left of it at each slash. */
export const above = (text: string): string[] => {
  const parts = text.split('/');
  return parts.map((_, i) => parts.slice(0, parts.length - i).join('/')).filter((part) => part !== '');
};

/** See https://hl7.org/fhir/R4/search.html#uri */
export const uriKind: Kind = {
  weight: 1,
  operators: ['eq', 'ne', 'pr'],
  parse: uriValue,
  entries: (parameter, { registry, to }) => {
    const address = canonicalPart(parameter, registry);
    return (value) => {
      for (const code of urisOf(value)) to.entries.push({ parameter, kind: 'token', code });
      if (!address) return;
      for (const id of keysOfResource(to.resource))
        to.entries.push({ parameter: address, kind: 'reference', id });
    };
  },
  match: (_, value) => unless(value, (entry) => entry.kind === 'token' && entry.code === value.text),
  sortValue: (entry) => (entry.kind === 'token' ? entry.code : undefined),
};
