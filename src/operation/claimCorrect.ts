import type { Claim, Parameters } from '@medplum/fhirtypes';
import { changeReasons } from '../billing/claim/correctionRule.ts';
import { readResource } from '../interaction/repository.ts';
import { unprocessable } from '../outcome/fhirError.ts';
import { missing, unknownCode } from '../outcome/issue.ts';
import { correctClaim } from './claim/correctClaim.ts';
import type { Correcting } from './claim/correcting.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';

type Written = Claim & { id: string };

/** POST [base]/Claim/[id]/$correct: drafts what replaces a claim that was answered, as its payer takes corrections. */
export const claimCorrect: Operation = {
  definition: operationDefinition('Claim-correct'),
  permission: 'draft-claim',
  async run(call): Promise<Parameters> {
    const claim = await readResource<Written>(call.tx, 'Claim', call.target.id ?? '');
    const { claim: draft, issues } = await correctClaim(call, claim, correctingOf(call));
    return answer([['claim', draft]], issues);
  },
};

/** Why, in words and, where the payer asks for it, by its code. */
export function correctingOf({ input }: Call): Correcting {
  const at = (name: string): string => `Parameters.parameter.where(name='${name}').value`;
  const reason = (parameter(input, 'reason')?.valueString ?? '').trim();
  if (reason === '') throw unprocessable([missing('reason-missing', at('reason'), 'say why')]);
  const changeReason = parameter(input, 'changeReason')?.valueCode;
  if (changeReason !== undefined && !changeReasons.includes(changeReason)) {
    const text = `a claim change reason is one of ${changeReasons.join(', ')}`;
    throw unprocessable([unknownCode('change-reason-unknown', at('changeReason'), text)]);
  }
  return { reason, changeReason };
}
