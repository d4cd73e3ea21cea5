import { compositeKind } from './kind/composite.ts';
import { dateKind } from './kind/date.ts';
import { numberKind } from './kind/number.ts';
import { quantityKind } from './kind/quantity.ts';
import { referenceKind } from './kind/reference.ts';
import { stringKind } from './kind/string.ts';
import { tokenKind } from './kind/token.ts';
import { uriKind } from './kind/uri.ts';
import type { EntryMatcher, Extraction, Kind } from './kind.ts';
import { choices } from './parameter.ts';
import { compilePath, type Visit } from './path.ts';
import type { Filter, FilterValue, ParameterType, SearchParameter } from './query.ts';
import type { Registry } from './registry.ts';

/** The kinds of search parameters. See https://hl7.org/fhir/R4/search.html#ptypes */
export const kinds: Readonly<Record<ParameterType, Kind>> = {
  token: tokenKind,
  reference: referenceKind,
  date: dateKind,
  string: stringKind,
  number: numberKind,
  quantity: quantityKind,
  uri: uriKind,
  composite: compositeKind,
};

/** Visits a resource and writes its entries of a parameter, and those of what is derived from the parameter. */
export function entryVisit(parameter: SearchParameter, registry: Registry, to: Extraction): Visit {
  const kind = kinds[parameter.kind];
  const visitOf = (component: SearchParameter, part: Extraction): Visit =>
    entryVisit(component, registry, part);
  const entries = kind.entries(parameter, { registry, to, visitOf });
  return compilePath(parameter.expression, kind.choices ?? choices, entries, to);
}

/** Reads a value of a filter once; the matcher is called for each entry. */
export const entryMatcher = (
  filter: Pick<Filter, 'parameter' | 'modifier'>,
  value: FilterValue,
): EntryMatcher => kinds[filter.parameter.kind].match(filter, value);
