import { badRequest, unsupported } from '../../outcome/fhirError.ts';
import type { Answer } from '../rest/answer.ts';
import { onlyParameters } from '../rest/onlyParameters.ts';
import { shapeOfOne } from '../rest/readShape.ts';
import type { FhirRequest } from '../rest/request.ts';

const what = 'metadata';

/**
 * GET [base]/metadata: the CapabilityStatement, or the part of it that is wanted. Of the modes there is `full`.
 * See https://hl7.org/fhir/R4/http.html#capabilities
 */
export function readCapabilities(request: Pick<FhirRequest, 'query'>, statement: string): Answer {
  const pairs = onlyParameters(request, what, ['mode', '_summary', '_elements']);
  const modes = pairs.filter(([name]) => name === 'mode').map(([, mode]) => mode);
  if (modes.length > 1) throw badRequest('repeated-parameter', 'mode can be given only once');
  for (const mode of modes) requireFull(mode);
  const wanted = shapeOfOne(
    pairs.filter(([name]) => name !== 'mode'),
    what,
  );
  return { status: 200, body: wanted('CapabilityStatement', statement) };
}

function requireFull(mode: string): void {
  if (mode === 'full') return;
  if (mode === 'normative' || mode === 'terminology')
    throw unsupported(400, 'not-supported', `metadata is served in mode full, not ${mode}`);
  throw badRequest('malformed-value', 'mode is one of full, normative, terminology');
}
