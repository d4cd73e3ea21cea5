import type { Account, Parameters } from '@medplum/fhirtypes';
import { held } from '../billing/collection/hold.ts';
import { readResource, updateResource } from '../interaction/repository.ts';
import { unprocessable } from '../outcome/fhirError.ts';
import { decided, wrongValue } from '../outcome/issue.ts';
import { holdReasonInput } from './collection/holdReasonInput.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';

/** POST [base]/Account/[id]/$hold: nothing more is asked, sent or collected, as its reason says. */
export const accountHold: Operation = {
  definition: operationDefinition('Account-hold'),
  permission: 'collect',
  async run({ context, tx, input, target, on }): Promise<Parameters> {
    const reason = holdReasonInput(input);
    const account = await readResource<Account & { id: string }>(tx, 'Account', target.id ?? '');
    const start = parameter(input, 'start')?.valueDate ?? on;
    const end = parameter(input, 'end')?.valueDate;
    if (end !== undefined && end < start) {
      const at = "Parameters.parameter.where(name='end').value";
      throw unprocessable([wrongValue('end-before-start', at, 'the last day is before the first')]);
    }
    const next = held(account, { reason, start, end });
    if (next === account)
      return answer(
        [['account', account]],
        [decided('already-there', 'Account', `the hold ${reason} stands; nothing was written again`)],
      );
    const written = await updateResource(context, tx, next);
    return answer(
      [['account', written]],
      [decided('held', 'Account', `the Account is held back: ${reason}, from ${start} on`)],
    );
  },
};
