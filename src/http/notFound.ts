import { unsupported } from '../outcome/fhirError.ts';
import type { Step } from './exchange.ts';

/** The last step but one: nobody before has answered. */
export const notFound: Step = (request) => {
  const text = `nothing answers at ${request.path.slice(0, 100)}; FHIR is at /fhir, health at /healthz and /readyz`;
  throw unsupported(404, 'unknown-path', text);
};
