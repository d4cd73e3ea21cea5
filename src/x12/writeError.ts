/** Data that cannot be written as X12 as it is. The sentence holds no value. */
export class X12WriteError extends Error {}
