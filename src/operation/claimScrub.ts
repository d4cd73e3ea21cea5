import type { Claim, OperationOutcome } from '@medplum/fhirtypes';
import { rules } from '../billing/scrub/rules/index.ts';
import { readResource } from '../interaction/repository.ts';
import { badRequest } from '../outcome/fhirError.ts';
import { decided, isFault, toOutcome } from '../outcome/issue.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { parameter } from './parameters.ts';
import { scrubClaim } from './submission/scrubClaim.ts';
import { tableEditsLeft } from './table/editsLeft.ts';

/** POST [base]/Claim/[id]/$scrub, [base]/Claim/$scrub: lists every fault a payer would find; changes nothing. */
export const claimScrub: Operation = {
  definition: operationDefinition('Claim-scrub'),
  permission: 'draft-claim',
  async run(call): Promise<OperationOutcome> {
    const claim = await claimOf(call);
    const issues = await scrubClaim(call, claim);
    const errors = issues.filter(isFault).length;
    const left = await tableEditsLeft(call, claim);
    const text = `${rules.length} rules were run: ${errors} errors, ${issues.length - errors} warnings`;
    return toOutcome([
      ...issues,
      decided('scrubbed', 'Claim', left === undefined ? text : `${text}; ${left}`),
    ]);
  },
};

async function claimOf({ tx, target, input }: Call): Promise<Claim> {
  const place = "Parameters.parameter.where(name='resource').resource";
  const resource = parameter(input, 'resource')?.resource;
  if (target.id !== undefined) {
    if (resource)
      throw badRequest('unexpected-parameter', 'the claim is named by the URL: leave resource out', place);
    return readResource<Claim>(tx, 'Claim', target.id);
  }
  if (resource?.resourceType !== 'Claim') throw badRequest('not-a-claim', 'resource must be a Claim', place);
  return resource;
}
