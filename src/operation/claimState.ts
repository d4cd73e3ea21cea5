import type { Claim, Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { allowed, life } from '../billing/claim/life.ts';
import { referenceText } from '../datatypes/reference.ts';
import { readResource } from '../interaction/repository.ts';
import { priorClaimOf } from '../terminology/claimFrequency.ts';
import { lifeOf } from './claim/claimLife.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { correctionKey, holderOf } from './uniqueKey.ts';

type Written = Claim & { id: string };

/** GET [base]/Claim/[id]/$state: where a claim stands, what can be done with it, and what a refusal would say. */
export const claimState: Operation = {
  definition: operationDefinition('Claim-state'),
  async run({ tx, target, view }): Promise<Parameters> {
    const claim = await readResource<Written>(tx, 'Claim', target.id ?? '');
    const name = referenceText(claim);
    const { state, answer, answers, task } = await lifeOf(tx, claim, view);
    const { otherwise } = life[state];
    const correction = await holderOf(tx, correctionKey(name));
    const corrects = priorClaimOf(claim)?.claim;
    const responses = [...(answer ? [answer] : []), ...answers.filter((a) => a.id !== answer?.id)];
    const reference = (of: string, to: string): ParametersParameter => ({
      name: of,
      valueReference: { reference: to },
    });
    return {
      resourceType: 'Parameters',
      parameter: [
        { name: 'state', valueCode: state },
        ...allowed(claim, state).map((step) => ({ name: 'allows', valueCode: step })),
        { name: 'otherwise', valueString: `${name} ${otherwise}` },
        ...responses.map((r) => reference('response', referenceText(r))),
        ...(correction ? [reference('correction', referenceText(correction))] : []),
        ...(corrects === undefined ? [] : [reference('corrects', corrects)]),
        ...(task ? [reference('task', referenceText(task))] : []),
      ],
    };
  },
};
