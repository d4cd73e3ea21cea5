import { badRequest } from '../../outcome/fhirError.ts';
import type { Call } from '../operation.ts';
import { parameter } from '../parameters.ts';

/** A whole number within bounds; 400 for another. */
export function wholeOf(
  { input }: Pick<Call, 'input'>,
  name: string,
  { least, most = Number.MAX_SAFE_INTEGER }: { readonly least: number; readonly most?: number },
): number | undefined {
  const given = parameter(input, name)?.valueInteger;
  if (given === undefined) return undefined;
  if (Number.isInteger(given) && given >= least && given <= most) return given;
  const bound = most === Number.MAX_SAFE_INTEGER ? '' : ` and at most ${most.toString()}`;
  const text = `${name} is a whole number of at least ${least.toString()}${bound}`;
  throw badRequest('malformed-value', text, `Parameters.parameter.where(name='${name}').value`);
}
