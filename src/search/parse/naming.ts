import { FhirError } from '../../outcome/fhirError.ts';
import { codeOfIssue, details, type Issue } from '../../outcome/issue.ts';

/** Reads a value of a parameter; a fault of the value names the parameter. */
export function naming<T>(code: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    const named = error.issue.map((issue) => withName(issue, code));
    throw new FhirError(error.status, named, error.headers);
  }
}

function withName(issue: Issue, code: string): Issue {
  const { text = '' } = issue.details ?? {};
  if (text.startsWith(`${code}:`) || text.startsWith(`${code} `)) return issue;
  return { ...issue, details: details(codeOfIssue(issue) ?? '', `${code}: ${text}`) };
}
