/** An Idempotency-Key with its scope (principal, method, URL) and the hash of the body it came with. */
export interface Key {
  readonly text: string;
  readonly bodyHash: string;
}
