import type { Bundle, BundleEntry, Claim, ClaimResponse, Resource } from '@medplum/fhirtypes';
import { unprocessable } from '../outcome/fhirError.ts';
import { wrongValue } from '../outcome/issue.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { parameter } from './parameters.ts';
import { receiveClaim } from './claim/receiveClaim.ts';
import { submitClaim } from './submission/submitClaim.ts';

/**
 * POST [base]/Claim/$submit, the operation of R4 core: a Claim, or a Bundle of Claims, stored here where it is not yet.
 * See https://hl7.org/fhir/R4/claim-operation-submit.html
 */
export const claimSubmitResource: Operation = {
  definition: operationDefinition('Claim-submit-resource'),
  async run(call): Promise<ClaimResponse | Bundle> {
    const resource = parameter(call.input, 'resource')?.resource;
    if (resource?.resourceType === 'Claim') {
      return submitClaim(call, await receiveClaim(call, resource), call.on);
    }
    const entry: BundleEntry[] = [];
    for (const claim of claimsOf(resource)) {
      const response = await submitClaim(call, await receiveClaim(call, claim), call.on);
      const fullUrl = `${call.context.publicUrl}/ClaimResponse/${response.id ?? ''}`;
      entry.push({ fullUrl, resource: response });
    }
    return { resourceType: 'Bundle', type: 'collection', entry };
  },
};

/** The Claims of a Bundle; 422 naming every entry that is none. */
function claimsOf(resource: Resource | undefined): Claim[] {
  const place = "Parameters.parameter.where(name='resource').resource";
  if (resource?.resourceType !== 'Bundle' || !resource.entry?.length) {
    throw unprocessable([wrongValue('not-a-claim', place, 'must be a Claim or a Bundle of Claims')]);
  }
  const entries = resource.entry.map((e) => e.resource);
  const faults = entries.flatMap((e, i) =>
    e?.resourceType === 'Claim'
      ? []
      : [wrongValue('not-a-claim', `${place}.entry[${i}].resource`, 'must be a Claim')],
  );
  if (faults.length > 0) throw unprocessable(faults);
  return entries.filter((e) => e?.resourceType === 'Claim');
}
