/** In place of a run, for an operation that only begins work. */
export const answeredLater = (): Promise<never> =>
  Promise.reject(new Error('an export has no answer of its own'));
