import type { Parameters } from '@medplum/fhirtypes';
import { addDays } from '../datatypes/date.ts';
import { zero } from '../datatypes/cents.ts';
import { unprocessable } from '../outcome/fhirError.ts';
import { decided, missing } from '../outcome/issue.ts';
import { secondPerson } from './approval/secondPerson.ts';
import { closedThrough } from './closing/closing.ts';
import { closingOf, keepStep } from './closing/keepStep.ts';
import { monthInput } from './closing/monthInput.ts';
import { requireOwnPractice } from './closing/ownPractice.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';

/** POST [base]/Organization/[id]/$reopen-period: opens a closed month and all after it; one proposes, another approves. */
export const organizationReopenPeriod: Operation = {
  definition: operationDefinition('Organization-reopen-period'),
  permission: 'close-period',
  async run(call): Promise<Parameters> {
    requireOwnPractice(call.context, call.target.id ?? '');
    const month = monthInput(call);
    const reason = parameter(call.input, 'reason')?.valueString?.trim() ?? '';
    const at = "Parameters.parameter.where(name='reason').value";
    if (reason === '') throw unprocessable([missing('reason-missing', at, 'the reason is missing')]);
    const found = await closingOf(call);
    const before = closedThrough(found.record);
    if (before === undefined || before < `${month}-01`)
      return answer([], [decided('already-there', 'Basic', `${month} is not closed; nothing was written`)]);
    const practice = { reference: found.practice };
    const waiting = await secondPerson(call, {
      ...{ operation: 'reopen-period', isAlways: true, amount: zero, atStake: zero, practice },
      text: `the books of ${found.practice} are to be opened again from ${month} on`,
    });
    if (waiting) return waiting;
    const through = addDays(`${month}-01`, -1);
    const closing = await keepStep(call, found, { step: 'reopen', through, reason });
    return answer(
      [['closing', closing]],
      [decided('updated', 'Basic', `the books are open again from ${month}-01 on`)],
    );
  },
};
