import type { Account, Parameters } from '@medplum/fhirtypes';
import { released } from '../billing/collection/hold.ts';
import { readResource, updateResource } from '../interaction/repository.ts';
import { decided } from '../outcome/issue.ts';
import { holdReasonInput } from './collection/holdReasonInput.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { answer } from './parameters.ts';

/** POST [base]/Account/[id]/$release-hold: the Account stands under the hold no longer from the business date on. */
export const accountReleaseHold: Operation = {
  definition: operationDefinition('Account-release-hold'),
  permission: 'collect',
  async run({ context, tx, input, target, on }): Promise<Parameters> {
    const reason = holdReasonInput(input);
    const account = await readResource<Account & { id: string }>(tx, 'Account', target.id ?? '');
    const next = released(account, reason, on);
    if (next === account)
      return answer(
        [['account', account]],
        [decided('already-there', 'Account', `no hold ${reason} stands; nothing was written`)],
      );
    const written = await updateResource(context, tx, next);
    return answer(
      [['account', written]],
      [decided('released', 'Account', `the hold ${reason} stands no longer from ${on} on`)],
    );
  },
};
