import type { Basic, Claim, ClaimResponse, Parameters, Task } from '@medplum/fhirtypes';
import { deniedBy } from '../billing/denial/denied.ts';
import { guideForReason } from '../billing/denial/denialGuide.ts';
import { ruleExtension, type DataRule } from '../billing/rule/dataRule.ts';
import { proposedRule } from '../billing/rule/proposal.ts';
import { codeOf, concept, has } from '../datatypes/coding.ts';
import { idOf, referenceText } from '../datatypes/reference.ts';
import { unversionedText } from '../datatypes/sentVersion.ts';
import { createResource, readResource, resolve } from '../interaction/repository.ts';
import type { Awaited } from '../interaction/rest/answer.ts';
import { fhirError, unprocessable } from '../outcome/fhirError.ts';
import { businessFault } from '../outcome/issue.ts';
import { system } from '../terminology/system.ts';
import { periodOf } from './basicBackTest.ts';
import { requireOwnPractice } from './closing/ownPractice.ts';
import { operationDefinition } from './definition.ts';
import { readGuide } from './denial/readGuide.ts';
import type { Call, Operation } from './operation.ts';
import { backTest, testedHash, type Asked } from './rule/backTest.ts';
import { proposedRuleKey } from './rule/ruleKey.ts';
import { holderOf, reserveKey } from './uniqueKey.ts';

/** POST [base]/Task/[id]/$propose-rule: a denial becomes a draft of a scrub rule, tested on past claims. */
export const taskProposeRule: Operation = {
  definition: operationDefinition('Task-propose-rule'),
  permission: 'scrub-rules',
  async run(call): Promise<Awaited> {
    if (call.isPart)
      throw fhirError(422, 'not-supported', 'not-in-bundle', 'a back-test cannot be part of a transaction');
    const rule = await ruleOf(call);
    const basic = await keptRule(call, rule);
    return { awaited: JSON.stringify({ basic, ...periodOf(call), on: call.on } satisfies Asked) };
  },
  answer: (context, { awaited }, dryRun): Promise<Parameters> =>
    backTest(context, JSON.parse(awaited) as Asked, dryRun),
};

/** The draft of this pattern that is there already, else a new one. */
async function keptRule({ context, tx }: Call, rule: DataRule): Promise<Basic> {
  const key = proposedRuleKey(testedHash(rule));
  const known = await holderOf(tx, key);
  if (known) return known;
  const basic = await createResource<Basic>(context, tx, {
    resourceType: 'Basic',
    code: concept(system.basic, 'scrub-rule'),
    author: { reference: rule.practice ?? '' },
    extension: [ruleExtension(rule)],
  });
  await reserveKey(tx, key, referenceText(basic));
  return basic;
}

/** The rule that a denial suggests; 422 where it says nothing that a rule could hold on to. */
async function ruleOf(call: Call): Promise<DataRule> {
  const { tx } = call;
  const task = await readResource<Task & { id: string }>(tx, 'Task', call.target.id ?? '');
  if (!has(task.code, system.task, 'denial'))
    throw unprocessable([businessFault('not-a-denial', 'Task.code', `${referenceText(task)} is no denial`)]);
  const claim = await resolve<Claim>(tx, 'Claim', task.focus);
  const response = await resolve<ClaimResponse>(tx, 'ClaimResponse', task.reasonReference);
  const carc = codeOf(task.reasonCode, system.carc);
  const practice = unversionedText(claim?.provider.reference);
  const payer = unversionedText(claim?.insurer?.reference) ?? '';
  const denied = response && carc !== undefined ? deniedBy(response).get(carc) : undefined;
  requireOwnPractice(call.context, idOf(claim?.provider, 'Organization') ?? '');
  if (claim && denied && practice !== undefined) {
    const guide = guideForReason(await readGuide(tx), denied.carc, payer);
    const cure = `Look at it before it is sent: ${guide.text}.`;
    const rule = proposedRule({
      practice,
      payer,
      carc: denied.carc,
      claim,
      sequences: denied.sequences,
      cure,
    });
    if (rule) return rule;
  }
  const text =
    'the claim says nothing that a rule could hold on to: the reason lies elsewhere, or no service was named';
  throw unprocessable([businessFault('nothing-to-propose', 'Task', text)]);
}
