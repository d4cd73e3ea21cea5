import { badRequest, type FhirError } from '../outcome/fhirError.ts';

/** 400 for a search value that is not what its parameter takes; the value itself may be PHI and is not repeated. */
export const malformed = (_value: string, expected: string): FhirError =>
  badRequest('malformed-value', `A search value is not ${expected}`);
