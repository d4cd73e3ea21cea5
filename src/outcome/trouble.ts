import { FhirError, fhirError } from './fhirError.ts';
import { codeOfIssue } from './issue.ts';

/** Why a store that is served is not whole. `full` and `gone` may end by themselves, `damaged` does not. */
export interface Trouble {
  readonly kind: 'full' | 'damaged' | 'gone';
  /** One sentence: what is wrong and what to do. */
  readonly text: string;
}

const codes: readonly string[] = ['store-full', 'store-damaged', 'store-gone'];

/** True for an answer that tells of a trouble: it was logged when it began, so that no request logs it again. */
export const isTroubleError = (error: unknown): boolean =>
  error instanceof FhirError && error.issue.some((issue) => codes.includes(codeOfIssue(issue) ?? ''));

/** What a request is answered with that the trouble of its store concerns. */
export function troubleError({ kind, text }: Trouble): FhirError {
  if (kind === 'full') return fhirError(507, 'no-store', 'store-full', text);
  const { issue } = fhirError(503, 'exception', `store-${kind}`, text);
  return new FhirError(503, issue, { 'retry-after': '60' });
}
