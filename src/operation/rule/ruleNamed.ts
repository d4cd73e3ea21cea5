import type { Basic } from '@medplum/fhirtypes';
import { isDataRule, readRule, type DataRule } from '../../billing/rule/dataRule.ts';
import { idOf } from '../../datatypes/reference.ts';
import { readResource } from '../../interaction/repository.ts';
import { hasPermission } from '../../interaction/permits.ts';
import { fhirError, unprocessable } from '../../outcome/fhirError.ts';
import { businessFault } from '../../outcome/issue.ts';
import { requireOwnPractice } from '../closing/ownPractice.ts';
import type { Call } from '../operation.ts';

/** The rule that an operation is called on; one of all practices is for who administers. */
export async function ruleNamed({
  context,
  tx,
  target,
}: Call): Promise<{ readonly basic: Basic & { id: string }; readonly rule: DataRule }> {
  const basic = await readResource<Basic & { id: string }>(tx, 'Basic', target.id ?? '');
  if (!isDataRule(basic)) {
    const text = 'this Basic is no scrub rule';
    throw unprocessable([businessFault('not-a-scrub-rule', 'Basic.code', text)]);
  }
  const { rule, faults } = readRule(basic);
  if (faults.length > 0) throw unprocessable([...faults]);
  const practice = idOf(basic.author, 'Organization');
  if (practice !== undefined) requireOwnPractice(context, practice);
  else if (!hasPermission(context, 'administer'))
    throw fhirError(403, 'forbidden', 'not-permitted', 'A rule of all practices is for who administers');
  return { basic, rule };
}
