import type { Basic } from '@medplum/fhirtypes';
import { isDataRule, readRule } from '../../billing/rule/dataRule.ts';
import { contentText } from '../../datatypes/content.ts';
import type { WriteHook } from '../../interaction/context.ts';
import { hasPermission } from '../../interaction/permits.ts';
import { conflict, fhirError, unprocessable } from '../../outcome/fhirError.ts';
import { extension } from '../../terminology/system.ts';

const testsOf = (basic: Basic | undefined): string =>
  contentText((basic?.extension ?? []).filter(({ url }) => url === extension.scrubRuleTest));

/**
 * A rule is written as a draft, by who may; it is switched on and off, and tested, by operations only. One that is
 * switched on stays as it is: what was tested is what runs.
 */
export const ruleHook: WriteHook = {
  types: ['Basic'],
  async run(context, _tx, { before, after, by }) {
    if (by === 'operation') return undefined;
    const found = await before();
    const former = found?.resourceType === 'Basic' && isDataRule(found) ? found : undefined;
    const now = after?.resourceType === 'Basic' && isDataRule(after) ? after : undefined;
    if (!former && !now) return undefined;
    const practice = (now ?? former)?.author;
    if (!hasPermission(context, 'scrub-rules') || (!practice && !hasPermission(context, 'administer'))) {
      const text =
        'A scrub rule is written by who has the permission scrub-rules, one of all practices by who administers';
      throw fhirError(403, 'forbidden', 'not-permitted', text);
    }
    const was = former ? readRule(former).rule : undefined;
    if (was?.status === 'active' && contentText(former?.extension) !== contentText(now?.extension)) {
      const text = `rule ${was.name} is switched on: Basic/[id]/$deactivate first, then change it and test it again`;
      throw conflict('scrub-rule-active', text, 'Basic.extension');
    }
    if (!now) return undefined;
    const { rule, faults } = readRule(now);
    if (faults.length > 0) throw unprocessable([...faults]);
    if (was?.status === 'active' && was.practice !== rule.practice)
      throw conflict('scrub-rule-active', `rule ${was.name} is switched on`, 'Basic.author');
    if (rule.status === 'active' && was?.status !== 'active') {
      const text = 'a rule is switched on by Basic/[id]/$activate, after Basic/[id]/$back-test';
      throw conflict('scrub-rule-active', text, 'Basic.extension');
    }
    // a draft may be written without what was found of it: it is to be tested again then
    if (testsOf(now) !== testsOf(undefined) && testsOf(former) !== testsOf(now)) {
      const text = 'what a back-test found is kept by Basic/[id]/$back-test';
      throw conflict('kept-by-the-books', text, 'Basic.extension');
    }
    return undefined;
  },
};
