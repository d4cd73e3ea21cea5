/** An answer as tests look at it. */
export interface FhirAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Sends a request with FHIR JSON to a server in another process. */
export async function fhirRequest(method: string, url: string, body?: object): Promise<FhirAnswer> {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/fhir+json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
}

/** What an OperationOutcome with one issue looks like. */
export const outcomeOf = (issue: string, code: string): object => ({
  resourceType: 'OperationOutcome',
  issue: [{ code: issue, details: { coding: [{ code }] } }],
});
