import type { CapabilityStatementRestSecurity, Resource, ResourceType } from '@medplum/fhirtypes';
import type { Target } from '../datatypes/reference.ts';
import type { Limits } from './limits.ts';
import type { DefinedParameters } from './conformance/definedParameters.ts';
import type { Issue } from '../outcome/issue.ts';
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

/** Who writes: a client by a plain write, or an operation, which sees to all that has to follow. */
export type Writer = 'client' | 'operation';

/** A write as the hooks of its type see it. */
export interface Change {
  readonly target: Target;
  readonly by: Writer;
  /** What stands now, parsed afresh; undefined where nothing does. To be asked for before it is written. */
  readonly before: () => Promise<(Resource & { id: string }) | undefined>;
  /** What is about to be written; undefined for a deletion. */
  readonly after?: Resource & { id: string };
}

/** What happens when resources of some types are written, in the same transaction. Handed in from outside. */
export interface WriteHook {
  readonly types: readonly ResourceType[];
  /** Refuses the write, or lets it be; answers with what is to be done once it is written. */
  readonly run: (
    context: Context,
    tx: Transaction,
    change: Change,
  ) => Promise<((written: Stored) => Promise<void>) | undefined>;
}

/** What an interaction or operation gets from outside; time and ids are handed in so that tests repeat. */
export interface Context {
  /** The store as whoever asks sees it. */
  readonly store: Store;
  readonly now: () => string; // FHIR instant
  readonly newId: () => string; // a resource id nobody has
  /** Structural faults of a resource; empty when it is sound. */
  readonly validate: (resource: unknown) => Issue[];
  /** What happens beside the write of resources of some types. See src/writeHooks.ts */
  readonly hooks: readonly WriteHook[];
  readonly timeZone: string; // IANA name; the practice's day ends there
  readonly payer: 'simulator' | 'none'; // where claims go when the payer has no endpoint of its own
  /** How clients are authorized, as the CapabilityStatement says it. */
  readonly security?: CapabilityStatementRestSecurity;
  /** Who asks, as the audit names them; none for what the server does by itself. */
  readonly principal?: string;
  /** What they may ask at all; everything, where nothing is said. */
  readonly permits?: Permits;
  /** Conformance resources that the server and its packages bring along. */
  readonly builtIn?: BuiltIn;
  /** Operations in Bundles: handed in, for interactions know none. */
  readonly operate?: Operate;
  /** Told of each transaction that has landed. */
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
