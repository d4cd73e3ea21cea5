import { FhirError, fhirError } from './fhirError.ts';
import { codeOfIssue } from './issue.ts';

/** The fault of an open store. `full` and `gone` may end by themselves, `damaged` does not. */
export interface Trouble {
  readonly kind: 'full' | 'damaged' | 'gone';
  /** One sentence: what is wrong and what to do. */
  readonly text: string;
}

const codes: readonly string[] = ['store-full', 'store-damaged', 'store-gone'];

/** True for an error caused by such a fault: it was logged when it began, so requests do not log it again. */
export const isTroubleError = (error: unknown): boolean =>
  error instanceof FhirError && error.issue.some((issue) => codes.includes(codeOfIssue(issue) ?? ''));

/** The error for a request that fails by a fault of the store. */
export function troubleError({ kind, text }: Trouble): FhirError {
  if (kind === 'full') return fhirError(507, 'no-store', 'store-full', text);
  const { issue } = fhirError(503, 'exception', `store-${kind}`, text);
  return new FhirError(503, issue, { 'retry-after': '60' });
}
