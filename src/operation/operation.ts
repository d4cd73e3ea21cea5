import type {
  OperationDefinition,
  OperationDefinitionParameter,
  Parameters,
  Resource,
} from '@medplum/fhirtypes';
import type { Permission } from '../access/permission.ts';
import type { Gateway, Transmission } from '../gateway/gateway.ts';
import type { Principal } from '../interaction/asCaller.ts';
import type { Context } from '../interaction/context.ts';
import type { FhirServer, FhirWay, Transport, Way } from '../transport/transport.ts';
import type { Loop } from '../x12/loop.ts';
import type { Answer, Awaited } from '../interaction/rest/answer.ts';
import type { Reader, Transaction } from '../store/store.ts';

/** Where an operation is called: at the system (neither), a type, or an instance. */
export interface Target {
  readonly type?: string;
  readonly id?: string;
  readonly version?: string; // of an instance: not the current one, but this
}

/** The gateway of a code, for the store and the clock of a context; undefined when there is none. */
export type Gateways = (code: string, context: OperationContext) => Gateway | undefined;

/**
 * Writes a claim as loop 2000A of its 837, with the levels below it numbered from 1; what cannot be written throws an
 * X12WriteError that says why.
 */
export type ClaimLoop = (context: Context, transmission: Transmission) => Promise<Loop>;

/** What operations get from outside, besides what interactions do. */
export interface OperationContext extends Context {
  /** How claims reach payers; without it none is connected. */
  readonly gateways?: Gateways;
  /** How long $submit waits for an answer, in milliseconds; default 10 s. */
  readonly submitWait?: number;
  /** Opens the way to a trading partner, within what the settings allow; without it none is reached. */
  readonly openTransport?: (way: Way) => Promise<Transport>;
  /** Opens the FHIR server of a payer, within what the settings allow; without it none is reached. */
  readonly openFhirServer?: (way: FhirWay) => FhirServer;
  /** Writes a claim as X12; without it none is sent to a trading partner. */
  readonly claimLoop?: ClaimLoop;
  /** Takes in a file of interchanges; `endpoint` is the partner it came from: Endpoint/1. */
  readonly processX12?: (bytes: AsyncIterable<Uint8Array>, endpoint?: string) => Promise<void>;
  /** Told of work that goes on when its request was answered: closing waits for it. */
  readonly background?: (work: Promise<void>) => void;
  /** Told of what nobody foresaw in work that no request waits for. */
  readonly failed?: (error: unknown) => void;
  /** Who somebody is today by what their token granted them (Principal.grant); undefined where they may nothing now. */
  readonly principalOfGrant?: (grant: string) => Promise<Principal | undefined>;
}

/**
 * One call of an operation. Everything it reads and writes goes through `tx`, one transaction, which sees everything
 * unless the operation answers as its caller: what a caller names and is answered with is held against what they see
 * before and after (call/callerView.ts).
 */
export interface Call {
  readonly context: OperationContext;
  readonly tx: Transaction;
  readonly target: Target;
  readonly input: Parameters;
  /** What the caller sees, where that is not everything and the operation computes as the server. */
  readonly view?: Reader;
  /** Today in the practice's time zone. */
  readonly today: string;
  /** The business date of the step: parameter `businessDate`, else today in the practice's time zone. */
  readonly on: string;
  /** True when all that is written will be rolled back. The operation need not look at it. */
  readonly dryRun: boolean;
  /** True when the operation is part of a larger transaction, so that nothing can be waited for. */
  readonly isPart: boolean;
  /** True when a second person does what the first proposed: no limit holds. */
  readonly isApproved?: boolean;
}

/** How a request asks for work that is answered later. */
export interface Later {
  readonly isAsync: boolean; // Prefer: respond-async
  readonly isLenient: boolean; // Prefer: handling=lenient
  readonly query: string; // of the request, as it was sent
  readonly accept?: string; // what media types it asks for
}

/** A request for work that is answered later, its input not judged yet. */
export interface LaterCall extends Later {
  readonly context: OperationContext;
  readonly target: Target;
  readonly pairs: readonly (readonly [string, string])[]; // the query, read
  readonly body?: unknown;
}

/** One $operation. See https://hl7.org/fhir/R4/operations.html */
export interface Operation {
  readonly definition: OperationDefinition; // what the CapabilityStatement and the routes are made of
  /** What a role has to allow its caller; none: whoever may read, or update where it changes, the type it is called at. */
  readonly permission?: Permission;
  /** Parameters that only links of its own answers carry: no part of its definition. */
  readonly linked?: readonly OperationDefinitionParameter[];
  /** Set where it reads and writes as its caller may, as an interaction does; else it computes as the server. */
  readonly asCaller?: true;
  /** Whether what it is given may name resources of another server: it matches them to what its caller sees. */
  readonly namesOthers?: (resource: Resource | undefined) => boolean;
  /** Instead of `run`, for what is asked of the server and not of what is stored: there is no transaction then. */
  readonly ask?: (context: Context) => Promise<Resource>;
  /** Instead of `run`, for work that is always answered later: checks what is asked, makes a job and answers 202. */
  readonly begin?: (call: LaterCall) => Promise<Answer>;
  /** The resource it answers with, or its JSON; or what has to be awaited outside of the transaction first. */
  run(call: Call): Promise<Resource | Uint8Array | Awaited>;
  /** Awaits what `run` has begun, once its transaction has landed (or was taken back for a dry run), and answers. */
  readonly answer?: (context: OperationContext, awaited: Awaited, dryRun: boolean) => Promise<Resource>;
  /** The same of a body of X12 that streams in, in transactions of its own. */
  readonly interchanges?: (context: OperationContext, body: AsyncIterable<Uint8Array>) => Promise<Resource>;
  /** The same of a file that streams in; its parameters come in the query. */
  readonly file?: (
    context: OperationContext,
    body: AsyncIterable<Uint8Array>,
    input: Parameters,
  ) => Promise<Resource>;
  /** The same of a body of NDJSON that streams in, in transactions of its own. */
  readonly lines?: (context: Context, body: AsyncIterable<Uint8Array>) => Promise<Resource>;
}
