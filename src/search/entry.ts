import { keyOfCanonical, keysOfResource } from './canonical.ts';
import { choices } from './parameter.ts';
import { compilePath, type Choices, type Visit, type Whole } from './path.ts';
import type { IndexEntry, SearchParameter } from './query.ts';
import { indexedParts, type Registry } from './registry.ts';
import { dateOf } from './type/date.ts';
import { amountsOf, canonicalOf, isCanonical } from './type/quantity.ts';
import { referencesOf } from './type/reference.ts';
import { comparable, stringsOf } from './type/string.ts';
import { foldedTokensOf, textsOf, tokensOf, typedOf } from './type/token.ts';
import { urisOf } from './type/uri.ts';

/** What is being extracted: closures write here, so that none is made anew for each resource. */
export interface Extraction extends Whole {
  entries: IndexEntry[];
  base: string | undefined; // our own URL, taken off references
}

/** What visits a resource and writes its entries of a parameter, those of its indexed parts with them. */
export const entryVisit = (parameter: SearchParameter, registry: Registry, to: Extraction): Visit =>
  compilePath(
    parameter.expression,
    parameter.kind === 'date' ? ofTime : choices,
    entriesOf(parameter, registry, to),
    to,
  );

/** A string that stands where a date could (CarePlan.activity.detail.scheduledString) is none, whatever it says. */
const ofTime: Choices = Object.fromEntries(
  Object.entries(choices).map(([name, types]) => [name, types.filter((type) => type !== 'String')]),
);

/** How values of a parameter become entries. */
function entriesOf(parameter: SearchParameter, registry: Registry, to: Extraction): Visit {
  const add = (entry: IndexEntry): void => void to.entries.push(entry);
  switch (parameter.kind) {
    case 'token':
      return tokenEntries(parameter, registry, to);
    case 'uri':
      return uriEntries(parameter, registry, to);
    case 'reference':
      return referenceEntries(parameter, registry, to);
    case 'date':
      return (value) => {
        const stretch = dateOf(value);
        if (stretch) add({ parameter, kind: 'date', low: stretch.low, high: stretch.high });
      };
    case 'string': {
      const texts = parameter.part === 'text' ? textsOf : stringsOf;
      return (value) => {
        for (const exact of texts(value))
          add({ parameter, kind: 'string', folded: comparable(exact), exact });
      };
    }
    case 'number':
      return (value) => {
        for (const amount of amountsOf(value)) add({ parameter, kind: 'quantity', ...amount });
      };
    case 'quantity':
      return quantityEntries(parameter, registry, to);
    case 'composite':
      return compositeEntries(parameter, registry, to);
  }
}

function tokenEntries(parameter: SearchParameter, registry: Registry, to: Extraction): Visit {
  if (parameter.caseless)
    return (value) => {
      for (const { code, ...token } of tokensOf(value))
        to.entries.push({ parameter, kind: 'token', ...token, code: code.toLowerCase() });
    };
  const [part] = indexedParts(parameter);
  const derived = part ? registry.derived(parameter, part) : undefined;
  const derivedOf = part === 'of-type' ? typedOf : foldedTokensOf;
  return (value) => {
    for (const token of tokensOf(value)) to.entries.push({ parameter, kind: 'token', ...token });
    if (!derived) return;
    for (const token of derivedOf(value)) to.entries.push({ parameter: derived, kind: 'token', ...token });
  };
}

/** The parameter of what canonical URLs are followed by, where there is one. */
const followedBy = (parameter: SearchParameter, registry: Registry): SearchParameter | undefined =>
  indexedParts(parameter).includes('canonical') ? registry.derived(parameter, 'canonical') : undefined;

function uriEntries(parameter: SearchParameter, registry: Registry, to: Extraction): Visit {
  const address = followedBy(parameter, registry);
  return (value) => {
    for (const code of urisOf(value)) to.entries.push({ parameter, kind: 'token', code });
    if (!address) return;
    for (const id of keysOfResource(to.resource))
      to.entries.push({ parameter: address, kind: 'reference', id });
  };
}

function referenceEntries(parameter: SearchParameter, registry: Registry, to: Extraction): Visit {
  const canonical = followedBy(parameter, registry);
  return (value) => {
    for (const named of referencesOf(value, to.base))
      to.entries.push({ parameter, kind: 'reference', ...named });
    const id = canonical && keyOfCanonical(value);
    if (canonical && id !== undefined) to.entries.push({ parameter: canonical, kind: 'reference', id });
    const { identifier } = value as { identifier?: unknown };
    if (identifier !== undefined && identifier !== null)
      for (const token of tokensOf(identifier)) to.entries.push({ parameter, kind: 'token', ...token });
  };
}

/** A quantity in a unit that is not the canonical one of its dimension has a second entry, in that. */
function quantityEntries(parameter: SearchParameter, registry: Registry, to: Extraction): Visit {
  const ucum = registry.derived(parameter, 'ucum');
  return (value) => {
    for (const amount of amountsOf(value)) {
      to.entries.push({ parameter, kind: 'quantity', ...amount });
      if (isCanonical(amount)) continue;
      const canonical = canonicalOf(amount);
      if (canonical) to.entries.push({ parameter: ucum, kind: 'quantity', ...canonical });
    }
  };
}

/** One entry for each element; the parts write to an extraction of their own. */
function compositeEntries(parameter: SearchParameter, registry: Registry, to: Extraction): Visit {
  const part: Extraction = { entries: [], base: undefined };
  const visits = (parameter.components ?? []).map((component) => entryVisit(component, registry, part));
  return (element) => {
    part.base = to.base;
    part.resource = to.resource;
    const components = visits.map((visit) => {
      part.entries = [];
      visit(element);
      return part.entries;
    });
    to.entries.push({ parameter, kind: 'composite', components });
  };
}
