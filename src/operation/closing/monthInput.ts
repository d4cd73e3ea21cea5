import { badRequest } from '../../outcome/fhirError.ts';
import type { Call } from '../operation.ts';
import { parameter } from '../parameters.ts';

const month = /^\d{4}-(?:0[1-9]|1[0-2])$/;

/** Parameter `month`, as 2026-10; 400 for anything else. */
export function monthInput({ input }: Pick<Call, 'input'>): string {
  const given = parameter(input, 'month')?.valueDate ?? '';
  if (month.test(given)) return given;
  const at = "Parameters.parameter.where(name='month').value";
  throw badRequest('malformed-value', 'month must be a year and month, as 2026-10', at);
}
