/** Where bytes of a name are at the partner's. `absent`: not there; after a release the partner may have taken them. */
export type Place = 'released' | 'staged' | 'absent' | 'cannot-tell';

/** A file that a partner has put out for us. */
export interface Waiting {
  readonly name: string;
  readonly size: number;
  readonly modified: number; // epoch milliseconds, by the clock of whoever keeps the file
}

/**
 * The way of bytes to a trading partner and back. Every method may be repeated; what fails throws a TransportFault.
 * Bytes leave in two steps, so that a crash in between can be told: staged bytes are not seen by the partner, and are
 * released by one indivisible step, which never overwrites what is there under the name.
 */
export interface Transport {
  stage(name: string, bytes: Uint8Array): Promise<void>;
  handOver(name: string, bytes: Uint8Array): Promise<void>;
  look(name: string, bytes: Uint8Array): Promise<Place>;
  /** What waits for us, by name. */
  list(): Promise<readonly Waiting[]>;
  fetch(name: string): AsyncIterable<Uint8Array>;
  /** Puts away what was taken in. What is not there any more was put away before. */
  archive(name: string): Promise<void>;
  /** Puts aside what could not be taken in. */
  fail(name: string): Promise<void>;
  close(): Promise<void>;
}

/** How a partner is reached, as its Endpoint says; nothing secret in it. */
export interface Way {
  readonly kind: 'directory' | 'sftp' | 'core' | 'fhir-binary';
  readonly address: string;
  readonly folders: Readonly<Record<Folder, string>>;
  readonly hostKeys: readonly string[]; // SHA256:…, of an SSH server
  readonly secret?: string; // the name of a file in the folder of secrets
  readonly sender: string; // our id and the partner's, of the CORE envelope
  readonly receiver: string;
  readonly pickup: readonly string[]; // PayloadTypes that are asked for, CORE
}

/** How a payer's FHIR server is reached, as its Endpoint says; nothing secret in it. */
export interface FhirWay {
  readonly address: string;
  readonly secret?: string; // the name of a file in the folder of secrets
  readonly clientId?: string; // who we are at its authorization server
  readonly tokenUrl?: string; // else as the server says in .well-known/smart-configuration
  readonly scope?: string;
}

export interface FhirAsking {
  readonly method: 'GET' | 'POST';
  readonly url: string; // below the base of the server
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The FHIR server of a payer. A call that fails throws a TransportFault; any answer with a status is none. */
export interface FhirServer {
  readonly base: string;
  call(
    asking: FhirAsking,
  ): Promise<{ readonly status: number; readonly type: string; readonly text: string }>;
}

export type Folder = 'out' | 'in' | 'archive' | 'failed';

/** What the settings of the server allow a way to be. */
export interface Allowed {
  readonly root?: string; // directories only below this folder
  readonly hosts: readonly string[]; // host or host:port
  readonly secrets?: string; // folder of the files with passwords and keys
  readonly patience?: number; // milliseconds that one step may take
}

export type FaultCode =
  | 'not-allowed' // by the settings, or the Endpoint says nonsense
  | 'unreachable'
  | 'host-key'
  | 'login'
  | 'full'
  | 'taken' // other bytes are there under the name
  | 'too-slow'
  | 'refused'
  | 'failed';

/** Why a step failed: one sentence for whoever runs the server, without secrets and without what a partner wrote. */
export class TransportFault extends Error {
  readonly code: FaultCode;
  constructor(code: FaultCode, sentence: string, cause?: unknown) {
    super(sentence, { cause });
    this.code = code;
  }
}

const ownName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Names of what we send are our own: plain ones, that need no escape on any system. */
export function checkName(name: string): void {
  if (!ownName.test(name)) throw new TransportFault('not-allowed', 'a file to be sent has no plain name');
}

/** Names of files that are not complete yet are left alone: hidden ones, and the usual endings of unfinished uploads. */
export const isFinished = (name: string): boolean =>
  !name.startsWith('.') && !/\.(?:part|filepart|tmp|temp)$/i.test(name) && !/[/\\\0]/.test(name);

/** Where bytes are staged, in the folder that they are released in. */
export const stagedName = (name: string): string => `.${name}.part`;

/** A name for what was put away already under the same one: partners use names again. */
export function* freeNames(name: string): Generator<string> {
  yield name;
  for (let i = 2; i < 10_000; i++) yield `${name}.${i}`;
}
