import { MongoBulkWriteError } from 'mongodb';
import { toError } from '../connection/transient.ts';

/**
 * What went wrong with one of the writes of an unordered bulk; undefined when it was done. Where the whole was not
 * confirmed, that is the error of each that has none of its own.
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
