import { details, type Issue } from './issue.ts';

/** Issues that the message of an error names: it is for the log, and an answer may have very many. */
const namedMax = 10;

/** The one error a caller is meant to see. Status: https://hl7.org/fhir/R4/http.html#Status-Codes */
export class FhirError extends Error {
  readonly status: number;
  readonly issue: readonly Issue[];
  /** What the answer says in its headers, as Allow of a 405. */
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, issue: readonly Issue[], headers: Readonly<Record<string, string>> = {}) {
    super(
      issue
        .slice(0, namedMax)
        .map((i) => i.details?.text)
        .join('; '),
    );
    this.status = status;
    this.issue = issue;
    this.headers = headers;
  }
}

/** An error of one issue: status, issue type of R4, our stable code, a sentence, the FHIRPath where there is one. */
export const fhirError = (
  status: number,
  kind: Issue['code'],
  code: string,
  text: string,
  expression?: string,
): FhirError =>
  new FhirError(status, [
    {
      severity: 'error',
      code: kind,
      details: details(code, text),
      ...(expression ? { expression: [expression] } : {}),
    },
  ]);

export const badRequest = (code: string, text: string, expression?: string): FhirError =>
  fhirError(400, 'invalid', code, text, expression);
export const notFound = (reference: string): FhirError =>
  fhirError(404, 'not-found', 'not-found', `${reference} is not known`);
export const gone = (reference: string): FhirError =>
  fhirError(410, 'deleted', 'deleted', `${reference} was deleted`);
export const stale = (reference: string): FhirError =>
  fhirError(412, 'conflict', 'version-conflict', `${reference} has changed since`);
export const severalMatches = (text: string): FhirError =>
  fhirError(412, 'multiple-matches', 'multiple-matches', text);
export const duplicate = (code: string, text: string, expression?: string): FhirError =>
  fhirError(409, 'duplicate', code, text, expression);
export const conflict = (code: string, text: string, expression?: string): FhirError =>
  fhirError(409, 'conflict', code, text, expression);
export const unsupported = (status: number, code: string, text: string): FhirError =>
  fhirError(status, 'not-supported', code, text);
/** 405, with the methods that are allowed. */
export const methodNotAllowed = (text: string, allow: string): FhirError =>
  new FhirError(
    405,
    [{ severity: 'error', code: 'not-supported', details: details('method-not-allowed', text) }],
    { allow },
  );
/** 422: a well-formed resource that fails structure or a billing rule; all faults at once. */
export const unprocessable = (issue: readonly Issue[]): FhirError => new FhirError(422, issue);
