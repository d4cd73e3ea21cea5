import { MongoBulkWriteError, MongoError, MongoNetworkError, MongoServerSelectionError } from 'mongodb';
import { FhirError, fhirError } from '../../../outcome/fhirError.ts';

/** Thrown inside a transaction that cannot succeed; it is retried, holding the keys it touched. */
export class Conflict extends Error {}
/** A write of a bulk that was not done, or not confirmed, because the server is shutting down or away. */
class Away extends Error {}

export const overtaken = (reference: string): Conflict => new Conflict(`${reference} was written by another`);

const duplicateKey = 11_000;
const writeConflict = 112;
/** Codes for: another server became the primary, or ours is shutting down. */
const failover = new Set([10_107, 13_435, 11_602, 189, 91, 11_600, 13_436, 262, 50]);

/** The meaning of a server's code for one write of a bulk. */
export function toError(code: number): Error {
  if (failover.has(code)) return new Away(`the server refused a write with code ${code}`);
  if (isOvertaken(code)) return new Conflict(`a write met another: code ${code}`);
  return new Error(`MongoDB refused a write with code ${code}`);
}

const isOvertaken = (code: number): boolean => code === duplicateKey || code === writeConflict;

const codeOf = (error: unknown): number => (error instanceof MongoError ? Number(error.code ?? 0) : 0);

export const isDuplicate = (error: unknown): boolean => codeOf(error) === duplicateKey;

/** True for errors after which the whole may succeed when it is repeated. */
export const isTransient = (error: unknown): boolean =>
  error instanceof Conflict ||
  error instanceof Away ||
  (error instanceof MongoError &&
    (error.hasErrorLabel('TransientTransactionError') ||
      error.hasErrorLabel('RetryableWriteError') ||
      isAway(error) ||
      isOvertaken(codeOf(error))));

/** True when the server does not answer or is not the one that takes writes. */
export function isAway(error: unknown): boolean {
  if (error instanceof MongoBulkWriteError) {
    // A bulk write wraps network errors, without their labels.
    const within: unknown = error.errorResponse;
    if (within instanceof MongoError) return isAway(within);
  }
  return (
    error instanceof Away ||
    error instanceof MongoNetworkError ||
    error instanceof MongoServerSelectionError ||
    (error instanceof MongoError && (error.name === 'MongoPoolClearedError' || failover.has(codeOf(error))))
  );
}

export const isUnknownCommit = (error: unknown): boolean =>
  error instanceof MongoError && (error.hasErrorLabel('UnknownTransactionCommitResult') || isAway(error));

/** 503: nothing was written, or the outcome is unknown; the client may repeat the request. */
export const busy = (): FhirError =>
  new FhirError(
    503,
    fhirError(503, 'transient', 'store-busy', 'The store could not do this just now; ask again').issue,
    { 'Retry-After': '1' },
  );

/** Runs a query; 503 when the server is away. */
export async function asked<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    if (isAway(error)) throw busy();
    throw error;
  }
}
