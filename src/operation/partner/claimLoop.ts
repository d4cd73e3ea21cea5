import { X12WriteError } from '../../x12/writeError.ts';
import type { ClaimLoop, OperationContext } from '../operation.ts';

/** A claim as it goes into an interchange. */
export const claimLoop = (
  context: OperationContext,
  transmission: Parameters<ClaimLoop>[1],
): ReturnType<ClaimLoop> => {
  if (!context.claimLoop) throw new X12WriteError('This server writes no claims as X12.');
  return context.claimLoop(context, transmission);
};
