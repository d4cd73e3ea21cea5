import { toHttpDate } from '../../datatypes/date.ts';
import type { FhirError } from '../../outcome/fhirError.ts';
import { firstIssues, toOutcome } from '../../outcome/issue.ts';
import type { Stored } from '../../store/store.ts';
import { defaultLimits } from '../limits.ts';

/** Work that an answer waits for, outside of any transaction. */
export interface Awaited {
  /** A text by which a later request with the same Idempotency-Key waits for the same work. */
  readonly awaited: string;
  /** The work, where this process has begun it. */
  readonly begun?: unknown;
}

/** The answer of an interaction or operation, which becomes a response or an entry of a Bundle. */
export interface Answer {
  readonly status: number;
  readonly body?: Uint8Array | string; // JSON
  /** Of a body or stream that is no FHIR: what it is. */
  readonly contentType?: string;
  /** Instead of a body, what is read while it is sent: a large Binary in its native form, the rows of a view. */
  readonly stream?: {
    readonly length?: number; // none: nobody knows until the end
    readonly chunks: () => AsyncIterable<Uint8Array | string>;
  };
  readonly version?: Stored; // the version it speaks of: ETag and Last-Modified
  readonly location?: string; // absolute
  readonly headers?: Readonly<Record<string, string>>;
  readonly awaited?: Awaited; // there is no answer yet
  readonly isOutcome?: true; // the body tells of what was done, it is not what was asked for
  /** What the body shows besides `version`, for the record of the access. */
  readonly shown?: readonly Stored[];
  /** The entries of a batch or transaction, for the record of the access. */
  readonly parts?: readonly Part[];
}

/** An entry of a batch or transaction, and its answer. */
export interface Part {
  readonly method: string;
  readonly url: string; // as the entry has it
  readonly answer: Pick<Answer, 'status' | 'version' | 'shown'>;
}

/** The entity tag of a version. See https://hl7.org/fhir/R4/http.html#versioning */
export const etag = ({ version }: Stored): string => `W/"${version}"`;

/** When a version was made, as HTTP writes it. */
export const lastModified = ({ lastUpdated }: Stored): string => toHttpDate(lastUpdated);

/** The URL of one version. */
export const versionUrl = (base: string, { type, id, version }: Stored): string =>
  `${base}/${type}/${id}/_history/${version}`;

/** All headers that carry meaning: those of the version first. */
export const headersOf = ({ version, location, headers }: Answer): Record<string, string> => ({
  ...(version ? { etag: etag(version), 'last-modified': lastModified(version) } : {}),
  ...(location === undefined ? {} : { location }),
  ...headers,
});

/** The answer for an error that is told to the caller. */
export const refusal = (
  { status, issue, headers }: FhirError,
  issuesTold = defaultLimits.issuesTold,
): Answer => ({
  status,
  body: JSON.stringify(toOutcome(firstIssues(issue, issuesTold))),
  headers,
});
