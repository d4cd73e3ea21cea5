import type { Parameters } from '@medplum/fhirtypes';
import { addDays } from '../datatypes/date.ts';
import type { Awaited } from '../interaction/rest/answer.ts';
import { fhirError, unprocessable } from '../outcome/fhirError.ts';
import { wrongValue } from '../outcome/issue.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { dayOf } from './parameters.ts';
import { backTest, type Asked } from './rule/backTest.ts';
import { ruleNamed } from './rule/ruleNamed.ts';

/** POST [base]/Basic/[id]/$back-test: what a scrub rule would have done with the claims that were sent. */
export const basicBackTest: Operation = {
  definition: operationDefinition('Basic-back-test'),
  permission: 'scrub-rules',
  async run(call): Promise<Awaited> {
    if (call.isPart)
      throw fhirError(422, 'not-supported', 'not-in-bundle', 'a back-test cannot be part of a transaction');
    const { basic } = await ruleNamed(call);
    return { awaited: JSON.stringify({ basic, ...periodOf(call), on: call.on } satisfies Asked) };
  },
  answer: (context, { awaited }, dryRun): Promise<Parameters> =>
    backTest(context, JSON.parse(awaited) as Asked, dryRun),
};

/** The days on which the claims were sent; the year before, where nothing is said. */
export function periodOf({ input, on }: Call): { readonly from: string; readonly to: string } {
  const to = dayOf(input, 'to') ?? on;
  const from = dayOf(input, 'from') ?? addDays(to, -365);
  if (from > to) {
    const place = "Parameters.parameter.where(name='from').value";
    throw unprocessable([wrongValue('period-turned', place, 'the first day is after the last')]);
  }
  return { from, to };
}
