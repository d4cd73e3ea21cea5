import type { ResourceType } from '@medplum/fhirtypes';

/** The parsed search that every store compiles; made by search/parse.ts. See https://hl7.org/fhir/R4/search.html */
export type ParameterType = 'token' | 'reference' | 'date' | 'string' | 'number' | 'quantity' | 'uri';

/** One search parameter of one resource type, as profiles/search holds it. */
export interface SearchParameter {
  readonly type: ResourceType;
  readonly code: string;
  readonly kind: ParameterType;
  readonly expression: string;
  readonly target?: readonly ResourceType[];
  /** Set when it has no index entries of its own: the parameters whose entries, together, are its own. */
  readonly from?: readonly Origin[];
}

/** The entries of a parameter of the same resource type; of references only those to `target`, where it is given. */
export interface Origin {
  readonly code: string;
  readonly target?: ResourceType;
}

/** One criterion; its values are alternatives (or), the filters of a query all hold (and). */
export interface Filter {
  readonly parameter: SearchParameter;
  readonly modifier?: Modifier;
  readonly values: readonly FilterValue[];
}

/** A reference's `:Type` is not here: it goes into the values. `missing` has one value, true or false, as text. */
export type Modifier = 'missing' | 'exact' | 'contains' | 'not' | 'identifier' | 'below' | 'above';

export type Prefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';

/** A value of a criterion, split by the rules of its type. Dates are epoch milliseconds, `high` exclusive. */
export interface FilterValue {
  readonly prefix?: Prefix;
  readonly text: string;
  readonly system?: string; // token, quantity; '' means: no system
  readonly code?: string; // token, quantity
  readonly value?: number; // number, quantity
  readonly low?: number; // date, number, quantity: the range its precision implies
  readonly high?: number;
  readonly target?:
    { readonly types: readonly ResourceType[]; readonly id: string } | { readonly url: string };
}

export interface SortKey {
  readonly parameter: SearchParameter | '_lastUpdated' | '_id';
  readonly descending: boolean;
}

/** What _include or _revinclude asks for: the references of a parameter of `source`, to `target` only where given. */
export interface Include {
  readonly source: ResourceType;
  readonly parameter: SearchParameter;
  readonly target?: ResourceType;
}

export interface SearchQuery {
  readonly type: ResourceType;
  readonly filters: readonly Filter[];
  readonly sort: readonly SortKey[];
  readonly count: number; // rows of a page; 0: only the total
  readonly total: 'none' | 'estimate' | 'accurate';
  readonly cursor?: string; // where the page begins: opaque, made by the store
  readonly include: readonly Include[];
  readonly revinclude: readonly Include[];
}

/** What the index holds of a resource for one parameter. Numbers and quantities are ranges, low = high for a point. */
export type IndexEntry = { readonly parameter: SearchParameter } & (
  | { readonly kind: 'token'; readonly system?: string; readonly code: string } // no system: implied by the element
  | { readonly kind: 'reference'; readonly type?: ResourceType; readonly id: string } // no type: id is a URL
  | { readonly kind: 'date'; readonly low: number; readonly high: number } // milliseconds, high exclusive
  | { readonly kind: 'string'; readonly folded: string; readonly exact: string }
  | {
      readonly kind: 'quantity';
      readonly low: number;
      readonly high: number;
      readonly system: string;
      readonly code: string;
    }
);
