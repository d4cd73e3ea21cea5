import type { Gateway, Sent, Transmission } from './gateway.ts';

/** Where claims wait for the next interchange to their trading partner; handed in, for a gateway knows no store. */
export interface Outbox {
  /** Keeps a claim, once however often it is called for it; what cannot be written as an 837 is refused. */
  take(transmission: Transmission): Promise<Sent>;
  /** Whether a transmission was kept. */
  has(id: string): Promise<boolean>;
}

/**
 * Claims to payers by X12 interchanges. They leave in batches, so that `send` ends when the claim is kept for one; what
 * the partner says comes with 999, TA1, 277CA and 835. There are no interchanges for pharmacy claims.
 */
export const x12Gateway = (outbox: Outbox): Gateway => ({
  honoursAnsweredOn: false,
  claimTypes: ['institutional', 'oral', 'professional'],
  send: (transmission) => outbox.take(transmission),
  find: async (id) => ((await outbox.has(id)) ? { is: 'awaited' } : { is: 'absent' }),
});
