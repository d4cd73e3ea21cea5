import type { Contract, Parameters } from '@medplum/fhirtypes';
import { isPlan } from '../billing/collection/plan.ts';
import { changed } from '../datatypes/json.ts';
import { readResource, updateResource } from '../interaction/repository.ts';
import { unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided } from '../outcome/issue.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';

/** POST [base]/Contract/[id]/$end-plan: a payment plan is kept no longer. */
export const contractEndPlan: Operation = {
  definition: operationDefinition('Contract-end-plan'),
  permission: 'collect',
  async run({ context, tx, target, input }): Promise<Parameters> {
    const plan = await readResource<Contract & { id: string }>(tx, 'Contract', target.id ?? '');
    const name = `Contract/${plan.id}`;
    if (!isPlan(plan))
      throw unprocessable([businessFault('not-a-plan', 'Contract.type', `${name} is no plan`)]);
    if (plan.status !== 'executed')
      return answer(
        [['plan', plan]],
        [decided('already-there', 'Contract', `${name} is ${plan.status ?? ''}`)],
      );
    const ended = await updateResource(
      context,
      tx,
      changed(plan, {
        status: 'terminated' as const,
        legalState: { text: (parameter(input, 'reason')?.valueString ?? '').trim() },
      }),
    );
    return answer([['plan', ended]], [decided('plan-ended', 'Contract', `${name} is ended`)]);
  },
};
