import { refusal, type Answer } from '../interaction/rest/answer.ts';
import { defaultLimits } from '../interaction/limits.ts';
import { FhirError } from '../outcome/fhirError.ts';
import { toOutcome } from '../outcome/issue.ts';
import { isTroubleError } from '../outcome/trouble.ts';
import type { Log } from './log.ts';

/** The only place where an error becomes a response. What we did not foresee is a 500 and says nothing. */
export function outcomeHandler(
  error: unknown,
  requestId: string,
  log: Log,
  issuesTold = defaultLimits.issuesTold,
): Answer {
  if (error instanceof FhirError && error.status < 500) return refusal(error, issuesTold);
  if (error instanceof FhirError && isTroubleError(error)) return refusal(error, issuesTold);
  const cause = error instanceof Error ? (error.stack ?? error.message) : 'not an error';
  log.error({ requestId, error: cause });
  if (error instanceof FhirError && error.status === 503) {
    const answer = refusal(error);
    const saysWhen = Object.keys(error.headers).some((name) => name.toLowerCase() === 'retry-after');
    return saysWhen ? answer : { ...answer, headers: { ...error.headers, 'retry-after': '1' } };
  }
  const diagnostics = `request ${requestId}`;
  return {
    status: 500,
    body: JSON.stringify(toOutcome([{ severity: 'fatal', code: 'exception', diagnostics }])),
  };
}
