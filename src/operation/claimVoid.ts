import type { Claim, Parameters } from '@medplum/fhirtypes';
import { readResource } from '../interaction/repository.ts';
import { voidClaim } from './claim/correctClaim.ts';
import { correctingOf } from './claimCorrect.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { answer } from './parameters.ts';

type Written = Claim & { id: string };

/** POST [base]/Claim/[id]/$void: drafts the claim that takes another one back at its payer (frequency 8). */
export const claimVoid: Operation = {
  definition: operationDefinition('Claim-void'),
  permission: 'void',
  async run(call): Promise<Parameters> {
    const claim = await readResource<Written>(call.tx, 'Claim', call.target.id ?? '');
    const { claim: draft, issues } = await voidClaim(call, claim, correctingOf(call));
    return answer([['claim', draft]], issues);
  },
};
