import type { Parameters } from '@medplum/fhirtypes';
import { holdReasons, isHoldReason, type HoldReason } from '../../billing/collection/hold.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { unknownCode } from '../../outcome/issue.ts';
import { parameter } from '../parameters.ts';

/** Which hold is meant; 422 for one there is not. */
export function holdReasonInput(input: Parameters): HoldReason {
  const reason = parameter(input, 'reason')?.valueCode;
  if (isHoldReason(reason)) return reason;
  const text = `the reason is one of ${holdReasons.join(', ')}`;
  throw unprocessable([unknownCode('hold-reason', "Parameters.parameter.where(name='reason').value", text)]);
}
