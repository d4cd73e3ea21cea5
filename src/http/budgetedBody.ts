import type { IncomingMessage } from 'node:http';
import { readBody, stalledBody, type BodyBounds } from './body.ts';
import { emptyReservation, unbudgetedBytesMax, type BodyBudget, type Reservation } from './bodyBudget.ts';

/** A complete body, and what it has reserved of the budget until the request is done. */
export interface BudgetedBody {
  readonly bytes: Buffer;
  readonly reservation: Reservation;
}

/**
 * Reads the body of a request within the budget. Bytes are counted as they arrive, not as announced; a complete body
 * makes its reservation in the order of completion, and is processed from then on.
 */
export async function budgetedBody(
  request: IncomingMessage,
  bytesMax: number,
  budget: BodyBudget,
  bounds: Omit<BodyBounds, 'bytesMax' | 'arrival'> = {},
): Promise<BudgetedBody> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > 0 && announced < unbudgetedBytesMax && request.headers['content-encoding'] === undefined)
    return { bytes: await readBody(request, { ...bounds, bytesMax }), reservation: emptyReservation };
  const { promise: stalled, reject } = Promise.withResolvers<never>();
  const arrival = budget.arrivals.begin(() => {
    reject(stalledBody());
  });
  try {
    const bytes = await Promise.race([readBody(request, { ...bounds, bytesMax, arrival }), stalled]);
    return { bytes, reservation: await budget.reserve(bytes.length) };
  } finally {
    arrival.end();
  }
}
