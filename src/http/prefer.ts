import type { Return } from '../interaction/rest/request.ts';

export interface Prefer {
  readonly answer?: Return;
  readonly lenient: boolean;
  readonly async: boolean;
}

const none: Prefer = { lenient: false, async: false };

/**
 * Reads the Prefer header; a preference that is not known is no fault, says RFC 7240.
 * See https://hl7.org/fhir/R4/http.html#prefer
 */
export function preferOf(header: string | string[] | undefined): Prefer {
  if (header === undefined) return none;
  const text = String(header);
  const answer = /(?:^|[,;\s])return="?(representation|minimal|OperationOutcome)\b/.exec(text)?.[1] as
    Return | undefined;
  return {
    ...(answer ? { answer } : {}),
    lenient: /(?:^|[,;\s])handling="?lenient\b/.test(text),
    async: /(?:^|[,;\s])respond-async\b/.test(text),
  };
}
