import type { Parameters } from '@medplum/fhirtypes';
import { lastDayOf } from '../datatypes/month.ts';
import { unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided } from '../outcome/issue.ts';
import { closedThrough } from './closing/closing.ts';
import { closingOf, keepStep } from './closing/keepStep.ts';
import { monthInput } from './closing/monthInput.ts';
import { requireOwnPractice } from './closing/ownPractice.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { answer } from './parameters.ts';

/** POST [base]/Organization/[id]/$close-period: nothing is posted any more in the months up to this one. */
export const organizationClosePeriod: Operation = {
  definition: operationDefinition('Organization-close-period'),
  permission: 'close-period',
  async run(call): Promise<Parameters> {
    requireOwnPractice(call.context, call.target.id ?? '');
    const month = monthInput(call);
    const through = lastDayOf(month);
    if (through >= call.today) {
      const text = `${month} is not over: the practice has ${call.today}`;
      const at = "Parameters.parameter.where(name='month').value";
      throw unprocessable([businessFault('period-not-over', at, text)]);
    }
    const found = await closingOf(call);
    const { record } = found;
    const before = closedThrough(record);
    if (record && before !== undefined && before >= through)
      return answer(
        [['closing', record]],
        [decided('already-there', 'Basic', `the books are closed through ${before}; nothing was written`)],
      );
    const closing = await keepStep(call, found, { step: 'close', through });
    return answer(
      [['closing', closing]],
      [decided('created', 'Basic', `the books are closed through ${through}`)],
    );
  },
};
