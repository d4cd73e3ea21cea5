import type { CapabilityStatementRestSecurity, Resource, ResourceType } from '@medplum/fhirtypes';
import type { Target } from '../datatypes/reference.ts';
import type { ImportedCounts } from './audit/accessRecord.ts';
import type { Limits } from './limits.ts';
import type { DefinedParameters } from './conformance/definedParameters.ts';
import type { Issue } from '../outcome/issue.ts';
import type { Confinement } from '../store/access/access.ts';
import type { Reader, Store, Stored, Transaction } from '../store/store.ts';
import type { Answer } from './rest/answer.ts';
import type { Key } from './rest/idempotencyKey.ts';
import type { Permits } from './permits.ts';
import type { FhirRequest } from './rest/request.ts';

/** Runs the $operation that a request names: in a transaction of its own, or in `tx`. */
export type Operate = (
  context: Context,
  request: FhirRequest,
  options: { readonly key?: Key | undefined; readonly tx?: Transaction },
) => Promise<Answer>;

/**
 * Conformance resources that the server and its packages bring along. They are read and found like stored ones, which
 * hide those of the same id, but nobody changes them.
 */
export interface BuiltIn {
  readonly ids: ReadonlyMap<ResourceType, readonly string[]>;
  /** Their store, filled. */
  reader(): Promise<Reader>;
}

/**
 * The origin of a write: a client's plain write, a client's change of labels by $meta-add or $meta-delete, or an
 * operation, which makes all consequences itself.
 */
export type Writer = 'client' | 'labelling' | 'operation';

/** A write, as passed to the hooks of its type. */
export interface Change {
  readonly target: Target;
  readonly by: Writer;
  /** The current resource, parsed anew; undefined where there is none. To be read before the write. */
  readonly before: () => Promise<(Resource & { id: string }) | undefined>;
  /** The transaction as who writes sees it. A hook itself sees everything. */
  readonly view: Reader;
  /** The resource to be written; undefined for a deletion. */
  readonly after?: Resource & { id: string };
}

/** Called when resources of some types are written, in the same transaction. Handed in from outside. */
export interface WriteHook {
  readonly types: readonly ResourceType[];
  /** Throws to refuse the write; returns what is to be done after it. */
  readonly run: (
    context: Context,
    tx: Transaction,
    change: Change,
  ) => Promise<((written: Stored) => Promise<void>) | undefined>;
}

/** The dependencies of an interaction or operation; time and ids are handed in so that tests repeat. */
export interface Context {
  /** The store with the caller's access. */
  readonly store: Store;
  readonly now: () => string; // FHIR instant
  readonly newId: () => string; // a resource id nobody has
  /** Structural faults of a resource; empty when it is sound. */
  readonly validate: (resource: unknown) => Issue[];
  /** Called when resources of some types are written. See src/writeHooks.ts */
  readonly hooks: readonly WriteHook[];
  readonly timeZone: string; // IANA name; the practice's day ends there
  readonly payer: 'simulator' | 'none'; // where claims go when the payer has no endpoint of its own
  /** How clients are authorized, as the CapabilityStatement says it. */
  readonly security?: CapabilityStatementRestSecurity;
  /** The caller, as the audit names them; none for work of the server itself. */
  readonly principal?: string;
  /** What they may ask at all; everything, where nothing is said. */
  readonly permits?: Permits;
  /** What they may see, where that is not everything. */
  readonly access?: Confinement;
  /** The names of their roles. */
  readonly roles?: readonly string[];
  /** What their token granted, and to whom, as JSON; see Principal. */
  readonly grant?: string;
  /** Records what a commit of an import kept; resolves when that is flushed. */
  readonly recordImported?: (counts: ImportedCounts) => Promise<void>;
  /** Conformance resources that the server and its packages bring along. */
  readonly builtIn?: BuiltIn;
  /** Operations in Bundles: handed in, for interactions know none. */
  readonly operate?: Operate;
  /** Called after each committed transaction. */
  readonly landed?: (tx: Transaction) => void;
  /** Search parameters of packages and of stored SearchParameters. */
  readonly defined?: DefinedParameters;
  /** The CapabilityStatement as JSON; handed in, for it lists the operations. */
  readonly capabilities?: () => string;
  /** How much one request may ask for; without it, the defaults. */
  readonly limits?: Limits;
  /** Whether the store is a demo, where a claim may be sent as of a day in the past; else the store is asked. */
  readonly seededAsDemo?: boolean | undefined;
  readonly publicUrl: string; // base of every link, e.g. http://127.0.0.1:8080/fhir
}
