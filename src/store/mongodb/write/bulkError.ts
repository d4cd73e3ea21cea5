import { MongoBulkWriteError } from 'mongodb';
import { toError } from '../connection/transient.ts';

/**
 * The error of one write of an unordered bulk; undefined when it was done. Where the whole bulk was not confirmed, each
 * write without an error of its own has that error.
 */
export function errorOfOne(error: unknown, place: number): unknown {
  if (!(error instanceof MongoBulkWriteError)) return error;
  const all = [error.writeErrors].flat();
  const own = all.find(({ index }) => index === place);
  if (own) return toError(own.code);
  const unconfirmed = error.result.getWriteConcernError();
  if (unconfirmed) return toError(unconfirmed.code ?? 0);
  return all.length === 0 ? error : undefined;
}
