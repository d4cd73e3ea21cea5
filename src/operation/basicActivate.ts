import type { Basic, Parameters } from '@medplum/fhirtypes';
import { addDays } from '../datatypes/date.ts';
import { extensionOf } from '../datatypes/extension.ts';
import { isOpen } from '../datatypes/openTask.ts';
import { updateResource } from '../interaction/repository.ts';
import { conflict } from '../outcome/fhirError.ts';
import { decided } from '../outcome/issue.ts';
import { extension } from '../terminology/system.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { answer } from './parameters.ts';
import { testedHash } from './rule/backTest.ts';
import { ruleNamed } from './rule/ruleNamed.ts';
import { withStatus } from './rule/stopped.ts';
import { holderOf, taskKey } from './uniqueKey.ts';
import { closeTask } from './worklist/task.ts';

/** A test counts for so many days. */
const daysOfTest = 90;

/** POST [base]/Basic/[id]/$activate: claims are held against a scrub rule from now on, once it was tested as it is. */
export const basicActivate: Operation = {
  definition: operationDefinition('Basic-activate'),
  permission: 'scrub-rules',
  async run(call): Promise<Parameters> {
    const { basic, rule } = await ruleNamed(call);
    if (rule.status === 'active')
      return answer([['rule', basic]], [decided('already-there', 'Basic', `rule ${rule.name} is on`)]);
    const test = extensionOf(basic, extension.scrubRuleTest);
    const of = (name: string) => extensionOf(test, name);
    const refuse = (text: string): Error => conflict('back-test-missing', text, 'Basic.extension');
    if (!test) throw refuse(`rule ${rule.name} was not tested: Basic/[id]/$back-test first`);
    if (of('tested')?.valueString !== testedHash(rule))
      throw refuse(`rule ${rule.name} is not what was tested: test it again`);
    if ((of('on')?.valueDate ?? '') < addDays(call.today, -daysOfTest))
      throw refuse(`the test of rule ${rule.name} is older than ${daysOfTest} days: test it again`);
    if (of('unfinished')?.valueBoolean === true)
      throw refuse(`rule ${rule.name} did not end when it was tested: change it`);
    const task = await holderOf(call.tx, taskKey('scrub-rule', `Basic/${basic.id}`, 'did-not-end'));
    if (task && isOpen(task)) await closeTask(call, task);
    const written = await updateResource<Basic>(call.context, call.tx, withStatus(basic, 'active'));
    return answer([['rule', written]], [decided('updated', 'Basic', `rule ${rule.name} is switched on`)]);
  },
};
