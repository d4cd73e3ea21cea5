import type { IncomingMessage } from 'node:http';
import { readBody } from './body.ts';
import { emptyReservation, unbudgetedBytesMax, type BodyBudget, type Reservation } from './bodyBudget.ts';

/** Milliseconds after which an upload is slow: a body still coming releases its reservation. */
const slowAfter = 2000;

/** A complete body, and what it has reserved of the budget until the request is done. */
export interface BudgetedBody {
  readonly bytes: Buffer;
  readonly reservation: Reservation;
}

/**
 * Reads the body of a request within the budget: until its bytes fit, the client is kept from sending, so that waiting
 * bodies fill no memory. Slow uploads release their memory reservation and take it back when complete.
 */
export async function budgetedBody(
  request: IncomingMessage,
  bytesMax: number,
  budget: BodyBudget,
): Promise<BudgetedBody> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > 0 && announced < unbudgetedBytesMax && request.headers['content-encoding'] === undefined)
    return { bytes: await readBody(request, bytesMax), reservation: emptyReservation };
  const reservation = await budget.reserve(Math.min(announced, bytesMax));
  const late = setTimeout(reservation.release, slowAfter);
  try {
    const bytes = await readBody(request, bytesMax);
    if (reservation.isHeld && bytes.length <= announced) return { bytes, reservation };
    reservation.release();
    return { bytes, reservation: await budget.reserve(bytes.length) };
  } catch (error) {
    reservation.release();
    throw error;
  } finally {
    clearTimeout(late);
  }
}
