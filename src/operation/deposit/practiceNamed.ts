import type { Organization } from '@medplum/fhirtypes';
import { referenceText } from '../../datatypes/reference.ts';
import { resolve } from '../../interaction/repository.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { unresolved } from '../../outcome/issue.ts';
import type { Call } from '../operation.ts';
import { parameter } from '../parameters.ts';

/** The practice whose money it is, named by parameter `practice`. */
export async function practiceNamed({ input, tx }: Call): Promise<string> {
  const named = parameter(input, 'practice')?.valueReference;
  const practice = await resolve<Organization>(tx, 'Organization', named);
  if (!practice) {
    const at = "Parameters.parameter.where(name='practice').value";
    throw unprocessable([unresolved('organization-unknown', at, 'names no Organization that is here')]);
  }
  return referenceText(practice);
}
