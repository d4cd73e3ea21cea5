import type { ResourceType } from '@medplum/fhirtypes';

/** The parsed search that every store compiles; made by search/parse.ts. See https://hl7.org/fhir/R4/search.html */
export type ParameterType =
  'token' | 'reference' | 'date' | 'string' | 'number' | 'quantity' | 'uri' | 'composite';

/** One search parameter of one resource type, as profiles/search holds it. */
export interface SearchParameter {
  readonly type: ResourceType;
  readonly code: string;
  readonly kind: ParameterType;
  readonly expression: string;
  readonly target?: readonly ResourceType[];
  /** Set of a reference whose elements are resources within a Bundle: found by value, not followed. */
  readonly isUnfollowed?: true;
  /** Of a token whose elements are codes: the systems that these imply. */
  readonly systems?: readonly string[];
  /** Set of a token whose elements are contact points or strings: its codes are kept, and asked for, in lower case. */
  readonly caseless?: true;
  /** Set when it has no index entries of its own: the parameters whose entries, together, are its own. */
  readonly from?: readonly Origin[];
  /**
   * Of a composite: the parameters of its parts; their expressions start at the elements that `expression` gives, and
   * their `from` are parameters that hold all their entries, with others (see residualFilter.ts).
   */
  readonly components?: readonly SearchParameter[];
  /** Set when it has no index entries: candidates are tested by residualFilter.ts (`code:text`, composites). */
  readonly unindexed?: true;
  /**
   * Set when it is derived from another one, whose expression it has: the texts (display, text) of its codes, its
   * identifiers by type, its quantities in the canonical unit of their dimension, what canonical URLs are followed
   * by (see canonical.ts), its codes in lower case (see anyCase.ts), or the contained resources that it leads to
   * (see contained.ts).
   */
  readonly part?: Part;
}

export type Part = 'text' | 'of-type' | 'ucum' | 'canonical' | 'folded' | 'contained';

/** The entries of a parameter of the same resource type; of references only those to `target`, where it is given. */
export interface Origin {
  readonly code: string;
  readonly target?: ResourceType;
}

/**
 * What a resource has to meet; the criteria of a query all hold (and). Made by search/parse.ts, compiled by the stores.
 * A modifier that needs a ValueSet, a CodeSystem or a hierarchy (`in`, `not-in`, `above` and `below` of tokens and
 * references) is replaced by values before a store sees it: interaction/terminology/resolveSets.ts.
 */
export type Criterion = Filter | Composite | Chain | Has | Several | Not | FullText;

/** Its values are alternatives (or). */
export interface Filter {
  readonly op: 'filter';
  readonly parameter: SearchParameter;
  readonly modifier?: Modifier;
  readonly values: readonly FilterValue[];
}

/** Each of the alternatives has a value for each component; one element of the resource meets them all. */
export interface Composite {
  readonly op: 'composite';
  readonly parameter: SearchParameter;
  readonly values: readonly (readonly FilterValue[])[];
}

/** It refers through `parameter` to a current resource of one of these types that meets all its criteria. */
export interface Chain {
  readonly op: 'chain';
  readonly parameter: SearchParameter;
  readonly targets: readonly { readonly type: ResourceType; readonly filters: readonly Criterion[] }[];
}

/** A current resource of `source` that meets all `filters` refers to it through `parameter`. */
export interface Has {
  readonly op: 'has';
  readonly source: ResourceType;
  readonly parameter: SearchParameter; // of source
  readonly filters: readonly Criterion[];
}

export interface Several {
  readonly op: 'and' | 'or';
  readonly criteria: readonly Criterion[];
}

export interface Not {
  readonly op: 'not';
  readonly criterion: Criterion;
}

/**
 * Words in the narrative (`_text`) or anywhere in the resource (`_content`): one of the alternatives, all phrases of
 * it. A phrase is one or more words, folded, that follow each other; with `prefix` the last word goes on.
 */
export interface FullText {
  readonly op: 'text' | 'content';
  readonly alternatives: readonly (readonly Phrase[])[];
}
export interface Phrase {
  readonly words: readonly string[];
  readonly prefix: boolean;
}

/**
 * A reference's `:Type` is not here: it goes into the values. `missing` has one value, true or false, as text. `:text`
 * and `:of-type` are not here either: they are parameters of their own (`code:text`, `identifier:of-type`).
 * `ends` is `ew` of _filter. `above` and `below` reach a store on uri parameters only.
 */
export type Modifier =
  'missing' | 'exact' | 'contains' | 'ends' | 'not' | 'identifier' | 'below' | 'above' | 'in' | 'not-in';

export type Prefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';

/**
 * A value of a criterion, split by the rules of its type. Dates are epoch milliseconds, `high` exclusive. With `ap`
 * low and high are the widened range. Strings, tokens, URIs and references have a prefix (eq, ne) only where no index
 * answers them.
 */
export interface FilterValue {
  readonly prefix?: Prefix;
  readonly text: string;
  readonly system?: string; // token, quantity; '' means: no system
  readonly code?: string; // token, quantity
  readonly anyCase?: readonly string[]; // token, where tested on the resource: systems whose codes mind no case
  readonly value?: number; // number, quantity
  readonly low?: number; // date, number, quantity: the range its precision implies
  readonly high?: number;
  readonly target?:
    | { readonly types: readonly ResourceType[]; readonly id: string; readonly version?: string }
    | { readonly url: string };
}

export interface SortKey {
  readonly parameter: SearchParameter | '_lastUpdated' | '_id';
  readonly descending: boolean;
}

/**
 * What _include or _revinclude asks for: the references of a parameter of `source`, to `target` only where given.
 * Without a parameter: all of the source; without a source: of whatever type. `iterate`: also from what was included.
 */
export interface Include {
  readonly source?: ResourceType;
  readonly parameter?: SearchParameter;
  readonly codes?: readonly string[]; // without parameter: those of a wildcard that does not mean all
  readonly target?: ResourceType;
  readonly iterate: boolean;
}

export interface SearchQuery {
  readonly type: ResourceType;
  readonly filters: readonly Criterion[];
  readonly sort: readonly SortKey[];
  readonly count: number; // rows of a page; 0: only the total
  readonly total: 'none' | 'estimate' | 'accurate';
  readonly cursor?: string; // where the page begins: opaque, made by the store
  readonly include: readonly Include[];
  readonly revinclude: readonly Include[];
  /** What resources of a type have to meet to be included, where not all may be; undefined: none of the type is. */
  readonly admits?: (type: ResourceType) => readonly Criterion[] | undefined;
}

/** What the index holds of a resource for one parameter. Numbers and quantities are ranges, low = high for a point. */
export type IndexEntry = { readonly parameter: SearchParameter } & (
  | { readonly kind: 'token'; readonly system?: string; readonly code: string } // no system: implied by the element
  | {
      readonly kind: 'reference';
      readonly type?: ResourceType; // none: id is a URL
      readonly id: string;
      readonly version?: string; // of a reference to one version
    }
  | { readonly kind: 'date'; readonly low: number; readonly high: number } // milliseconds, high exclusive
  | { readonly kind: 'string'; readonly folded: string; readonly exact: string }
  | {
      readonly kind: 'quantity';
      readonly low: number;
      readonly high: number;
      readonly system: string;
      readonly code: string;
    }
  /** One element of a composite: the entries of each component. */
  | { readonly kind: 'composite'; readonly components: readonly (readonly IndexEntry[])[] }
);
