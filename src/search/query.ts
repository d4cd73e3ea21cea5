import type { ResourceType } from '@medplum/fhirtypes';

/** The parsed search that every store compiles. Grown by search/parse.ts; see https://hl7.org/fhir/R4/search.html */
export type ParameterType = 'token' | 'reference' | 'date' | 'string' | 'number' | 'quantity' | 'uri';

/** One search parameter of one resource type, as profiles/search holds it. */
export interface SearchParameter {
  readonly type: ResourceType;
  readonly code: string;
  readonly kind: ParameterType;
  readonly expression: string;
  readonly target?: readonly ResourceType[];
}

/** One criterion; its values are alternatives (or), the filters of a query all hold (and). */
export interface Filter {
  readonly parameter: SearchParameter;
  readonly modifier?: string;
  readonly values: readonly FilterValue[];
}

/** A value of a criterion, split by the rules of its type. Dates are epoch milliseconds, `high` exclusive. */
export interface FilterValue {
  readonly prefix?: 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';
  readonly text: string;
  readonly system?: string; // token, quantity; '' means: no system
  readonly code?: string; // token, quantity
  readonly low?: number;
  readonly high?: number;
  readonly target?: { readonly type?: ResourceType; readonly id: string; readonly url?: string };
}

export interface SortKey {
  readonly parameter: SearchParameter | '_lastUpdated' | '_id';
  readonly descending: boolean;
}

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
