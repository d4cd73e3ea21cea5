import type { CodeableConcept, OperationOutcome, OperationOutcomeIssue } from '@medplum/fhirtypes';

const system = 'https://claimwright.example/fhir/CodeSystem/outcome';

export type Issue = OperationOutcomeIssue;
type Code = Issue['code'];

/** A stable code that a script can test, and one plain sentence for people. */
export const details = (code: string, text: string): CodeableConcept => ({
  coding: [{ system, code }],
  text,
});

const issue =
  (severity: Issue['severity'], kind: Code) =>
  (code: string, expression: string | undefined, text: string): Issue => ({
    severity,
    code: kind,
    details: details(code, text),
    ...(expression === undefined ? {} : { expression: [expression] }),
  });

/** A fault at one place of a resource; `expression` is its FHIRPath, as in Claim.item[0].quantity. */
export const invalid = issue('error', 'invalid');
export const structural = issue('error', 'structure');
export const invariant = issue('error', 'invariant');
export const missing = issue('error', 'required');
export const wrongValue = issue('error', 'value');
export const unknownCode = issue('error', 'code-invalid');
export const businessFault = issue('error', 'business-rule');
export const unresolved = issue('error', 'not-found');
export const warning = issue('warning', 'business-rule');
/** A decision that was taken, and why: what was chosen, from what. */
export const decided = issue('information', 'informational');

const allOk: Issue = { severity: 'information', code: 'informational', details: details('all-ok', 'All OK') };

/** The stable code of an issue of ours. */
export const codeOfIssue = (i: Issue): string | undefined =>
  i.details?.coding?.find((c) => c.system === system)?.code;

export const isFault = (i: Issue): boolean => i.severity === 'error' || i.severity === 'fatal';

/** The first issues of a long list, and how many more there are; one more is told as it is. */
export function firstIssues(issues: readonly Issue[], max: number): readonly Issue[] {
  if (issues.length <= max + 1) return issues;
  const text = `${issues.length - max} more issues are not shown`;
  return [...issues.slice(0, max), decided('more-issues', undefined, text)];
}

/** OperationOutcome.issue is 1..*, so "nothing wrong" is an issue too. */
export const toOutcome = (issues: readonly Issue[]): OperationOutcome => ({
  resourceType: 'OperationOutcome',
  issue: issues.length > 0 ? [...issues] : [allOk],
});
