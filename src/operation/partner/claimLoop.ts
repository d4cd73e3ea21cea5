import type { Transmission } from '../../gateway/gateway.ts';
import type { Loop } from '../../x12/loop.ts';
import { X12WriteError } from '../../x12/writeError.ts';
import type { OperationContext } from '../operation.ts';

/**
 * A claim as loop 2000A of its 837, with the levels below it numbered from 1; what cannot be written throws an
 * X12WriteError that says why.
 */
export type ClaimLoop = (context: OperationContext, transmission: Transmission) => Promise<Loop>;

export const claimLoop: ClaimLoop = (context, transmission) => {
  if (!context.claimLoop) throw new X12WriteError('This server writes no claims as X12.');
  return context.claimLoop(context, transmission);
};
