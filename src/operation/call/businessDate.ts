import type { Parameters } from '@medplum/fhirtypes';
import { isDate } from '../../datatypes/date.ts';
import { badRequest } from '../../outcome/fhirError.ts';
import { parameter } from '../parameters.ts';

/** The day a step counts as done: parameter `businessDate`, else today where the practice is; 400 for a day to come. */
export function businessDate(today: string, input: Parameters): string {
  const given = parameter(input, 'businessDate')?.valueDate;
  if (given === undefined) return today;
  const place = "Parameters.parameter.where(name='businessDate').value";
  if (!isDate(given)) throw badRequest('malformed-value', 'businessDate must be a full date', place);
  if (given > today)
    throw badRequest('business-date-in-future', `businessDate ${given} is after ${today}`, place);
  return given;
}
