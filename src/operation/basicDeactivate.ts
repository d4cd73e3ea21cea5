import type { Basic, Parameters } from '@medplum/fhirtypes';
import { updateResource } from '../interaction/repository.ts';
import { decided } from '../outcome/issue.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { answer } from './parameters.ts';
import { ruleNamed } from './rule/ruleNamed.ts';
import { withStatus } from './rule/stopped.ts';

/** POST [base]/Basic/[id]/$deactivate: a scrub rule is a draft again. */
export const basicDeactivate: Operation = {
  definition: operationDefinition('Basic-deactivate'),
  permission: 'scrub-rules',
  async run(call): Promise<Parameters> {
    const { basic, rule } = await ruleNamed(call);
    if (rule.status === 'draft')
      return answer([['rule', basic]], [decided('already-there', 'Basic', `rule ${rule.name} is a draft`)]);
    const written = await updateResource<Basic>(call.context, call.tx, withStatus(basic, 'draft'));
    return answer([['rule', written]], [decided('updated', 'Basic', `rule ${rule.name} is switched off`)]);
  },
};
